import { parsePhoneNumberFromString } from 'libphonenumber-js'
import { expect, it } from 'vitest'
import { createUserCore } from '../../../src/create-user-core.ts'
import { memoryRepository } from '../../../src/memory/index.ts'
import { anonymous, system } from '../../../src/site/actor.ts'
import type { WantedValue } from '../../../src/site/host.ts'
import type { UserCoreError } from '../../../src/values/errors.ts'
import { withPeople } from '../../support/host.ts'

const ada = { username: 'ada' }

/** A site whose hook refuses all that it is asked about, with the fields of the questions. */
async function strict() {
  const asked: WantedValue[] = []
  const repository = memoryRepository()
  await withPeople(repository)
  const checkField = async (wanted: WantedValue) => {
    asked.push(wanted)
    return 'invalid' as const
  }
  const users = createUserCore({ repository, checkField })
  return { users, fields: () => asked.splice(0).map(({ field }) => field) }
}

const profile = {
  bio: 'new',
  city: 'Rome',
  country: 'IT',
  gender: 'o',
  goals: 'new',
  language_proficiencies: [{ code: 'fr' }],
  level_of_education: 'm',
  mailing_address: 'new',
  phone_number: '+1 (2) 3',
  social_links: [{ platform: 'x', social_link: 'x.com/new' }],
  state: 'CA',
  year_of_birth: 1977,
} as const
const patch = { ...profile, name: 'New Name', email: 'new@example.com', secondary_email: 'second@example.com' }

/** Every way in, with the fields that it writes. */
const waysIn: Readonly<
  Record<string, readonly [(users: Awaited<ReturnType<typeof withPeople>>) => Promise<unknown>, readonly string[]]>
> = {
  update: [(users) => users.accounts.update(ada, 'ada', patch), Object.keys(patch)],
  patch: [
    (users) =>
      users.accounts.patch(
        ada,
        'ada',
        Object.entries({ bio: 'new', name: 'New Name' }).map(([field, value]) => ({
          op: 'replace',
          path: `/${field}`,
          value,
        })),
      ),
    ['bio', 'name'],
  ],
  updateAsOperator: [
    (users) =>
      users.accounts.updateAsOperator(system, 'ada', {
        email: 'new@example.com',
        profile: { ...profile, name: 'New Name' },
      }),
    [...Object.keys(profile), 'email', 'name'],
  ],
  create: [
    (users) => users.accounts.create(anonymous, { username: 'cy', email: 'cy@example.com', name: 'Cy', profile }),
    [...Object.keys(profile), 'username', 'email', 'name'],
  ],
  requestNameChange: [(users) => users.accounts.requestNameChange(ada, 'ada', 'New Name'), ['name']],
}

it.each(Object.entries(waysIn))(
  '%s asks the hook about every value, and refuses what it refuses',
  async (_, [call, wanted]) => {
    const { users, fields } = await strict()
    const error = await call(users).then(
      () => {
        throw new Error('the change was taken')
      },
      (thrown: UserCoreError) => thrown,
    )
    expect(error.code).toBe('account_validation_error')
    expect(fields().sort()).toEqual([...wanted].sort())
    expect(error.issues.map(({ pointer }) => pointer.slice(1)).sort()).toEqual([...wanted].sort())
  },
)

it('validate says what the hook says', async () => {
  const { users, fields } = await strict()
  const values = { username: 'cy', email: 'cy@example.com', name: 'Cy', phone_number: '12', country: 'IT' }
  const decisions = await users.accounts.validate(values)
  expect(Object.values(decisions).map((decision) => !decision.valid && decision.reason)).toEqual(
    Array(5).fill('invalid'),
  )
  expect(fields().sort()).toEqual(Object.keys(values).sort())
})

it('is not asked about values that stay, that clear a field, and that the rules refuse', async () => {
  const { users, fields } = await strict()
  const { account } = await users.accounts.getVersioned(ada, 'ada')
  await users.accounts.update(ada, 'ada', {
    name: account.name ?? '',
    bio: null,
    city: ' ',
    language_proficiencies: [],
  })
  await users.accounts.update(ada, 'ada', { gender: 'nothing' as never }).catch(() => {})
  expect(fields()).toEqual([])
})

it('gets values in the form in which they are stored', async () => {
  const repository = memoryRepository()
  await withPeople(repository)
  const asked: unknown[] = []
  const users = createUserCore({ repository, checkField: ({ field, value }) => void asked.push([field, value]) })
  await users.accounts.update(ada, 'ada', {
    phone_number: '+1 (2) 3',
    bio: '  x ',
    language_proficiencies: [{ code: 'fr' }],
  })
  expect(asked).toEqual([
    ['phone_number', '+123'],
    ['bio', 'x'],
    ['language_proficiencies', ['fr']],
  ])
})

it('the recipe: phone numbers by libphonenumber-js, and addresses of two domains alone', async () => {
  const users = await withPeople(memoryRepository(), {
    checkField: ({ field, value }) => {
      if (field === 'phone_number' && parsePhoneNumberFromString(String(value))?.isValid() !== true)
        return 'invalid_format'
      if (field === 'email' && !/@(?:example\.com|example\.org)$/i.test(String(value))) return 'invalid_choice'
      return undefined
    },
  })
  await expect(
    users.accounts.update(ada, 'ada', { phone_number: '+39 12', email: 'ada@example.net' }),
  ).rejects.toMatchObject({
    field_errors: { phone_number: {}, email: {} },
  })
  await users.accounts.update(ada, 'ada', { phone_number: '+39 06 698 12345', email: 'ada@example.org' })
})
