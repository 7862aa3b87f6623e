import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createUserCore, type UserCore, type UserCoreOptions } from '../../src/create-user-core.ts'
import { memoryRepository } from '../../src/memory/index.ts'
import type { Repository } from '../../src/port/repository.ts'
import { system } from '../../src/site/actor.ts'
import { defineExtendedProfile } from '../../src/site/define-extended-profile.ts'
import { definePreferences } from '../../src/site/define-preferences.ts'
import type { Credentials, Enrollments } from '../../src/site/host.ts'
import { drain, withPeople } from '../support/host.ts'
import { onEachStore } from '../support/stores.ts'

const ada = { username: 'ada' }
const password = 'long enough 1815'

type Options = Partial<UserCoreOptions<unknown>>
type Call = (users: UserCore<unknown>) => Promise<unknown>

/** A hook with one way to answer, and an operation that asks it. */
interface Hook {
  with(answer: (...given: readonly unknown[]) => never): Options
  readonly call: Call
  /** Results of another type than the hook has. */
  readonly wrong: readonly unknown[]
  readonly right: unknown
}

const credentials = (part: Partial<Credentials<unknown>>): Options => ({
  credentials: { verify: async () => true, set: async () => {}, disable: async () => {}, ...part },
})
const enrollments = (part: Partial<Enrollments>): Options => ({
  enrollments: {
    coursesOf: async () => [{ course_id: 'course-v1:OrgX+C+R', org: 'OrgX' }],
    enrollmentsOf: async () => [],
    async *enrolledIn() {},
    ...part,
  },
})

const update: Call = (users) => users.accounts.update(ada, 'ada', { bio: 'new', country: 'IT', name: 'Ada Lovelace' })
const read: Call = (users) => users.accounts.getVersioned(ada, ada)
const exported: Call = async (users) => {
  for await (const rows of users.emailOptIns.export({ ...ada, staff: true }, { orgs: ['OrgX'] })) void rows
}

const trap = () => {
  throw new RangeError('nothing of this object can be read')
}
/** An answer that can be waited for, and not be read. */
const unreadable = new Proxy(
  {},
  { get: (_, name) => (name === 'then' ? undefined : trap()), getPrototypeOf: trap, has: trap, ownKeys: trap },
)
/** A list of holes, which takes minutes to be looked at as a whole. */
const endless: unknown[] = []
endless.length = 2 ** 32 - 1

const noBooleans = [1, 0, '', 'no', null, undefined, {}, [], { ok: false }, new Boolean(false)]
const noLists = [null, undefined, 'list', {}, new Set(), [null], [{}], Array(1), endless, { length: 0 }]
const noSchemaResults = [
  null,
  undefined,
  true,
  'text',
  {},
  { issues: [] },
  { issues: 'bad' },
  { issues: [{}] },
  { issues: [null] },
  { issues: endless },
]

/** As many bytes as are asked for. */
const bytes = (count: number) => new Uint8Array(count)

/** The result of a hook for these arguments. */
const answerOf = (right: unknown, given: readonly unknown[]) =>
  (right === bytes ? bytes(Number(given[0])) : right) as never

/** Hooks that may answer later. */
const later: Readonly<Record<string, Hook>> = {
  isReadOnly: { with: (isReadOnly) => ({ isReadOnly }), call: update, wrong: noBooleans, right: false },
  isCountryRestricted: {
    with: (isCountryRestricted) => ({ isCountryRestricted }),
    call: update,
    wrong: noBooleans,
    right: false,
  },
  nameNeedsVerification: {
    with: (nameNeedsVerification) => ({ nameNeedsVerification }),
    call: update,
    wrong: noBooleans,
    right: false,
  },
  derivedFields: {
    with: (derivedFields) => ({ derivedFields }),
    call: read,
    wrong: [
      null,
      undefined,
      {},
      [],
      new Set(),
      new WeakMap(),
      new Map([[1, null]]),
      new Map([[1, { verified_name: 7 }]]),
      new Map([[1, { time_zone: {} }]]),
      new Map([[1, { course_certificates: () => 1 }]]),
      new Map([[1, { course_certificates: endless }]]),
      new Map([[1, { bio: 'x' }]]),
      new Map([[{}, {}]]),
    ],
    right: new Map([[1, { verified_name: 'Ada', time_zone: null, course_certificates: [{ a: 1 }] }]]),
  },
  'credentials.verify': {
    with: (verify) => credentials({ verify }),
    call: (users) => users.accounts.checkPassword(system, 'ada', password),
    wrong: noBooleans,
    right: true,
  },
  'enrollments.coursesOf': {
    with: (coursesOf) => enrollments({ coursesOf }),
    call: exported,
    wrong: [...noLists, [{ course_id: 7, org: 'OrgX' }], [{ course_id: 'a' }]],
    right: [{ course_id: 'course-v1:OrgX+C+R', org: 'OrgX' }],
  },
  'extendedProfile.a': {
    with: (validate) => ({
      extendedProfile: { a: { '~standard': { version: 1, vendor: 'test', validate } } },
    }),
    call: (users) => users.accounts.update(ada, 'ada', { extended_profile: { a: 'x' } as never }),
    wrong: noSchemaResults,
    right: { value: 'x' },
  },
  'preferences.theme': {
    with: (validate) => ({
      preferences: definePreferences({
        theme: { schema: { '~standard': { version: 1, vendor: 'test', validate } }, default: null },
      }) as never,
    }),
    call: (users) => users.preferences.set(ada, 'ada', 'theme', 'x'),
    wrong: noSchemaResults,
    right: { value: 'x' },
  },
}

/** Hooks that answer at once. */
const atOnce: Readonly<Record<string, Hook>> = {
  clock: {
    with: (clock) => ({ clock }),
    call: update,
    wrong: [
      null,
      undefined,
      0,
      '2024-06-15',
      {},
      new Date(Number.NaN),
      new Date(8.64e15),
      new Date(-1e14),
      Object.create(Date.prototype),
    ],
    right: new Date(0),
  },
  ids: {
    with: (ids) => ({ ids }),
    call: update,
    wrong: [null, undefined, 7, '', 'nul \0', 'half \ud83d', 'x'.repeat(256), {}, ['id']],
    right: 'an id',
  },
  random: {
    with: (random) => ({ random, settings: { email_change_rate_limit: '' } }),
    call: (users) => users.accounts.update(ada, 'ada', { email: 'new@example.com' }),
    wrong: [
      null,
      undefined,
      [],
      '',
      'text',
      {},
      new Uint8Array(0),
      new Uint8Array(1),
      new Uint8Array(1000),
      new Uint16Array(32),
      new ArrayBuffer(32),
    ],
    right: bytes,
  },
  translate: {
    with: (translate) => ({ translate }),
    call: (users) => users.accounts.validate({ username: '!' }),
    wrong: [null, 7, {}, ['text'], () => 'text'],
    right: undefined,
  },
  'extendedProfile.upgrades.1': {
    with: (upgrade) => ({ extendedProfile: defineExtendedProfile({}, { version: 2, upgrades: { 1: upgrade } }) }),
    call: (users) => users.extendedProfile.get(ada, ada),
    wrong: [null, undefined, 7, 'text', [], new Map()],
    right: {},
  },
}

/** A store in which ada has a part of the first version. */
async function prepared(): Promise<Repository> {
  const repository = memoryRepository() as Repository
  const users = await withPeople(repository, { settings: { extended_profile_fields: ['a'] } })
  await users.accounts.update(ada, 'ada', { extended_profile: { a: 'old' } })
  return repository
}

/** Every row of the tables that the calls here could write to. */
const rowsOf = async (repository: Repository) =>
  Promise.all(
    (['users', 'profiles', 'preferences', 'extended_profiles', 'pending_email_changes', 'outbox'] as const).map(
      (table) => repository.select(table, {}),
    ),
  )

const open = (repository: Repository, options: Options) =>
  createUserCore<unknown>({ repository, hookTimeoutMs: 20, ...options } as UserCoreOptions<unknown>)

const unhandled: unknown[] = []
const hear = (reason: unknown) => void unhandled.push(reason)
beforeAll(() => void process.on('unhandledRejection', hear))
afterAll(() => void process.off('unhandledRejection', hear))

describe.each(Object.entries({ ...later, ...atOnce }))(
  'the hook %s',
  (name, { with: hookWith, call, wrong, right }) => {
    it('has its result used as it is', async () => {
      const users = open(
        await prepared(),
        hookWith((...given) => answerOf(right, given)),
      )
      await call(users)
    })

    it('fails the call when its result has another type than it says, and nothing is stored', async () => {
      const repository = await prepared()
      const before = await rowsOf(repository)
      for (const answer of [...wrong, unreadable]) {
        const users = open(
          repository,
          hookWith(() => answer as never),
        )
        await expect.soft(call(users), inspect(answer)).rejects.toMatchObject({
          code: 'config_error',
          params: { hook: name, reason: 'wrong_answer' },
        })
      }
      expect(await rowsOf(repository)).toEqual(before)
    })

    it('has its errors as the cause of the one that the call throws', async () => {
      const failure = new Error('of the host')
      const users = open(
        await prepared(),
        hookWith(() => {
          throw failure
        }),
      )
      // A document that cannot be upgraded is shown as such.
      if (name.startsWith('extendedProfile.upgrades')) await call(users)
      else await expect(call(users)).rejects.toMatchObject({ cause: failure })
    })
  },
)

describe.each(Object.entries(atOnce))(
  'the hook %s, which answers at once,',
  (name, { with: hookWith, call, right }) => {
    it.each(['resolves', 'rejects'])('is refused a promise, and nothing is unhandled when that %s', async (how) => {
      const answer = async (...given: readonly unknown[]) => {
        if (how === 'rejects') throw new Error('late')
        return answerOf(right, given)
      }
      const users = open(await prepared(), hookWith(answer as () => never))
      await expect(call(users)).rejects.toMatchObject({ code: 'config_error', params: { hook: name } })
      await new Promise((turn) => setTimeout(turn, 5))
      expect(unhandled).toEqual([])
    })

    it('is refused a result of which even the question whether it is a promise throws', async () => {
      const closed = new Proxy({}, { get: trap, getPrototypeOf: trap, has: trap, ownKeys: trap })
      const users = open(
        await prepared(),
        hookWith(() => closed as never),
      )
      await expect(call(users)).rejects.toMatchObject({ code: 'config_error', params: { hook: name } })
      expect(unhandled).toEqual([])
    })
  },
)

describe.each(Object.entries(later))('the hook %s, when it never ends,', (name, { with: hookWith, call, right }) => {
  it('fails the call, which stores nothing, and its later result has no effect', async () => {
    const repository = await prepared()
    const before = await rowsOf(repository)
    const { promise, reject } = Promise.withResolvers<never>()
    const users = open(repository, hookWith((() => promise) as () => never))
    await expect(call(users)).rejects.toMatchObject({
      code: expect.stringMatching(/^internal_error$/),
      params: { hook: name, reason: 'hook_timed_out' },
    })
    expect(await rowsOf(repository)).toEqual(before)
    reject(new Error('late'))
    await new Promise((turn) => setTimeout(turn, 5))
    expect(unhandled).toEqual([])
    await call(open(repository, hookWith((async () => right) as () => never)))
  })
})

it('hands every hook that may return a promise a signal, which is aborted when it is late', async () => {
  const signals = new Map<string, AbortSignal | undefined>()
  const heard =
    (name: string) =>
    (...given: readonly unknown[]) => {
      signals.set(name, given.findLast((value) => value instanceof AbortSignal) as AbortSignal | undefined)
      return new Promise<never>(() => {})
    }
  const calls: Readonly<Record<string, Call>> = {
    isReadOnly: update,
    isCountryRestricted: update,
    nameNeedsVerification: update,
    derivedFields: read,
    'credentials.verify': (users) => users.accounts.checkPassword(system, 'ada', password),
    'credentials.set': (users) => users.accounts.updateAsOperator(system, 'ada', { password }),
    'credentials.disable': (users) => users.accounts.disableLogIn(system, 'ada'),
    'enrollments.coursesOf': exported,
    'enrollments.enrolledIn': exported,
  }
  for (const [name, call] of Object.entries(calls)) {
    const [first = '', second = ''] = name.split('.')
    const options =
      first === 'credentials'
        ? credentials({ [second]: heard(name) })
        : first === 'enrollments'
          ? enrollments(
              second === 'enrolledIn'
                ? {
                    enrolledIn: (ids, signal) => ({
                      [Symbol.asyncIterator]: () => ({ next: () => heard(name)(ids, signal) }),
                    }),
                  }
                : { [second]: heard(name) },
            )
          : { [name]: heard(name) }
    await expect(call(open(await prepared(), options)), name).rejects.toMatchObject({
      params: { hook: name, reason: 'hook_timed_out' },
    })
    expect([name, signals.get(name)?.aborted]).toEqual([name, true])
  }
})

describe('enrollments.enrolledIn', () => {
  const batch = [{ user_id: 1, course_id: 'course-v1:OrgX+C+R' }]

  it.each([
    ['no iterable', () => batch],
    ['a promise of one', async () => batch],
    ['nothing', () => undefined],
    ['an iterator that is none', () => ({ [Symbol.asyncIterator]: () => null })],
    ['an iterator without steps', () => ({ [Symbol.asyncIterator]: () => ({}) })],
    ['an iterator that cannot be ended', () => ({ [Symbol.asyncIterator]: () => ({ next: () => 7, return: 7 }) })],
    ['steps that are none', () => ({ [Symbol.asyncIterator]: () => ({ next: () => 7 }) })],
    [
      'batches that are no lists',
      async function* () {
        yield batch[0]
      },
    ],
    [
      'items that are none',
      async function* () {
        yield [{ user_id: {}, course_id: 'a' }]
      },
    ],
  ])('fails the export with %s', async (_, enrolledIn) => {
    await expect(
      exported(open(await prepared(), enrollments({ enrolledIn: enrolledIn as never }))),
    ).rejects.toMatchObject({
      code: 'config_error',
      params: { hook: 'enrollments.enrolledIn', reason: 'wrong_answer' },
    })
  })

  it.each([
    ['at once', () => ({ value: [], done: false })],
    ['in promises', async () => ({ value: [], done: false })],
  ])('is late when it gives nothing but empty batches, %s', async (_, next) => {
    let asked = 0
    const counted = () => {
      asked++
      return next()
    }
    const users = open(
      await prepared(),
      enrollments({ enrolledIn: () => ({ [Symbol.asyncIterator]: () => ({ next: counted }) }) as never }),
    )
    await expect(exported(users)).rejects.toMatchObject({
      params: { hook: 'enrollments.enrolledIn', reason: 'hook_timed_out' },
    })
    await new Promise((turn) => setTimeout(turn, 5))
    const atEnd = asked
    await new Promise((turn) => setTimeout(turn, 5))
    expect(asked).toBe(atEnd)
  })

  it('is ended when the reader stops, and not waited for when it is late', async () => {
    let ended = 0
    async function* batches(after: Promise<unknown>) {
      try {
        yield batch
        await after
        yield batch
      } finally {
        ended++
      }
    }
    const users = open(await prepared(), enrollments({ enrolledIn: () => batches(Promise.resolve()) }))
    const staff = { ...ada, staff: true }
    for await (const rows of users.emailOptIns.export(staff, { orgs: ['OrgX'] })) {
      expect(rows).toHaveLength(1)
      break
    }
    expect(ended).toBe(1)
    const stuck = open(await prepared(), enrollments({ enrolledIn: () => batches(new Promise(() => {})) }))
    await expect(exported(stuck)).rejects.toMatchObject({ params: { reason: 'hook_timed_out' } })
    expect(ended).toBe(1)
  })
})

onEachStore('credentials that never answer inside a transaction', (openStore) => {
  it('undo the change, and later writers of that person come through', async () => {
    await using store = await openStore()
    await drain(await withPeople(store.repository))
    const never = () => new Promise<never>(() => {})
    const users = open(store.repository, credentials({ set: never, disable: never }))
    const stuck = [
      users.accounts.updateAsOperator(system, 'ada', { password, is_active: false }),
      users.accounts.disableLogIn(system, 'ada'),
      users.accounts.create(system, { username: 'eve', email: 'eve@example.com', name: 'Eve', password }),
    ]
    const writers = Array.from({ length: 3 }, (_, n) =>
      users.accounts.update(ada, 'ada', { extended_profile: { [`f${n}`]: n } }),
    )
    for (const call of await Promise.allSettled(stuck)) {
      expect(call).toMatchObject({ status: 'rejected', reason: { params: { reason: 'hook_timed_out' } } })
    }
    expect((await Promise.all(writers)).map(({ version }) => version).sort()).toEqual([2, 3, 4])
    expect((await store.repository.select('users', {})).map((row) => row.username).sort()).toEqual(['ada', 'bob'])
    expect((await drain(users)).map(({ name }) => name)).toEqual(Array(3).fill('account.changed'))
  })
})

it('a late attempt in a lane lets those behind it go on', async () => {
  const memory = memoryRepository() as Repository
  await withPeople(memory)
  let asked = 0
  let stopped = 0
  const commit: Repository['commit'] = async (...unit) => stopped++ > 0 && memory.commit(...unit)
  const derivedFields = () => (++asked === 2 ? new Promise<never>(() => {}) : Promise.resolve(new Map()))
  const users = open({ ...memory, commit }, { derivedFields })
  const first = users.accounts.update(ada, 'ada', { bio: 'first' })
  await expect(first).rejects.toMatchObject({ params: { hook: 'derivedFields', reason: 'hook_timed_out' } })
  expect((await users.accounts.update(ada, 'ada', { bio: 'second' })).version).toBe(2)
})

describe('createUserCore', () => {
  const repository = memoryRepository() as Repository

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, '30', null])(
    'refuses %s as hookTimeoutMs',
    (value) => {
      expect(() => open(repository, { hookTimeoutMs: value as never })).toThrow(
        expect.objectContaining({ code: 'config_error', params: { option: 'hookTimeoutMs' } }),
      )
    },
  )

  it.each(['clock', 'ids', 'random', 'translate', 'logger', 'isReadOnly', 'derivedFields'])(
    'refuses a %s that is no function',
    (name) => {
      for (const value of [null, 7, 'now', {}]) {
        expect(() => open(repository, { [name]: value })).toThrow(
          expect.objectContaining({ code: 'config_error', params: { hook: name } }),
        )
      }
    },
  )

  it('refuses credentials and enrollments with a member that is none, or without one', () => {
    for (const [hook, options] of [
      ['credentials', { credentials: 'secret' as never }],
      ['credentials.set', { credentials: { verify: async () => true } as never }],
      ['enrollments.enrollmentsOf', enrollments({ enrollmentsOf: undefined as never })],
      ['credentials.verify', credentials({ verify: true as never })],
      ['enrollments.enrolledIn', enrollments({ enrolledIn: [] as never })],
    ] as const) {
      expect(() => open(repository, options)).toThrow(
        expect.objectContaining({ code: 'config_error', params: { hook } }),
      )
    }
  })
})
