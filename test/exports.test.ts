import { inspect } from 'node:util'
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import * as core from '../src/index.ts'
import * as kysely from '../src/kysely/index.ts'
import * as memory from '../src/memory/index.ts'
import { memoryRepository } from '../src/memory/index.ts'
import * as port from '../src/port/index.ts'
import * as rules from '../src/rules/index.ts'
import { exportedNames, sourceFiles } from './support/doc-comments.ts'
import { odd } from './support/hostile.ts'

const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Database(':memory:') }) })
const limits = { maxBytes: 1000, maxDepth: 10, maxKeys: 100, maxOperations: 10 }
const options = { dialect: 'sqlite', prefix: 'u_' } as const
const users = {
  table: 'people',
  idType: 'integer',
  columns: { id: 'id', username: 'name', email: 'mail', is_active: 'active', date_joined: 'joined' },
  newId: () => 1,
}
const naming = { ...options, users }
const orders = {
  source: 'orders',
  table: 'orders',
  subject: { user_id: 'customer' },
  key: ['id'],
  columns: {
    id: 'key',
    customer: 'key',
    made_at: 'fact',
    note: { meaning: 'free_text', why: 'tax law', for: { days: 10, since: 'made_at' } },
    phone: 'identifier',
  },
  treatment: { erase: 'columns', emptied: { phone: null } },
}

/** Functions that take anything, and functions of which a host brings what they take. */
const open = [
  'errorStatus',
  'isUserCoreError',
  'isTimeZone',
  'UserCoreError',
  'StorageError',
  'notStorable',
  'notErasable',
]

/**
 * Rules of records. Reason: a record, its context and the settings come from a repository, from `newAccount`,
 * `ruleContext` and the like, or from another rule, and never from a client, so the compiler alone checks their types. The
 * comment of each says so; what a client sends to one can be any JSON, which `rules.test.ts` tries.
 */
const ofRecords = [
  'age',
  'changeAccount',
  'changePreferences',
  'checkField',
  'eraseAccount',
  'mergeExtendedProfile',
  'newAccount',
  'newRetirement',
  'patchAccount',
  'patchExtendedProfile',
  'profileImageUrls',
  'refuseCancel',
  'refuseMove',
  'refuseStep',
  'requiresParentalConsent',
  'resolvePreference',
  'retiredForm',
  'retiredForms',
  'rewrapped',
  'ruleContext',
  'showAccount',
  'visibleFields',
]

/** Right arguments of the others. */
const samples: Readonly<Record<string, readonly unknown[]>> = {
  applyJsonPatch: [{ a: 1 }, [{ op: 'remove', path: '/a' }], limits],
  applyMergePatch: [{ a: 1 }, { a: 2 }, limits],
  createUserCore: [
    {
      repository: memoryRepository(),
      personalData: memory.memoryPersonalData({ sources: [], tables: {} }),
      journal: core.fileJournal('/tmp/erasures.jsonl'),
      settings: { cool_off_days: 1 },
      preferences: core.definePreferences({ theme: { schema: z.string(), default: 'light' } }),
      extendedProfile: { occupation: z.string() },
      clock: () => new Date(),
      logger: () => {},
      credentials: { verify: () => {}, set: () => {}, disable: () => {} },
      enrollments: { coursesOf: () => {}, enrollmentsOf: () => {}, enrolledIn: () => {} },
      isReadOnly: () => false,
      translate: () => '',
    },
  ],
  defineExtendedProfile: [
    { occupation: { schema: z.string(), visibility: 'shared', history: true } },
    { unknown: 'store', version: 2, upgrades: { 1: () => ({}) }, precedence: ['staff'] },
  ],
  definePersonalData: [orders],
  definePipeline: [[{ step: 's', working: 'W', done: 'D', action: 'misc' }]],
  definePreferences: [{ theme: { schema: z.string(), default: 'light', scopes: ['org'] } }, { undeclared: 'store' }],
  diffJsonPatch: [{ a: 1 }, { a: 2 }, limits],
  diffMergePatch: [{ a: 1 }, { a: 2 }, limits],
  drawGroup: [
    { id: 7, name: 'colours', scheme: 'random', groups: [{ id: 1, name: 'red' }] },
    (size: number) => new Uint8Array(size),
  ],
  fileJournal: ['/tmp/erasures.jsonl'],
  formatSocialLink: ['x.com/', 'ada'],
  identifierKey: ['ada'],
  inventoryMarkdown: [[orders]],
  mayHold: ['To Ada', ['ada']],
  isMinorNameEdit: ['Ada', 'Adá'],
  listTimeZones: [{ country_code: 'IT', at: new Date() }],
  areStorable: [
    [
      { delete: 'users', where: {} },
      { update: 'users', set: { first_name: 'x' }, where: {} },
    ],
  ],
  memoryPersonalData: [{ sources: [orders], tables: { orders: [{ id: 1 }] } }],
  memoryRepository: [{ idType: 'text', usernames: 'own' }],
  takingTurns: [() => ({}), memoryRepository()],
  orgOfCourse: ['course-v1:OrgX+C+R'],
  suggestUsernames: ['Ada King', () => false],
  toCloudEvent: [{ id: 'm', kind: 'event', name: 'x', user_id: 1, payload: {}, created_at: '' }, { source: '/users' }],
  kyselyJournal: [db, { table: 'erasures' }],
  checkCoverage: [
    db,
    {
      ...naming,
      sources: [orders],
      waivers: [{ table: 'orders', column: 'note', why: 'test', until: '2030-01-01' }],
      patterns: [/phone/],
      at: new Date(),
    },
  ],
  checkSchema: [db, naming],
  keptStatements: [new Database(':memory:'), { max: 10 }],
  kyselyPersonalData: [db, { ...naming, sources: [orders] }],
  kyselyRepository: [db, { ...naming, readAfterWrite: true }],
  migrate: [db, options],
  migrationSql: [{ ...naming, since: '0004-retirement' }],
  nodeSqlite: [{ prepare: () => {}, close: () => {} }],
  renewKeys: [db, options],
  searchIndexes: [naming],
  transactionOver: [new Database(':memory:').exec('begin')],
  verifyMapping: [db, naming],
}

const exported = Object.entries<unknown>({ ...core, ...kysely, ...memory, ...port, ...rules }).filter(
  ([name, value]) => typeof value === 'function' && !open.includes(name) && !ofRecords.includes(name),
) as [string, (...values: readonly unknown[]) => unknown][]

/** Codes that say that an argument or an option is not what it has to be. */
const refusals = ['bad_request', 'config_error', 'patch_error', 'partition_error']

/** Values in the place of each argument, of each member of one, and of each member of a member. */
function variants(sample: readonly unknown[]): (readonly unknown[])[] {
  return sample.flatMap((argument, index) => within(argument, 2).map((value) => sample.with(index, value)))
}

function within(value: unknown, depth: number): unknown[] {
  const isPlain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  if (!isPlain || depth === 0) return [...odd]
  const members = Object.entries(value).flatMap(([name, member]) =>
    within(member, depth - 1).map((item) => ({ ...value, [name]: item })),
  )
  return [...odd, ...members]
}

describe.each(exported)('%s', (name, call) => {
  const sample = samples[name]
  const outcomeOf = async (values: readonly unknown[]) => {
    try {
      await call(...values)
      return 'ok'
    } catch (error) {
      // Tables of another name are not there.
      if (error instanceof Database.SqliteError) return 'ok'
      return core.isUserCoreError(error) ? error.code : inspect(error)
    }
  }

  it('has a sample of each parameter without a default', () =>
    expect(sample?.length).toBeGreaterThanOrEqual(call.length))

  it('takes its sample', async () => {
    expect(sample).toBeDefined()
    expect(await outcomeOf(sample ?? [])).toBe('ok')
  })

  it('takes or refuses every other value by a code', async () => {
    const failures = new Set<string>()
    for (const values of variants(sample ?? [])) {
      const outcome = await outcomeOf(values)
      if (outcome !== 'ok' && !refusals.includes(outcome)) failures.add(`${inspect(values, { depth: 3 })}: ${outcome}`)
    }
    expect([...failures]).toEqual([])
  }, 30_000)
})

it.each(Object.keys(samples.createUserCore?.[0] as object))('createUserCore refuses null as %s', (name) => {
  const given = { repository: memoryRepository(), [name]: null }
  expect(() => core.createUserCore(given as never)).toThrow(expect.objectContaining({ code: 'config_error' }))
})

describe('the comment of a rule of records', () => {
  const comments = new Map(
    exportedNames(sourceFiles(), ['src/rules/index.ts']).map(({ name, comment = '' }) => [name, comment] as const),
  )

  it.each(ofRecords)('says what it expects, and that it is not checked: %s', (name) => {
    const comment = comments.get(name)?.replaceAll('\n', ' ')
    expect(comment).toMatch(/(?:^| {2})Expects .*(?:not|neither is|none of them is) checked\b/)
  })
})
