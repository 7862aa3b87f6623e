import type { Repository } from '../../../src/port/repository.ts'
import { isPersonal, type Meaning, type TableName, tables, type UserId } from '../../../src/port/tables.ts'
import type { Where, Write } from '../../../src/port/write.ts'
import { sampleRows } from '../../../src/testing/contract/sample-rows.ts'

/** A column of a table of the library that can hold a text. */
export interface Place {
  readonly table: TableName
  readonly column: string
  readonly meaning: Meaning
}

/** Columns of codes of two letters. */
const tooNarrow = ['country', 'state']

/** Every column of the library in which a copy of a name can be stored: what is personal, and JSON of any meaning. */
export const ownPlaces: readonly Place[] = (Object.keys(tables) as TableName[]).flatMap((table) =>
  Object.entries<Meaning>(tables[table].meanings).flatMap(([column, meaning]) => {
    const type = (tables[table].columns as Readonly<Record<string, string>>)[column]
    const isText = type === 'text' && isPersonal(meaning) && !tooNarrow.includes(column)
    return isText || type === 'json' ? [{ table, column, meaning }] : []
  }),
)

/** Tables of which each person has a row that cannot be deleted. */
const everyone: readonly TableName[] = ['users', 'profiles']

/** Stores a copy of a text in a column of a row of a person. Returns the way to take it back. */
export async function plantCopy(
  repository: Repository,
  { table, column }: Place,
  user_id: UserId,
  text: string,
): Promise<() => Promise<boolean>> {
  const type = (tables[table].columns as Readonly<Record<string, string>>)[column]
  const value = type === 'json' ? { list: [`for ${text}`] } : column === 'document' ? JSON.stringify({ a: text }) : text
  const pair = column.replace(/_key$/, '')
  const key = `${pair}_key`
  const set = { [column]: value, ...(key in tables[table].columns ? { [pair]: value, [key]: text.toLowerCase() } : {}) }
  const where = whereOf(table, user_id)
  const before = await repository.select(table, where)
  const write = (rows: readonly object[]): Promise<boolean> =>
    repository.commit([
      { delete: table, where },
      { insert: table, rows },
    ] as unknown as Write[])
  if (everyone.includes(table)) {
    const [row = {}] = before
    const old = Object.fromEntries(Object.keys(set).map((name) => [name, Reflect.get(row, name)]))
    await repository.commit([{ update: table, set, where } as Write])
    return () => repository.commit([{ update: table, set: old, where } as Write])
  }
  const states = { current_state: 'PENDING', last_state: 'PENDING' }
  const sample = sampleRows(user_id, 'nothing')[table]
  const row = { ...sample, ...('current_state' in sample ? states : {}), ...set }
  if (!(await write([row]))) throw new Error(`no copy was stored in ${table}.${column}`)
  return () => write(before)
}

/** Returns the condition of the rows of a person; in a table that has none of people, that of one row. */
function whereOf(table: TableName, user_id: UserId): Where<TableName> {
  if (table === 'users') return { id: user_id } as Where<TableName>
  if ('user_id' in tables[table].columns) return { user_id } as Where<TableName>
  const row: Readonly<Record<string, unknown>> = { ...sampleRows(user_id, 'nothing')[table] }
  return Object.fromEntries(tables[table].primary.map((column) => [column, row[column]])) as Where<TableName>
}
