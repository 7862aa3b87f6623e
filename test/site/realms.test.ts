import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import vm from 'node:vm'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createUserCore } from '../../src/create-user-core.ts'
import { type DialectName, dialectOf } from '../../src/kysely/dialect.ts'
import { memoryRepository } from '../../src/memory/index.ts'
import { applyJsonPatch } from '../../src/patch/json-patch.ts'
import { applyMergePatch } from '../../src/patch/merge-patch.ts'
import { isStorageError } from '../../src/port/repository.ts'
import { system } from '../../src/site/actor.ts'
import { errorStatus, isUserCoreError } from '../../src/values/errors.ts'
import { copyJson, isEqual, isPlainObject } from '../../src/values/json.ts'
import { withPeople } from '../support/host.ts'
import { onEachStore } from '../support/stores.ts'

const realm = vm.createContext()

/** A value as it is in another realm: what Jest, `vm` contexts and Electron hand over. */
const far = (code: string): unknown => vm.runInContext(`(${code})`, realm)
const farParse = far('JSON.parse') as typeof JSON.parse

const ada = { username: 'ada' }

describe('isPlainObject', () => {
  it.each(['{}', '{ a: 1 }', 'Object.create(null)', 'new Object()', 'JSON.parse("{}")'])(
    'takes %s of any realm',
    (code) => expect(isPlainObject(far(code))).toBe(true),
  )

  it.each([
    '[]',
    'new Date()',
    'new Map()',
    'new (class Thing {})()',
    '() => 1',
    'Object.create({ a: 1 })',
    'new Error()',
  ])('refuses %s of any realm', (code) => expect(isPlainObject(far(code))).toBe(false))

  it('refuses an object that only resembles the prototype of plain objects', () => {
    const named = { Object: class {} }.Object
    const bound = Object.bind(null)
    Object.defineProperty(bound, 'prototype', { value: { constructor: bound } })
    const lying = Object.assign(Object.create(null), { constructor: Object, hasOwnProperty: () => true })
    const proxy = new Proxy(Object, {})
    const proxied = Object.assign(Object.create(null), { constructor: proxy })
    for (const prototype of [named.prototype, bound.prototype, lying, proxied]) {
      expect(isPlainObject(Object.create(prototype))).toBe(false)
    }
  })
})

describe('isEqual and copyJson', () => {
  it('find JSON of two realms equal exactly when its text is, members in any order', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, two) => {
        const [here, there] = [one, two].map((value) => JSON.stringify(value))
        expect(isEqual(JSON.parse(here ?? ''), farParse(here ?? ''))).toBe(true)
        expect(isEqual(JSON.parse(here ?? ''), farParse(there ?? ''))).toBe(isEqual(one, two))
        expect(JSON.stringify(copyJson(farParse(here ?? '')))).toBe(here)
      }),
    )
    expect(isEqual({ a: 1, b: [2] }, far('{ b: [2], a: 1 }'))).toBe(true)
    for (const other of ['{ a: 1 }', '{ a: 1, b: 3 }', '{ a: 1, c: 2 }', '[1, 2]', 'null', '{ a: 1, b: undefined }']) {
      expect(isEqual({ a: 1, b: 2 }, far(other))).toBe(false)
    }
  })

  it('tell apart objects without members, such as two dates', () => {
    expect(isEqual(new Date(0), new Date(0))).toBe(true)
    expect(isEqual(new Date(0), new Date(1))).toBe(false)
    expect(isEqual({ at: new Date(0) }, { at: {} })).toBe(false)
  })

  it('copy into objects and lists of this realm, also a member with the name of the prototype', () => {
    const copy = copyJson(farParse('{"a":[{"b":1}],"__proto__":{"c":2}}'))
    expect([copy, copy.a, copy.a[0]].map((value) => value instanceof Object)).toEqual([true, true, true])
    expect(Object.getOwnPropertyNames(copy)).toEqual(['a', '__proto__'])
  })
})

onEachStore('arguments of another realm', (open) => {
  it('mean the same', async () => {
    await using store = await open()
    const users = await withPeople(store.repository, { settings: { extended_profile_fields: ['a'] } })
    const patch = { bio: 'x', language_proficiencies: [{ code: 'en' }], extended_profile: { a: { b: [1] } } }
    const update = (value: typeof patch) => users.accounts.update(ada, 'ada', value)
    expect((await update(farParse(JSON.stringify(patch)))).changes).toHaveLength(3)
    expect((await update(farParse(JSON.stringify(patch)))).changes).toEqual([])
    const operations = [{ op: 'replace', path: '/bio', value: 'y' }] as const
    await users.accounts.patch(ada, 'ada', farParse(JSON.stringify(operations)))
    await users.preferences.update(ada, 'ada', farParse('{"theme":"dark"}'))
    expect((await users.accounts.getVersioned(ada, ada)).account.bio).toBe('y')
    expect(await users.preferences.get(ada, 'ada', 'theme')).toBe('dark')
  })
})

describe('where structuredClone is of another realm', () => {
  afterEach(() => void vi.unstubAllGlobals())

  it('patches are applied, and a language that is there already is found again', async () => {
    const original = structuredClone
    vi.stubGlobal('structuredClone', (value: unknown) => {
      const copy = original(value)
      return typeof copy === 'object' && copy !== null ? farParse(JSON.stringify(copy)) : copy
    })
    expect(applyJsonPatch({ a: 1 }, [{ op: 'add', path: '/b', value: { c: 1 } }])).toEqual({ a: 1, b: { c: 1 } })
    expect(applyMergePatch({ a: { b: 1 } }, { a: { c: [2] } })).toEqual({ a: { b: 1, c: [2] } })
    const users = await withPeople(memoryRepository())
    const languages = (...codes: string[]) => ({ language_proficiencies: codes.map((code) => ({ code })) })
    await users.accounts.update(ada, 'ada', languages('en'))
    expect((await users.accounts.update(ada, 'ada', languages('en', 'fr'))).version).toBe(3)
  })
})

it('results of hooks of another realm count', async () => {
  const users = createUserCore({
    repository: memoryRepository(),
    settings: { email_change_rate_limit: '' },
    clock: far('() => new Date()') as () => Date,
    random: far('(count) => new Uint8Array(count)') as (count: number) => Uint8Array,
    isReadOnly: far('async () => false') as () => Promise<boolean>,
    derivedFields: far('async () => new Map([[1, { verified_name: "Ada", course_certificates: [{}] }]])') as never,
    credentials: far('{ verify: async () => true, set: async () => {}, disable: async () => {} }') as never,
    enrollments: far(`{
      coursesOf: async () => [{ course_id: 'course-v1:OrgX+C+R', org: 'OrgX' }],
      enrollmentsOf: async () => [],
      async *enrolledIn() { yield [{ user_id: 1, course_id: 'course-v1:OrgX+C+R' }] },
    }`) as never,
  })
  await users.accounts.create(
    system,
    {
      username: 'ada',
      email: 'ada@example.com',
      name: 'Ada',
      password: 'long enough 1815',
      profile: { year_of_birth: 1990 },
    },
    { active: true },
  )
  await users.accounts.update(ada, 'ada', { email: 'new@example.com', bio: 'x' })
  expect((await users.accounts.getVersioned(ada, ada)).account.verified_name).toBe('Ada')
  expect(await users.accounts.checkPassword(system, 'ada', 'long enough 1815')).toBe(true)
  const rows = await users.emailOptIns.export({ ...ada, staff: true }, { orgs: ['OrgX'] }).next()
  expect(rows.value).toHaveLength(1)
})

describe('errors of another realm, or of another copy of the package', () => {
  const foreign = (name: string, code: string) =>
    far(`Object.assign(new Error(), { name: '${name}', code: '${code}', driver_code: '${code}', params: {} })`)

  it('are recognised', () => {
    expect(isUserCoreError(foreign('UserCoreError', 'conflict'))).toBe(true)
    expect(errorStatus(foreign('UserCoreError', 'conflict'))).toBe(409)
    expect(isStorageError(foreign('StorageError', '40P01'))).toBe(true)
    expect(
      [foreign('Error', ''), far('{ name: "UserCoreError", code: "conflict" }'), null].some((value) =>
        isUserCoreError(value),
      ),
    ).toBe(false)
    expect([foreign('Error', ''), far('{ name: "StorageError", driver_code: "" }'), null].some(isStorageError)).toBe(
      false,
    )
  })

  it('have status 500 where another version of the package has a code that this one does not know', () => {
    for (const code of ['of_next_year', 'toString']) expect(errorStatus(foreign('UserCoreError', code))).toBe(500)
  })

  it('keep their code on the way through an operation', async () => {
    const failing = (error: unknown) => {
      const fail = () => Promise.reject(error)
      return createUserCore({ repository: { ...memoryRepository(), findAccounts: fail } }).accounts.getVersioned(
        ada,
        ada,
      )
    }
    await expect(failing(foreign('StorageError', '40P01'))).rejects.toMatchObject({
      code: 'internal_error',
      params: { driver_code: '40P01' },
    })
    await expect(failing(foreign('UserCoreError', 'rate_limited'))).rejects.toMatchObject({ code: 'rate_limited' })
  })

  it.each([
    ['sqlite', { code: 'SQLITE_CONSTRAINT_UNIQUE' }, { code: 'SQLITE_BUSY' }],
    ['sqlite', { errcode: 2067 }, { errcode: 5 }],
    ['postgres', { code: '23505' }, { code: '40P01' }],
    ['pglite', { code: '23505' }, { code: '40P01' }],
    ['mysql', { errno: 1062 }, { errno: 1213 }],
  ] satisfies [DialectName, object, object][])('of the driver of %s mean the same', (name, taken, busy) => {
    const dialect = dialectOf(name)
    const thrown = (members: object) => Object.assign(far('new Error()') as Error, members)
    expect([taken, busy, {}].map((members) => dialect.meaningOf(thrown(members)))).toEqual(['taken', 'busy', 'failure'])
    expect(dialect.codeOf(thrown(busy))).toBe(dialect.codeOf(Object.assign(new Error(), busy)))
    expect([null, undefined, 'text', 7].map((value) => dialect.codeOf(value))).toEqual(Array(4).fill('unknown'))
  })
})

it('src looks at no class, and compares and copies by no function that does', () => {
  const root = join(import.meta.dirname, '..', '..', 'src')
  // Classes that a file keeps to itself, and the one place that compares what is no JSON.
  const own = ['kysely/unit-of-work.ts', 'values/json.ts']
  // The command line is a program: all that it sees is of its own realm.
  const files = globSync('**/*.ts', { cwd: root }).filter((file) => !own.includes(file) && !file.startsWith('command/'))
  const found = files.filter((file) =>
    /\binstanceof [A-Z]|structuredClone\(|isDeepStrictEqual|\.constructor\b|Object\.prototype\b/.test(
      readFileSync(join(root, file), 'utf8'),
    ),
  )
  expect(found).toEqual([])
})
