import { describe, expect, it } from 'vitest'
import { anonymous, system } from '../src/actor.ts'
import { count, listOf, text } from '../src/argument-kinds.ts'
import { requireKind, requireName, requireText, requireUserId } from '../src/arguments.ts'
import { withPeople } from './support/host.ts'
import { onEachStore } from './support/stores.ts'

const refusal = (argument: string) => expect.objectContaining({ code: 'bad_request', params: { argument } })

describe('an argument', () => {
  it('is text, or a list of texts', () => {
    expect(requireText('', 'a')).toBe('')
    expect(() => requireKind(['x', ''], listOf(text), 'a')).not.toThrow()
    for (const value of [undefined, null, 5, {}]) {
      expect(() => requireText(value, 'a')).toThrow(refusal('a'))
      expect(() => requireKind([value], listOf(text), 'a')).toThrow(refusal('a'))
      expect(() => requireKind(value, listOf(text), 'a')).toThrow(refusal('a'))
    }
    expect(() => requireKind('text', listOf(text), 'a')).toThrow(refusal('a'))
  })

  it('is a name of 1 to 255 characters that can be stored', () => {
    for (const name of ['a', '𝒳'.repeat(255)]) expect(requireName(name, 'a')).toBe(name)
    for (const name of ['', 'a'.repeat(256), 'a\0', 'a\ud800']) {
      expect(() => requireName(name, 'a')).toThrow(refusal('a'))
    }
  })

  it('is the id of a person, of the type that the store has', () => {
    expect(requireUserId(7, 'integer', 'a')).toBe(7)
    expect(requireUserId(' 7 ', 'integer', 'a')).toBe(7)
    expect(requireUserId(7, 'text', 'a')).toBe('7')
    expect(requireUserId('09223372036854775807', 'integer', 'a')).toBe('9223372036854775807')
    for (const id of ['x', '1.0', '1e3', 1.5, 2 ** 53, '9'.repeat(21), Number.NaN, null, [7]]) {
      expect(() => requireUserId(id, 'integer', 'a')).toThrow(refusal('a'))
    }
    for (const id of ['', null, 'a\0']) expect(() => requireUserId(id, 'text', 'a')).toThrow(refusal('a'))
  })

  it('is a whole number between bounds', () => {
    expect(() => requireKind(1, count(1, 9), 'a')).not.toThrow()
    for (const value of [0, 10, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '1', null])
      expect(() => requireKind(value, count(1, 9), 'a')).toThrow(refusal('a'))
  })
})

onEachStore('operations', (open) => {
  it('refuse arguments that are not what their types say, and say which', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    const ada = { username: 'ada' }
    const bad = (value: unknown) => value as never
    const cy = { username: 'cy', email: 'cy@example.com', name: 'Cy' }
    const calls: [string, () => Promise<unknown>][] = [
      ['usernames', () => users.accounts.get(ada, bad('ada'))],
      ['usernames', () => users.accounts.get(ada, bad([5]))],
      ['username', () => users.accounts.getVersioned(ada, bad(['ada']))],
      ['username', () => users.accounts.get(system)],
      ['email', () => users.accounts.getByEmail(system, bad(['ada@example.com']))],
      ['id', () => users.accounts.getById(system, 'x')],
      ['emails', () => users.accounts.searchByEmail(system, bad('ada@example.com'))],
      ['username', () => users.accounts.update(ada, bad(['ada']), {})],
      ['username', () => users.accounts.patch(ada, bad({}), [])],
      ['username', () => users.accounts.age(bad(null))],
      ['uploaded', () => users.accounts.setProfileImage(ada, 'ada', bad({ uploaded: 'yes' }))],
      ['state', () => users.accounts.setProfileImage(ada, 'ada', bad(null))],
      ['key', () => users.accounts.activate(ada, bad(5))],
      ['key', () => users.accounts.confirmEmailChange(bad(5))],
      ['key', () => users.accounts.confirmSecondaryEmail(bad(null))],
      ['username', () => users.accounts.setProfileImage(system, bad(5), { uploaded: false })],
      ['values', () => users.accounts.validate(bad(null))],
      ['profile', () => users.accounts.create(system, { ...cy, profile: bad(null) })],
      ['profile', () => users.accounts.create(system, { ...cy, profile: bad('x') })],
      ['username', () => users.preferences.getAll(ada, bad(5))],
      ['usernames', () => users.preferences.getMany(system, bad('ada'), [])],
      ['keys', () => users.preferences.getMany(system, ['ada'], bad('a'))],
      ['usernames', () => users.preferences.resolveMany(ada, bad('ada'), [])],
      ['org', () => users.preferences.set(ada, 'ada', 'a', 'x', { org: 'a\0' })],
      ['course_id', () => users.preferences.set(ada, 'ada', 'a', 'x', { course_id: 'c\0' })],
      ['course_id', () => users.preferences.resolve(ada, 'ada', ['a'], { course_id: '' })],
      ['limit', () => users.preferences.list(system, { limit: -1 })],
      ['limit', () => users.preferences.usersByKey(system, 'a', { limit: 1.5 })],
      ['usernames', () => users.extendedProfile.getMany(system, bad('ada'))],
      ['username', () => users.extendedProfile.update(system, bad(5), {})],
      ['batchSize', () => users.extendedProfile.migrateExtendedProfiles(system, { batchSize: 0 })],
      ['org', () => users.tags.getEmailOptIn(ada, 'ada', 'a\ud800')],
      ['choice', () => users.tags.updateEmailOptIn(ada, 'ada', bad(null))],
      ['course_id', () => users.tags.assignGroup(ada, 'ada', '', { id: 1, name: '', scheme: 'random', groups: [] })],
      ['batchSize', () => users.tags.bulkEmailOptOut(system, [], { batchSize: 0 })],
      ['org', () => users.tags.bulkEmailOptOut(system, [{ user_id: 1, org: '' }])],
      ['user_id', () => users.tags.bulkEmailOptOut(system, [{ user_id: 'ada', org: 'OrgX' }])],
      ['limit', () => users.outbox.deliver(() => {}, { limit: 0 })],
    ]
    for (const [argument, call] of calls) {
      const outcome = await call().catch((error) => error)
      expect(outcome, call.toString()).toMatchObject({ code: 'bad_request', params: { argument } })
    }
  })

  it('ask who is asking before anything else', async () => {
    await using store = await open()
    const { accounts, preferences, tags, extendedProfile } = await withPeople(store.repository)
    const calls: (() => unknown)[] = [
      () => accounts.get(anonymous, ['ada']),
      () => accounts.getVersioned(anonymous, 'ada'),
      () => accounts.getByEmail(anonymous, 'ada@example.com'),
      () => accounts.getById(anonymous, 1),
      async () => accounts.me(anonymous),
      () => accounts.searchByEmail(anonymous, []),
      () => accounts.update(anonymous, 'ada', {}),
      () => accounts.patch(anonymous, 'ada', []),
      () => accounts.deactivate(anonymous, 'ada'),
      () => accounts.requestNameChange(anonymous, 'Ada'),
      () => accounts.confirmNameChange(anonymous, 'ada'),
      () => accounts.replaceUsernames(anonymous, []),
      () => accounts.setProfileImage(anonymous, 'ada', { uploaded: false }),
      () => preferences.get(anonymous, 'ada', 'a'),
      () => preferences.getAll(anonymous, 'ada'),
      () => preferences.getMany(anonymous, ['ada'], ['a']),
      () => preferences.set(anonymous, 'ada', 'a', 'x'),
      () => preferences.update(anonymous, 'ada', { a: 'x' }),
      () => preferences.delete(anonymous, 'ada', 'a'),
      () => preferences.resolve(anonymous, 'ada', ['a']),
      () => preferences.resolveMany(anonymous, ['ada'], ['a']),
      () => preferences.list(anonymous),
      () => preferences.usersByKey(anonymous, 'a'),
      () => tags.updateEmailOptIn(anonymous, 'ada', { org: 'OrgX', opt_in: true }),
      () => tags.getEmailOptIn(anonymous, 'ada', 'OrgX'),
      () => tags.exportEmailOptIns(anonymous, { orgs: ['OrgX'] }).next(),
      () => tags.exportEmailOptInsAsCsv(anonymous, { orgs: ['OrgX'] }).next(),
      () => tags.bulkEmailOptOut(anonymous, []),
      () => tags.getCourseTag(anonymous, 'ada', 'c', 'k'),
      () => tags.getCourseTags(anonymous, 'ada', 'c'),
      () => tags.setCourseTag(anonymous, 'ada', { course_id: 'c', key: 'k', value: 'v' }),
      () => tags.assignGroup(anonymous, 'ada', 'c', { id: 1, name: '', scheme: 'random', groups: [] }),
      () => extendedProfile.get(anonymous, 'ada'),
      () => extendedProfile.getMany(anonymous, ['ada']),
      () => extendedProfile.parts(anonymous, 'ada'),
      () => extendedProfile.update(anonymous, 'ada', {}),
      () => extendedProfile.history(anonymous, 'ada'),
      () => extendedProfile.migrateExtendedProfiles(anonymous),
    ]
    for (const call of calls) await expect(call(), call.toString()).rejects.toMatchObject({ code: 'not_authenticated' })
  })

  it('that are about a person need one, from code too', async () => {
    await using store = await open()
    const { accounts } = await withPeople(store.repository)
    const refused = { code: 'bad_request', params: { argument: 'actor' } }
    expect(() => accounts.me(system)).toThrow(expect.objectContaining(refused))
    await expect(accounts.requestNameChange(system, 'Ada')).rejects.toMatchObject(refused)
  })

  it('find nobody under names that nobody has, or no database can hold', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    for (const name of ['ada\0', 'ada\ud800', '']) {
      await expect(users.accounts.get(system, [name])).rejects.toMatchObject({ code: 'user_not_found' })
      await expect(users.accounts.update(system, name, {})).rejects.toMatchObject({ code: 'user_not_found' })
      await expect(users.preferences.getAll(system, name)).rejects.toMatchObject({ code: 'user_not_found' })
      await expect(users.accounts.getByEmail(system, name)).rejects.toMatchObject({ code: 'user_not_found' })
    }
    const { tags } = users
    for (const name of ['nobody', 'ada\0']) {
      for (const call of [
        () => tags.updateEmailOptIn(system, name, { org: 'OrgX', opt_in: true }),
        () => tags.getEmailOptIn(system, name, 'OrgX'),
        () => tags.setCourseTag(system, name, { course_id: 'c', key: 'k', value: 'v' }),
        () => tags.getCourseTags(system, name, 'c'),
        () => tags.assignGroup(system, name, 'c', { id: 1, name: '', scheme: 'random', groups: [{ id: 1, name: '' }] }),
      ])
        await expect(call()).rejects.toMatchObject({ code: 'user_not_found' })
    }
  })
})
