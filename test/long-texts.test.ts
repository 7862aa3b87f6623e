import { afterEach, describe, expect, it, vi } from 'vitest'
import { retiredForm, retiredForms } from '../src/accounts/retired-identifier.ts'
import { createUserCore, isUserCoreError, system } from '../src/index.ts'
import { memoryRepository } from '../src/memory/index.ts'
import { isMinorNameEdit } from '../src/rules/index.ts'

/** Unicode normalisation takes time that grows with the square of such a text. */
const far = `a${'\u0301'.repeat(100_000)}`

const ada = { username: 'ada' }

async function site() {
  const users = createUserCore({
    repository: memoryRepository(),
    settings: { retired_identifier_keys: [{ id: 'a', secret: 'x'.repeat(32) }], enable_unicode_usernames: true },
    credentials: {
      verify: async () => {
        throw new Error('a password of that length was handed on')
      },
      set: async () => {},
      disable: async () => {},
    },
  })
  await users.accounts.create(system, { username: 'ada', email: 'ada@example.com', name: 'Ada' }, { active: true })
  await users.retirement.setPipeline(system)
  return users
}

type Users = Awaited<ReturnType<typeof site>>

/** Every way in which an operation gets to see a name, an address or a password. */
const calls: Readonly<Record<string, (users: Users) => unknown>> = {
  'accounts.get': (users) => users.accounts.get(system, far),
  'accounts.get, as the actor': (users) => users.accounts.get({ username: far }, far),
  'accounts.getVersioned': (users) => users.accounts.getVersioned(ada, far),
  'accounts.getByEmail': (users) => users.accounts.getByEmail(system, `${far}@example.com`),
  'accounts.searchByEmail': (users) => users.accounts.searchByEmail(system, [`ada@${far}.example`]),
  'accounts.validate': (users) =>
    users.accounts.validate({
      username: far,
      email: `ada@${far}.example`,
      confirm_email: far,
      name: far,
      password: far,
      country: far,
      phone_number: far,
    }),
  'accounts.validate, of a password like a name': (users) =>
    users.accounts.validate({ username: far, email: far, password: 'a password' }),
  'accounts.create, of a name': (users) =>
    users.accounts.create(system, { username: 'bob', email: 'bob@example.com', name: far }),
  'accounts.create, of a username': (users) =>
    users.accounts.create(system, { username: far, email: 'bob@example.com', name: 'Bob' }),
  'accounts.create, of an address': (users) =>
    users.accounts.create(system, { username: 'bob', email: `${far}@example.com`, name: 'Bob' }),
  'accounts.create, of a password': (users) =>
    users.accounts.create(system, { username: 'bob', email: 'bob@example.com', name: 'Bob', password: far }),
  'accounts.update, of a name': (users) => users.accounts.update(ada, 'ada', { name: far }),
  'accounts.update, of an address': (users) => users.accounts.update(ada, 'ada', { email: `${far}@example.com` }),
  'accounts.update, of a telephone number': (users) => users.accounts.update(ada, 'ada', { phone_number: far }),
  'accounts.update, of a link': (users) =>
    users.accounts.update(ada, 'ada', { social_links: [{ platform: far, social_link: far }] }),
  'accounts.update, of a person': (users) => users.accounts.update(ada, far, { bio: 'x' }),
  'accounts.updateAsOperator': (users) =>
    users.accounts.updateAsOperator(system, 'ada', { email: `ada@${far}.example`, password: far }),
  'accounts.checkPassword': (users) => users.accounts.checkPassword(system, 'ada', far),
  'accounts.checkPassword, of a person': (users) => users.accounts.checkPassword(system, far, 'x'),
  'accounts.requestNameChange': (users) => users.accounts.requestNameChange(ada, ada, far),
  'accounts.replaceUsernames': (users) =>
    users.accounts.replaceUsernames(system, [
      { whom: far, username: 'bob' },
      { whom: 'ada', username: far },
    ]),
  'accounts.disableLogIn': (users) => users.accounts.disableLogIn(system, far),
  'accounts.setProfileImage': (users) => users.accounts.setProfileImage(ada, far, { uploaded: true }),
  'extendedProfile.update': (users) => users.extendedProfile.update(ada, 'ada', { [far]: 1 }),
  'preferences.get': (users) => users.preferences.get(ada, far, 'theme'),
  'preferences.getMany': (users) => users.preferences.getMany(system, [far], ['theme']),
  'preferences.set': (users) => users.preferences.set(ada, 'ada', far, 'x'),
  'courseTags.getAll': (users) => users.courseTags.getAll(system, far, 'c'),
  'retirement.request': (users) => users.retirement.request(ada, 'ada', { password: far }),
  'retirement.requestByOperator': (users) =>
    users.retirement.requestByOperator(system, { users: [{ username: far, email: far }] }),
  'retirement.requestMany': (users) => users.retirement.requestMany(system, [far]),
  'retirement.cleanUp': (users) => users.retirement.cleanUp(system, [far]),
  'retired.isRetired': (users) => users.retired.isRetired(system, 'email', far),
  'retired.findUser': (users) => users.retired.findUser(system, far),
  retiredForm: (users) => retiredForm('external_key', far, users.settings),
  retiredForms: (users) => retiredForms('username', far, users.settings),
  isMinorNameEdit: () => isMinorNameEdit('Ada', far),
}

afterEach(() => vi.restoreAllMocks())

describe('a text of 100,000 combining marks', () => {
  it.each(Object.entries(calls))('is neither normalised nor folded by %s', async (_, call) => {
    const users = await site()
    let longest = 0
    for (const name of ['normalize', 'toLowerCase', 'toUpperCase'] as const) {
      const original = String.prototype[name]
      vi.spyOn(String.prototype, name).mockImplementation(function (this: string, ...given: unknown[]) {
        longest = Math.max(longest, this.length)
        return Reflect.apply(original, this, given)
      })
    }
    try {
      await call(users)
    } catch (error) {
      if (!isUserCoreError(error)) throw error
      expect(error.code).not.toMatch(/internal_error|_update_error/)
    }
    expect(longest).toBeLessThan(5000)
  })
})

it('is told apart from another that is too long, where each name has a result of its own', async () => {
  const users = await site()
  const names = [`${far}x`, `${far}y`]
  const { failed } = await users.retirement.requestMany(system, names)
  expect(failed).toEqual(names.map((whom) => ({ whom, code: 'user_not_found' })))
})
