import { describe, expect, it } from 'vitest'
import type { AccountPatch } from '../../../src/accounts/account.ts'
import { createUserCore, type UserCore, type UserCoreOptions } from '../../../src/create-user-core.ts'
import { memoryRepository } from '../../../src/memory/index.ts'
import type { Repository } from '../../../src/port/repository.ts'
import { identifierKey } from '../../../src/rules/index.ts'
import { type Actor, anonymous, system } from '../../../src/site/actor.ts'
import type { FieldHolder } from '../../../src/site/host.ts'
import { isUserCoreError } from '../../../src/values/errors.ts'
import { drain, passwords } from '../../support/host.ts'
import { onEachStore } from '../../support/stores.ts'

type Users = UserCore<unknown>

/** Fields that a patch can have, each with another value than the one that ada has. */
const patchable: Required<Omit<AccountPatch, 'email' | 'secondary_email'>> = {
  name: 'Countess',
  gender: 'f',
  year_of_birth: 1950,
  level_of_education: 'm',
  goals: 'goals',
  bio: 'bio',
  country: 'US',
  state: 'NY',
  city: 'London',
  mailing_address: 'London',
  phone_number: '+44123',
  language_proficiencies: [{ code: 'en' }],
  social_links: [{ platform: 'x', social_link: 'https://x.com/ada' }],
  account_privacy: 'private',
  extended_profile: { title: 'Dr' },
}
const addresses = { email: 'new@example.com', secondary_email: 'second@example.com' }

const ada: Actor = { username: 'ada' }
const eve: Actor = { username: 'eve', staff: true }

/** A way to write a field, with its actor. `prepare` runs while the field can still be written. */
interface Way {
  readonly field: string
  readonly way: string
  readonly by: Actor
  readonly prepare?: (free: Users, repository: Repository) => Promise<unknown>
  readonly write: (users: Users, prepared: unknown) => Promise<unknown>
  /** The pointer of the issue. Default: that of the field. */
  readonly at?: string
}

async function keyOf(users: Users, name: string): Promise<string> {
  return String((await drain(users)).findLast((message) => message.name === name)?.payload.key)
}

const byPatch = Object.entries({ ...patchable, ...addresses }).flatMap(([field, value]): Way[] => [
  ...[ada, system, { system: true, name: 'crm' } as const].map((by): Way => {
    return { field, way: 'update', by, write: (users) => users.accounts.update(by, 'ada', { [field]: value }) }
  }),
  {
    field,
    way: 'patch',
    by: ada,
    write: (users) => users.accounts.patch(ada, 'ada', [{ op: 'add', path: `/${field}`, value: value as never }]),
  },
])

const byOperator = Object.entries(patchable).flatMap(([field, value]): Way[] => {
  const create = (by: Actor): Way => ({
    field,
    way: 'create',
    by,
    write: ({ accounts }) =>
      accounts.create(by, { username: 'new', email: 'n@example.com', name: 'New', profile: { [field]: value } }),
  })
  return [
    {
      field,
      way: 'updateAsOperator',
      by: system,
      write: ({ accounts }) => accounts.updateAsOperator(system, 'ada', { profile: { [field]: value } }),
    },
    // A new account needs a name: it comes with the account.
    ...(field === 'name' ? [] : [create(anonymous), create(system)]),
  ]
})

const byPreference = ['account_privacy', 'time_zone', 'visibility.bio'].flatMap((field): Way[] => {
  const value = { account_privacy: 'all_users', time_zone: 'Europe/Rome' }[field] ?? 'all_users'
  return [
    ...[ada, system].map((by): Way => {
      return {
        field,
        way: 'preferences.update',
        by,
        write: ({ preferences }) => preferences.update(by, 'ada', { [field]: value }),
      }
    }),
    { field, way: 'preferences.set', by: ada, write: ({ preferences }) => preferences.set(ada, 'ada', field, value) },
    {
      field,
      way: 'preferences.delete',
      by: ada,
      prepare: ({ preferences }) => preferences.set(ada, 'ada', field, value),
      write: ({ preferences }) => preferences.delete(ada, 'ada', field),
    },
  ]
})

const bySideDoor: Way[] = [
  {
    field: 'state',
    way: 'update of the country alone',
    by: ada,
    prepare: ({ accounts }) => accounts.update(ada, 'ada', { country: 'US', state: 'MA' }),
    write: ({ accounts }) => accounts.update(ada, 'ada', { country: 'GB' }),
  },
  {
    field: 'name',
    way: 'requestNameChange',
    by: ada,
    write: ({ accounts }) => accounts.requestNameChange(ada, ada, 'New'),
  },
  {
    field: 'name',
    way: 'confirmNameChange',
    by: eve,
    prepare: ({ accounts }) => accounts.requestNameChange(ada, ada, 'New'),
    write: ({ accounts }) => accounts.confirmNameChange(eve, 'ada'),
  },
  ...[ada, eve, system].flatMap((by): Way[] => [
    {
      field: 'profile_image',
      way: 'setProfileImage',
      by,
      write: ({ accounts }) => accounts.setProfileImage(by, 'ada', { uploaded: true }),
    },
    {
      field: 'profile_image',
      way: 'setProfileImage, removal',
      by,
      prepare: ({ accounts }) => accounts.setProfileImage(ada, 'ada', { uploaded: true }),
      write: ({ accounts }) => accounts.setProfileImage(by, 'ada', { uploaded: false }),
    },
  ]),
  {
    field: 'email',
    way: 'updateAsOperator',
    by: system,
    write: ({ accounts }) => accounts.updateAsOperator(system, 'ada', { email: 'm@example.com' }),
  },
  {
    field: 'is_active',
    way: 'updateAsOperator',
    by: system,
    write: ({ accounts }) => accounts.updateAsOperator(system, 'ada', { is_active: false }),
  },
  {
    field: 'email',
    way: 'confirmEmailChange',
    by: ada,
    prepare: async (users) => {
      await users.accounts.update(ada, 'ada', { email: addresses.email })
      return keyOf(users, 'email_change_confirmation')
    },
    write: ({ accounts }, key) => accounts.confirmEmailChange(String(key)),
  },
  {
    field: 'secondary_email',
    way: 'confirmSecondaryEmail',
    by: ada,
    prepare: async (users) => {
      await users.accounts.update(ada, 'ada', { secondary_email: addresses.secondary_email })
      return keyOf(users, 'secondary_email_confirmation')
    },
    write: ({ accounts }, key) => accounts.confirmSecondaryEmail(String(key)),
  },
  {
    field: 'is_active',
    way: 'activate',
    by: { id: 2, username: 'dora' },
    prepare: async (users) => {
      await users.accounts.create(anonymous, { username: 'dora', email: 'dora@example.com', name: 'Dora' })
      return keyOf(users, 'activation')
    },
    write: ({ accounts }, key) => accounts.activate(anonymous, String(key)),
  },
  {
    field: 'username',
    way: 'replaceUsernames',
    by: system,
    write: async ({ accounts }) => {
      const { failed } = await accounts.replaceUsernames(system, [{ whom: 'ada', username: 'grace' }])
      if (failed.length > 0) throw new Error(failed[0]?.code)
    },
  },
  ...['extended_profile', 'extended_profile.title'].flatMap((field): Way[] => {
    const at = '/extended_profile/title'
    const whole = field === 'extended_profile' ? {} : { at }
    const profile = { extended_profile: { title: 'Dr' } }
    const account = { username: 'new', email: 'n@example.com', name: 'New', profile }
    return [
      ...[ada, eve, system].map((by): Way => {
        return {
          field,
          way: 'extendedProfile.update',
          by,
          at,
          write: (users) => users.extendedProfile.update(by, 'ada', { title: 'Dr' }),
        }
      }),
      { field, way: 'update', by: ada, ...whole, write: ({ accounts }) => accounts.update(ada, 'ada', profile) },
      {
        field,
        way: 'updateAsOperator',
        by: system,
        ...whole,
        write: ({ accounts }) => accounts.updateAsOperator(system, 'ada', { profile }),
      },
      { field, way: 'create', by: anonymous, ...whole, write: ({ accounts }) => accounts.create(anonymous, account) },
    ]
  }),
]

const ways = [...byPatch, ...byOperator, ...byPreference, ...bySideDoor]

async function open(repository: Repository, options: Partial<UserCoreOptions<unknown>> = {}): Promise<Users> {
  const users = createUserCore({
    repository,
    credentials: passwords(),
    ...options,
    settings: { extended_profile_fields: ['title'], ...options.settings },
  })
  return users
}

async function prepared({ prepare }: Way, repository: Repository): Promise<unknown> {
  const free = await open(repository)
  const person = { username: 'ada', email: 'ada@example.com', name: 'Ada', profile: { year_of_birth: 1990 } }
  await free.accounts.create(system, person, { active: true })
  const result = await prepare?.(free, repository)
  await drain(free)
  return result
}

const tables = ['users', 'profiles', 'preferences', 'extended_profiles', 'pending_email_changes', 'outbox'] as const
const dump = async (repository: Repository) =>
  JSON.stringify([
    await Promise.all(tables.map((table) => repository.select(table, {}))),
    await repository.select('pending_name_changes', {}),
    await repository.select('account_recoveries', {}),
  ])

async function expectRefused(way: Way, write: () => Promise<unknown>, repository: Repository): Promise<void> {
  const before = await dump(repository)
  const error = await write().then(
    () => new Error('it was written'),
    (thrown: unknown) => thrown,
  )
  const pointers = isUserCoreError(error) ? error.issues.map(({ pointer, code }) => `${pointer} ${code}`) : []
  if (way.way === 'replaceUsernames') expect(String(error)).toBe('Error: account_validation_error')
  else expect(pointers, String(error)).toEqual([`${way.at ?? `/${way.field}`} read_only`])
  expect(await dump(repository)).toBe(before)
}

/** Operations that write no field of an account, by the reason. All others have to be among the ways above. */
const others: Readonly<Record<string, readonly string[]>> = {
  'it reads': [
    ...[
      'get',
      'getMany',
      'getVersioned',
      'getByEmail',
      'me',
      'searchByEmail',
      'list',
      'validate',
      'checkPassword',
      'history',
    ],
    ...['loginStatus', 'deactivations', 'describe'],
    ...['get', 'getAll', 'getMany', 'resolve', 'resolveMany', 'list', 'usersByKey'].map(
      (name) => `preferences.${name}`,
    ),
    ...['get', 'getMany', 'sections', 'history'].map((name) => `extendedProfile.${name}`),
  ],
  'it stores what people do not see': ['profileImageNames', 'reindex', 'extendedProfile.migrate'],
  'it ends what waits for a confirmation, or asks for one anew': ['dropPendingChanges', 'requestActivation'],
  'it is about the password': ['disableLogIn'],
  'it is about logging in': ['deactivate', 'reactivate', 'recordLogin'],
  'it is about a name that the account does not have any more': ['releaseUsername'],
}

it('every operation on accounts is known to write fields, or not to', async () => {
  const users = await open(memoryRepository())
  const operations = [
    ...Object.keys(users.accounts),
    ...Object.keys(users.preferences).map((name) => `preferences.${name}`),
    ...Object.keys(users.extendedProfile).map((name) => `extendedProfile.${name}`),
  ]
  const tried = new Set(ways.map(({ way }) => way.split(/[ ,]/)[0]))
  const known = [...tried, ...Object.values(others).flat()]
  expect(known.toSorted()).toEqual(operations.toSorted())
})

describe('a field that is read-only', () => {
  const named = (actor: Actor) => JSON.stringify(actor)

  it.each(ways.map((way) => [way.field, way.way, named(way.by), way] as const))(
    '%s is not written by %s of %s',
    async (field, _way, _by, way) => {
      const bySetting = memoryRepository()
      const setting = await prepared(way, bySetting)
      const settings = { extra_readonly_account_fields: [field] }
      const restricted = await open(bySetting, { settings })
      await expectRefused(way, () => way.write(restricted, setting), bySetting)

      const byHook = memoryRepository()
      const hook = await prepared(way, byHook)
      const asked: [Actor, FieldHolder, string][] = []
      const isReadOnly = async (actor: Actor, holder: FieldHolder, name: string) => {
        asked.push([actor, holder, name])
        return name === field
      }
      const watched = await open(byHook, { isReadOnly })
      await expectRefused(way, () => way.write(watched, hook), byHook)
      const [actor, holder] = asked.find(([, , name]) => name === field) ?? []
      expect(actor).toEqual(way.by)
      const [known] = await byHook.select('users', { username_key: identifierKey(holder?.username ?? '') })
      expect(holder).toEqual(way.way === 'create' ? { username: 'new' } : { id: known?.id, username: known?.username })
    },
  )

  it.each(ways.map((way) => [way.field, way.way, named(way.by), way] as const))(
    'and %s is written by %s of %s where nothing keeps it',
    async (field, _way, _by, way) => {
      const repository = memoryRepository()
      const before = await prepared(way, repository)
      const others = { extra_readonly_account_fields: [`${field}x`, 'location'] }
      const users = await open(repository, {
        settings: others,
        isReadOnly: (_actor, _holder, name) => name !== field && !parts.has(name),
      })
      await way.write(users, before)
    },
  )
  /** Fields that go along with others. */
  const parts = new Set(['state', 'extended_profile', 'extended_profile.title', 'country'])

  it('keeps no person from registering: an account needs its username, its address and a name', async () => {
    const settings = { extra_readonly_account_fields: ['username', 'email', 'name'] }
    const users = await open(memoryRepository(), { settings, isReadOnly: () => true })
    await users.accounts.create(anonymous, { username: 'ada', email: 'ada@example.com', name: 'Ada' })
  })
})

onEachStore('read-only fields', (openStore) => {
  it('stay as they are on every store, and each refused field is named at once', async () => {
    await using store = await openStore()
    const free = await open(store.repository)
    await free.accounts.create(system, { username: 'ada', email: 'ada@example.com', name: 'Ada' }, { active: true })
    const users = await open(store.repository, {
      settings: { extra_readonly_account_fields: ['bio', 'time_zone'] },
      isReadOnly: (actor, _holder, field) => actor !== system && field === 'account_privacy',
    })
    await expect(users.accounts.update(ada, 'ada', { bio: 'x', account_privacy: 'private' })).rejects.toMatchObject({
      field_errors: { bio: { code: 'read_only' }, account_privacy: { code: 'read_only' } },
    })
    const patch = { time_zone: 'Europe/Rome', account_privacy: 'private', theme: ' ' }
    await expect(users.preferences.update(ada, 'ada', patch)).rejects.toMatchObject({
      code: 'preference_validation_error',
      field_errors: {
        time_zone: { code: 'read_only' },
        account_privacy: { code: 'read_only' },
        theme: { code: 'required' },
      },
    })
    // The hook gets the actor; the setting holds for all actors.
    await users.preferences.set(system, 'ada', 'account_privacy', 'private')
    await expect(users.preferences.set(system, 'ada', 'time_zone', 'Europe/Rome')).rejects.toMatchObject({
      field_errors: { time_zone: { code: 'read_only' } },
    })
  })
})
