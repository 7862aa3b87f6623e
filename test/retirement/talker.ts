import { expect } from 'vitest'
import type { Repository } from '../../src/port/repository.ts'
import {
  type ColumnType,
  isPersonal as hasPersonal,
  type Meaning,
  type TableName,
  tables,
  type UserId,
} from '../../src/port/tables.ts'
import type { Write } from '../../src/port/write.ts'
import { registry } from '../../src/retirement/registry.ts'
import { outboxRow, userRow } from '../../src/testing/rows.ts'
import { bringTo, type Site, worker } from './site.ts'

export const names = Object.keys(registry) as TableName[]
export const columnsOf = (table: TableName) => Object.entries(tables[table].columns) as [string, ColumnType][]
export const isPersonal = (table: TableName, column: string) =>
  hasPersonal((tables[table].meanings as Readonly<Record<string, Meaning>>)[column] ?? 'fact')
export const personalTables = names.filter((table) => columnsOf(table).some(([column]) => isPersonal(table, column)))

/** Matches every value that `fill` writes into personal columns. */
export const marks = /secret|hearsay|§|70000\d\d|1815-12-10/

/** Columns that are too narrow in some databases for more than a code. */
const codes = ['gender', 'level_of_education', 'country', 'state', 'code']

/** Returns a value for a personal column. The key of a value has the same text as the value. */
function word(table: TableName, column: string, type: ColumnType): unknown {
  const index = columnsOf(table).findIndex(([name]) => name === column)
  const text = codes.includes(column) ? `§${index.toString(36)}` : `secret-${table}-${column.replace(/_key$/, '')}`
  if (column === 'document') return JSON.stringify({ [text]: text })
  const values: Record<ColumnType, unknown> = {
    text,
    id: 7_000_000 + index,
    integer: 7_000_000 + index,
    boolean: true,
    instant: `1815-12-10T00:00:00.${String(index).padStart(6, '0')}Z`,
    json: { [text]: text },
  }
  return values[type]
}

/** Returns a value for a column that is not personal. */
function plain(type: ColumnType): unknown {
  return { text: 'x', id: 1, integer: 1, boolean: true, instant: '2024-06-15T12:00:00.000000Z', json: {} }[type]
}

function rowOf(table: TableName, user_id: UserId): object {
  const cells = columnsOf(table).map(([column, type]) => [
    column,
    column === 'user_id' ? user_id : isPersonal(table, column) ? word(table, column, type) : plain(type),
  ])
  return Object.fromEntries(cells)
}

/** Tables whose rows come from the operations of retirement themselves. */
const fromOperations: readonly TableName[] = ['users', 'retirements', 'retirement_history', 'partner_reports']

/** Writes a value into every personal column of all rows of a person, but for those that operations make. */
async function fill(repository: Repository, id: UserId): Promise<void> {
  // The work on a retirement begins with its request.
  const isRequested = (await repository.select('retirements', { user_id: id })).length > 0
  const rows = names
    .filter((table) => isRequested || table !== 'retirement_work')
    .filter((table) => columnsOf(table).some(([column]) => column === 'user_id'))
    .filter((table) => personalTables.includes(table) && !fromOperations.includes(table) && table !== 'outbox')
    .map((table) => ({ upsert: table, rows: [rowOf(table, id)] }) as unknown as Write)
  const payload = { word: 'secret-outbox-payload' }
  const messages = (['mail', 'event'] as const).map((kind) => outboxRow(crypto.randomUUID(), id, { kind, payload }))
  const hits = { name: 'email_change', subject: String(id), period_start: '2024-06-15T12:00:00.000000Z', hits: 1 }
  const [profile] = await repository.select('profiles', { user_id: id })
  const version = (profile?.version ?? 0) + 1
  expect(
    await repository.commit([
      ...rows,
      { update: 'profiles', set: { version }, where: { user_id: id } },
      { insert: 'outbox', rows: messages },
      { upsert: 'rate_limits', rows: [hits] },
    ]),
  ).toBe(true)
}

/** Adds a person with a value in every personal column. */
export async function addTalker(site: Site, repository: Repository): Promise<{ id: UserId; username: string }> {
  const user = rowOf('users', 0) as ReturnType<typeof userRow>
  const id = (await repository.insertUser({ ...userRow('x'), ...user }, () => [])) ?? 0
  site.enrolled.push({ user_id: id, course_id: 'course-v1:OrgX+C+R' })
  await fill(repository, id)
  return { id, username: user.username }
}

/** Returns the personal columns of a person that hold no value, as `table.column`. */
async function silentColumns(repository: Repository, id: UserId): Promise<string[]> {
  const silent: string[] = []
  for (const table of personalTables) {
    const where = table === 'users' ? { id } : { user_id: id }
    const rows = (await repository.select(table, where as never)) as object[] as Record<string, unknown>[]
    for (const [column] of columnsOf(table)) {
      const isSaid = rows.some((row) => row[column] !== null && row[column] !== '')
      if (isPersonal(table, column) && !isSaid) silent.push(`${table}.${column}`)
    }
  }
  return silent
}

/** Takes a person from the request to the clean-up, while values of the person are written again and again. */
export async function retire(site: Site, repository: Repository, { id, username }: { id: UserId; username: string }) {
  const { retirement } = site.users
  const say = (state: string) => retirement.move(worker, username, { state, note: 'hearsay' })
  await bringTo(site, username, 'PENDING')
  await fill(repository, id)
  await say('ADDING_TO_PARTNER_QUEUE')
  await retirement.runStep(worker, username, 'partner_report')
  await say('RETIRING_LMS_MISC')
  // Moves end the work on the step before.
  await fill(repository, id)
  expect(await silentColumns(repository, id)).toEqual([])
  await retirement.runStep(worker, username, 'misc')
  await say('RETIRING_LMS')
  await retirement.runStep(worker, username, 'account')
  // These stand for calls that were under way when the account was erased.
  await fill(repository, id)
  await say('COMPLETE')
  await retirement.cleanUp(worker, [username])
  const { batchId } = await retirement.partnerReports.take(worker)
  await retirement.partnerReports.finish(worker, [username], { batchId })
}
