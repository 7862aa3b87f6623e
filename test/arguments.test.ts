import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anonymous, system } from '../src/site/actor.ts'
import { requireKind, requireName, requireText, requireUserId } from '../src/values/arguments.ts'
import { errorStatus, isUserCoreError } from '../src/values/errors.ts'
import { count, type Kind, listOf, text } from '../src/values/kinds.ts'
import { openSite } from './retirement/site.ts'
import { withPeople } from './support/host.ts'
import { closed, edgesOf, hostileTo, odd } from './support/hostile.ts'
import { operationsOf } from './support/operations.ts'
import { onEachStore } from './support/stores.ts'
import { watchedRepository } from './support/watched-repository.ts'

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

/** Hostile values for an argument; those that replace one member of it with the name of that member. */
function hostileValues(kind: Kind, sample: unknown): (readonly [member: string | undefined, value: unknown])[] {
  const whole = hostileTo(kind).map((value) => [undefined, value] as const)
  const of = kind.is === 'optional' ? kind.of : kind
  if (of.is !== 'object') return whole
  const members = Object.entries(of.members).flatMap(([member, memberKind]) =>
    hostileTo(memberKind).map((value) => [member, { ...Object(sample), [member]: value }] as const),
  )
  return [...whole, ...members]
}

/** The members that an argument has, or can have. */
function membersOf(kind: Kind, sample: unknown): string[] {
  const of = kind.is === 'optional' ? kind.of : kind
  return of.is === 'object' ? Object.keys(of.members) : Array.isArray(sample) ? [] : Object.keys(Object(sample))
}

/** Lists of one odd item, where a list can be. What the iterable of a host throws is an error of the host's. */
function listsOfOdd(kind: Kind): unknown[] {
  if (kind.is === 'optional') return listsOfOdd(kind.of)
  if (kind.is === 'iterable') return odd.filter((item) => item !== closed).map((item) => [item])
  return kind.is === 'list' || kind.is === 'document' || kind.is === 'json' ? odd.map((item) => [item]) : []
}

/** The least and the most that members can be. */
function memberEdges(kind: Kind): (readonly [string, unknown])[] {
  const of = kind.is === 'optional' ? kind.of : kind
  if (of.is !== 'object') return []
  return Object.entries(of.members).flatMap(([member, memberKind]) =>
    edgesOf(memberKind).map((value) => [member, value] as const),
  )
}

/** Values of JSON for an argument, of which one in two replaces one member alone. */
function jsonFor(kind: Kind, sample: unknown): fc.Arbitrary<unknown> {
  const json = fc.jsonValue({ maxDepth: 3 })
  const members = membersOf(kind, sample)
  if (members.length === 0) return json
  const inMember = fc
    .tuple(fc.constantFrom(...members), json)
    .map(([member, value]) => ({ ...Object(sample), [member]: value }))
  return fc.oneof(json, inMember)
}

/** The outcome of a call: `ok`, the code of a usercore error, or the name of another one. */
async function outcomeOf(
  answer: Promise<unknown>,
): Promise<{ code: string; argument?: string; found?: number; error?: unknown }> {
  try {
    await answer
    return { code: 'ok' }
  } catch (error) {
    if (!isUserCoreError(error)) return { code: String(error), error }
    return { ...(isUserCoreError(error, 'bad_request') ? error.params : {}), code: error.code, error }
  }
}

/** Tells whether a call comes to no end by itself: that of the worker, unless it is told to. */
function isEndless(name: string, [, options]: readonly unknown[]): boolean {
  if (name !== 'retirement.work') return false
  try {
    return Object(options).idle !== 'return'
  } catch {
    // Options that cannot be read are refused.
    return false
  }
}

onEachStore('operations', (open) => {
  it('have arguments in a table, and a sample of each, and take the sample', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    const failures: string[] = []
    for (const { name, list, sample, call } of operationsOf(users)) {
      if (list.length === 0) failures.push(`${name}: no table`)
      if (sample.length !== list.length) failures.push(`${name}: no sample`)
      // An argument that is right in itself can name people of whom not all are there.
      const { code, argument, found } = await outcomeOf(call(users, sample))
      const isRefused = argument !== undefined && found === undefined
      const isTaken = code !== 'internal_error' && !isRefused
      if (!isTaken) failures.push(`${name}: ${code}`)
    }
    expect(failures).toEqual([])
  })

  it('refuse hostile arguments by name before storage is asked', async () => {
    await using store = await open()
    const seen = { asked: 0, written: new Set<string>() }
    const site = await openSite(store.repository)
    const users = site.another(watchedRepository(store.repository, seen))
    const failures: string[] = []
    let count = 0
    for (const { name, list, sample, call } of operationsOf(users)) {
      for (const [index, { name: argument, kind }] of list.entries()) {
        for (const [member, value] of hostileValues(kind, sample[index])) {
          const outcome = await outcomeOf(call(users, sample.with(index, value)))
          const { code } = outcome
          const isRefused = code === 'bad_request' && outcome.argument === (member ?? argument)
          if (!isRefused) failures.push(`${name}: ${member ?? argument} ${inspect(value, { depth: 1 })}: ${code}`)
          count++
        }
      }
    }
    expect(failures).toEqual([])
    expect(seen.asked).toBe(0)
    expect(count).toBeGreaterThan(4000)
  })

  it('take any value in the place of any argument or of a member of it, or refuse it and store nothing', async () => {
    await using store = await open()
    const seen = { asked: 0, written: new Set<string>() }
    const site = await openSite(store.repository)
    const users = site.another(watchedRepository(store.repository, seen))
    const failures: string[] = []
    for (const { name, list, sample, call } of operationsOf(users)) {
      const check = async (index: number, value: unknown) => {
        if (isEndless(name, sample.with(index, value))) return
        seen.written.clear()
        const { code, error } = await outcomeOf(call(users, sample.with(index, value)))
        // Salts have a code of their own, which Open edX answers with 500.
        if (code === 'ok' || code === 'invalid_salts') return
        // Requests for another address are counted, refused ones too.
        seen.written.delete('rate_limits')
        const isRefused = isUserCoreError(error) && errorStatus(error) < 500 && seen.written.size === 0
        if (!isRefused) failures.push(`${name}: ${inspect(value, { depth: 2 })}: ${inspect(error)}`)
      }
      for (const [index, { kind }] of list.entries()) {
        for (const value of [...odd, ...listsOfOdd(kind), ...edgesOf(kind)]) {
          await check(index, value)
          for (const member of membersOf(kind, sample[index])) {
            await check(index, { ...Object(sample[index]), [member]: value })
          }
        }
        for (const [member, value] of memberEdges(kind))
          await check(index, { ...Object(sample[index]), [member]: value })
        const value = jsonFor(kind, sample[index])
        await fc.assert(
          fc.asyncProperty(value, (json) => check(index, json)),
          { numRuns: 10 },
        )
      }
    }
    expect(failures).toEqual([])
  }, 180_000)

  it('check the actor before anything else', async () => {
    await using store = await open()
    const { accounts, preferences, emailOptIns, courseTags, partitions, extendedProfile } = await withPeople(
      store.repository,
    )
    const calls: (() => unknown)[] = [
      () => accounts.get(anonymous, 'ada'),
      () => accounts.getVersioned(anonymous, 'ada'),
      () => accounts.getByEmail(anonymous, 'ada@example.com'),
      () => accounts.get(anonymous, { id: 1 }),
      () => accounts.getMany(anonymous, []),
      () => accounts.me(anonymous),
      () => accounts.searchByEmail(anonymous, []),
      () => accounts.update(anonymous, 'ada', {}),
      () => accounts.patch(anonymous, 'ada', []),
      () => accounts.disableLogIn(anonymous, 'ada'),
      () => accounts.requestNameChange(anonymous, 'ada', 'Ada'),
      () => accounts.confirmNameChange(anonymous, 'ada'),
      () => accounts.replaceUsernames(anonymous, []),
      () => accounts.checkPassword(anonymous, 'ada', 'x'),
      () => accounts.profileImageNames(anonymous, 'ada'),
      () => accounts.history(anonymous, 'ada'),
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
      () => emailOptIns.set(anonymous, 'ada', { org: 'OrgX', optIn: true }),
      () => emailOptIns.get(anonymous, 'ada', 'OrgX'),
      () => emailOptIns.export(anonymous, { orgs: ['OrgX'] }).next(),
      () => emailOptIns.exportCsv(anonymous, { orgs: ['OrgX'] }).next(),
      () => emailOptIns.optOutMany(anonymous, []),
      () => courseTags.get(anonymous, 'ada', 'c', 'k'),
      () => courseTags.getAll(anonymous, 'ada', 'c'),
      () => courseTags.set(anonymous, 'ada', 'c', 'k', 'v'),
      () => partitions.assign(anonymous, 'ada', 'c', { id: 1, name: '', scheme: 'random', groups: [] }),
      () => extendedProfile.get(anonymous, 'ada'),
      () => extendedProfile.getMany(anonymous, ['ada']),
      () => extendedProfile.sections(anonymous, 'ada'),
      () => extendedProfile.update(anonymous, 'ada', {}),
      () => extendedProfile.history(anonymous, 'ada'),
      () => extendedProfile.migrate(anonymous),
    ]
    for (const call of calls) await expect(call(), call.toString()).rejects.toMatchObject({ code: 'not_authenticated' })
  })

  it('refuse an actor whose id and username do not belong together, and write nothing', async () => {
    await using store = await open()
    const seen = { asked: 0, written: new Set<string>() }
    const site = await openSite(store.repository)
    const users = site.another(watchedRepository(store.repository, seen))
    const { id } = await users.accounts.me({ username: 'ada' })
    const failures: string[] = []
    let count = 0
    for (const { name, list, sample, call } of operationsOf(users)) {
      // Returns no promise, and so asks storage nothing.
      if (list[0]?.kind.is !== 'actor' || name === 'hasRight') continue
      for (const actor of [
        { id, username: 'bob' },
        { id, username: 'nobody', staff: true, superuser: true },
        { id: 4711, username: 'ada', superuser: true },
      ]) {
        const { code } = await outcomeOf(call(users, sample.with(0, actor)))
        if (code !== 'not_authenticated') failures.push(`${name}: ${code}`)
        count++
      }
    }
    expect(failures).toEqual([])
    expect([...seen.written]).toEqual([])
    expect(count).toBeGreaterThan(150)
    expect(await users.accounts.me({ id: String(id), username: 'ADA' })).toEqual({ id, username: 'ada' })
  })

  it('that are about a person need one, also from trusted code', async () => {
    await using store = await open()
    const { accounts } = await withPeople(store.repository)
    const refused = { code: 'bad_request', params: { argument: 'actor' } }
    await expect(accounts.me(system)).rejects.toMatchObject(refused)
  })

  it('find no person under names that no person has, or no database can hold', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    for (const name of ['ada\0', 'ada\ud800', '']) {
      await expect(users.accounts.get(system, name)).rejects.toMatchObject({ code: 'user_not_found' })
      await expect(users.accounts.update(system, name, {})).rejects.toMatchObject({ code: 'user_not_found' })
      await expect(users.preferences.getAll(system, name)).rejects.toMatchObject({ code: 'user_not_found' })
      await expect(users.accounts.getByEmail(system, name)).rejects.toMatchObject({ code: 'user_not_found' })
    }
    const { emailOptIns, courseTags, partitions } = users
    for (const name of ['nobody', 'ada\0']) {
      for (const call of [
        () => emailOptIns.set(system, name, { org: 'OrgX', optIn: true }),
        () => emailOptIns.get(system, name, 'OrgX'),
        () => courseTags.set(system, name, 'c', 'k', 'v'),
        () => courseTags.getAll(system, name, 'c'),
        () =>
          partitions.assign(system, name, 'c', { id: 1, name: '', scheme: 'random', groups: [{ id: 1, name: '' }] }),
      ])
        await expect(call()).rejects.toMatchObject({ code: 'user_not_found' })
    }
  })
})
