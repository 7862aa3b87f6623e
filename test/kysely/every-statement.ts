import { type DatabaseConnection, type Driver, Kysely } from 'kysely'
import { dialectOf } from '../../src/kysely/dialect.ts'
import {
  checkSchema,
  kyselyRepository,
  type MigrateOptions,
  migrationSql,
  verifyMapping,
} from '../../src/kysely/index.ts'
import type { Repository, RowSelection } from '../../src/port/repository.ts'
import { type TableName, tables } from '../../src/port/tables.ts'
import type { OwnedTable, Where, Write } from '../../src/port/write.ts'
import { sampleRows } from '../../src/testing/contract/sample-rows.ts'

/** Statements that one call may run: a call that pages until a page is short would never end on a page that is always full. */
const mostStatements = 200
const moment = '2024-06-15T12:00:00.000000Z'

/** Every condition of a list of people. */
const everyCondition = {
  username: 'a',
  email: 'a',
  name: 'a',
  is_active: true,
  country: 'IT',
  joined_from: moment,
  joined_before: moment,
  values: [{ field: 'f', value: 'v' }],
}

/** A row of a database that has every column that is asked for. */
const anyRow = new Proxy<Record<string, unknown>>(
  {},
  { get: (_, column) => (String(column).endsWith('_state') || column === 'state_name' ? 'PENDING' : '1') },
)
/** Names of columns that hold lists, which come as JSON. */
const lists = ['language_proficiencies', 'social_links', 'extended_profiles', 'preferences', 'org_tags', 'course_tags']

/** Makes the text of every statement that the adapter can run under some options, on a database that does not exist. */
export async function everyStatement(options: MigrateOptions, readAfterWrite: boolean): Promise<string[]> {
  const texts: string[] = await migrationSql(options)
  const { db, ...answers } = recording(options, texts)
  const repository = kyselyRepository(db, { ...options, readAfterWrite }) as Repository
  const run = async (call: (repository: Repository) => Promise<unknown>) => {
    for (const rows of [0, 1]) {
      for (const affected of [1, 2]) {
        // The results make no sense: only the text of the statements counts.
        answers.give(rows, affected)
        await call(repository).catch(() => {})
        answers.give(rows, affected)
        await db.transaction().execute((trx) => call(repository.with(trx)).catch(() => {}))
      }
    }
  }
  for (const by of [{ ids: [1] }, { email_keys: ['a'] }, { username_keys: ['a', 'b'] }, { ids: [] }]) {
    await run((on) => on.findAccounts(by))
    for (const more of [
      {},
      { keys: ['a'] },
      { keys: ['a'], counted: false },
      { keys: ['a'], org: 'o', course_id: 'c' },
      { deactivations: true as const },
    ]) {
      await run((on) => on.findPreferences({ by, ...more }))
    }
  }
  for (const orgs of [[], ['o'], ['o', 'p']]) await run((on) => on.findOrgTags({ ids: [1, 2], orgs, key: 'k' }))
  await run((on) => on.findClaims({ username_keys: ['a'], email_keys: ['a'] }))
  for (const more of [{}, { from: moment }, { from: moment, after: { created_at: moment, user_id: 1 } }]) {
    await run((on) => on.pageRetirements({ states: ['A', 'B'], before: moment, limit: 1, ...more }))
  }
  for (const order of ['id', 'username', 'email', 'name', 'date_joined'] as const) {
    for (const where of [{}, everyCondition]) {
      const list = { where, order, limit: 1 }
      await run((on) => on.pageAccounts(list))
      await run((on) => on.pageAccounts({ ...list, descending: true, after: { id: 1, value: moment } }))
    }
  }
  await run((on) => on.expiredKeys({ now: moment, limit: 1 }))
  await run((on) => on.leaseOutbox({ now: moment, leased_until: moment, lease: 'l', limit: 1 }))
  await run((on) =>
    on.leaseOutbox({ now: moment, leased_until: moment, lease: 'l', limit: 1, kinds: ['mail', 'event'] }),
  )
  await run((on) => on.countOutbox({ now: moment }))
  await run((on) => on.countRetirements({ before: moment }))
  await run((on) => on.pageDeadMessages({ limit: 1 }))
  await run((on) => on.pageDeadMessages({ limit: 1, after: { dead_at: moment, id: 'm' } }))
  const state = { state_name: 'A', state_execution_order: 1, kind: 'start', step: null, action: null } as const
  for (const idle of [[], ['A'], ['A', 'B']]) {
    const lease = { now: moment, leased_until: moment, lease: 'l', before: moment, limit: 1, idle, working: ['C'] }
    for (const more of [{}, { pipeline: [] }, { pipeline: [state] }]) {
      await run((on) => on.leaseRetirements({ ...lease, ...more }))
    }
  }
  for (const more of [{}, { after: 'r' }, { after: 'r', descending: true }]) {
    await run((on) => on.pageRows('retirement_receipts', { sequence: null }, { by: 'id', limit: 1, ...more }))
    await run((on) => on.pageRows('retired_identifiers', { kind: 'email' }, { by: 'form', limit: 1, ...more }))
    await run((on) => on.pageRows('retirement_holds', {}, { by: 'id', limit: 1, ...more }))
  }
  for (const more of [{}, { after: 1 }, { descending: true }]) {
    await run((on) => on.pageRows('retirement_receipts', {}, { by: 'sequence', limit: 1, ...more }))
  }
  for (const where of [{}, { user_id: 1 }, { user_id: [1, 2] }]) {
    const all = (Object.keys(tables) as TableName[]).map((table) => {
      return [table, 'user_id' in tables[table].columns ? where : {}] as unknown as RowSelection
    })
    await run((on) => on.selectEach(all))
  }
  await run((on) => on.insertUser(sampleRows(1, 'ada').users, () => []))
  for (const table of Object.keys(tables) as TableName[]) {
    await run((on) => on.select(table, {}))
    for (const texts of [[], ['a'], ['a', 'b', 'c']]) await run((on) => searchTwice(on, table, texts))
    for (const where of wheres(table)) {
      await run((on) => on.select(table, where))
      if ('user_id' in tables[table].columns) {
        await run((on) => on.pageUsers(table as OwnedTable, where as Where<OwnedTable>, { limit: 1 }))
        await run((on) => on.pageUsers(table as OwnedTable, where as Where<OwnedTable>, { after: 1, limit: 1 }))
      }
    }
    for (const write of writes(table)) await run((on) => on.commit([write]))
  }
  answers.give(1, 1)
  await checkSchema(db, options).catch(() => {})
  if (options.users !== undefined) await verifyMapping(db, { ...options, users: options.users }).catch(() => {})
  return [...new Set(texts)]
}

/** Searches the columns of text and JSON of a table: a page, and the one behind it. */
async function searchTwice(on: Repository, table: TableName, texts: readonly string[]): Promise<void> {
  const columns = Object.entries(tables[table].columns).flatMap(([column, type]) =>
    type === 'text' || type === 'json' ? [column as never] : [],
  )
  if (columns.length === 0) return
  const { next } = await on.searchTexts(table, { columns, texts, limit: 1 })
  if (next !== null) await on.searchTexts(table, { columns, texts, limit: 1, after: next })
}

/** Returns a condition on each column, of each form, and on all of the key. */
function wheres<Name extends TableName>(table: Name): Where<Name>[] {
  const row: Readonly<Record<string, unknown>> = { ...sampleRows(1, 'ada')[table] }
  const each = Object.keys(tables[table].columns).flatMap((column) => [
    { [column]: row[column] ?? null },
    { [column]: null },
    { [column]: [row[column] ?? 1] },
  ])
  const key = Object.fromEntries(tables[table].primary.map((column) => [column, row[column]]))
  return [...each, key] as Where<Name>[]
}

/** Returns every kind of write of a table. */
function writes(table: TableName): Write[] {
  const row = sampleRows(1, 'ada')[table]
  const rows = [row, sampleRows(2, 'bob')[table]]
  const key = wheres(table).at(-1) ?? {}
  const set = Object.fromEntries(
    Object.entries(row).filter(([column]) => !(tables[table].primary as readonly string[]).includes(column)),
  )
  const made = [
    { insert: table, rows },
    { upsert: table, rows },
    { delete: table, where: {} },
    ...wheres(table).map((where) => ({ delete: table, where })),
    ...Object.entries(set).map(([column, value]) => ({ update: table, set: { [column]: value }, where: key })),
    { update: table, set, where: key, guarded: true },
    ...('version' in row ? [1, 2].map((version) => ({ put: table, rows: [{ ...row, version }] })) : []),
    ...('value' in row ? [{ put: table, rows: [{ ...row, value: null, version: 2 }] }] : []),
  ]
  return made as unknown as Write[]
}

/** Makes a database that does not exist: it records its statements, and returns given results. */
function recording(options: MigrateOptions, texts: string[]) {
  const answer = { rows: 0, affected: 1, statements: 0 }
  const row = new Proxy(anyRow, {
    get: (target, column) => (lists.includes(String(column)) ? '[]' : Reflect.get(target, column)),
    has: () => true,
  })
  const connection: DatabaseConnection = {
    async executeQuery<Row>({ sql }: { readonly sql: string }) {
      // Savepoints are numbered.
      answer.statements += 1
      if (answer.statements > mostStatements) throw new Error('A call has run more statements than any page needs')
      texts.push(sql.replaceAll(/usercore_\d+/g, 'usercore_1'))
      const rows = Array.from({ length: answer.rows }, () => row as Row)
      return { rows, numAffectedRows: BigInt(answer.affected) }
    },
    async *streamQuery() {},
  }
  const quiet = async () => {}
  const driver: Driver = {
    init: quiet,
    destroy: quiet,
    acquireConnection: async () => connection,
    releaseConnection: quiet,
    beginTransaction: quiet,
    commitTransaction: quiet,
    rollbackTransaction: quiet,
  }
  const db = new Kysely<unknown>({ dialect: { ...dialectOf(options.dialect).kyselyParts, createDriver: () => driver } })
  return { db, give: (rows: number, affected: number) => Object.assign(answer, { rows, affected, statements: 0 }) }
}
