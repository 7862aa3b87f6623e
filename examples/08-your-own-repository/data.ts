import { notNull, references, type TableName, type Tables, tables, type Where, type Write } from 'usercore/port'

type Row = Tables[TableName]

/** Everything that is stored: what the JSON file holds. */
export interface Data {
  /** Ids are not given twice, even when the newest person is gone. */
  last_user_id: number
  readonly rows: Record<TableName, readonly Row[]>
}

/** A store without people. */
export function emptyData(): Data {
  const rows = {} as Data['rows']
  for (const name of Object.keys(tables) as TableName[]) rows[name] = []
  return { last_user_id: 0, rows }
}

/** The rows that match, copied. */
export function select<Name extends TableName>(data: Data, table: Name, where: Where<Name>): Tables[Name][] {
  return structuredClone(data.rows[table].filter(matcher(where))) as Tables[Name][]
}

/**
 * Applies a unit of work to data that no other caller sees yet. Tells whether none of its writes stopped it; the data is
 * of no use when one did.
 */
export function applyWrites(data: Data, writes: readonly Write[]): boolean {
  return writes.every((write) => applyWrite(data, write))
}

function applyWrite(data: Data, write: Write): boolean {
  if ('insert' in write)
    return replace(data, write.insert, [...data.rows[write.insert], ...structuredClone(write.rows)])
  if ('upsert' in write) return upsert(data, write.upsert, write.rows)
  if ('put' in write) {
    const versions = new Map(data.rows[write.put].map((row) => [keyOf(write.put, row), cell(row, 'version')]))
    const isNext = (row: Row & { version: number }) => (versions.get(keyOf(write.put, row)) ?? 0) === row.version - 1
    return write.rows.every(isNext) && upsert(data, write.put, write.rows)
  }
  if ('require' in write) {
    const people = new Map(data.rows.users.map((row) => [cell(row, 'id'), row]))
    return write.rows.every((row) =>
      Object.entries(row).every(([name, value]) => cell(people.get(row.id) ?? {}, name) === value),
    )
  }
  const table = 'update' in write ? write.update : write.delete
  const matches = matcher(write.where)
  if (write.guarded === true && data.rows[table].filter(matches).length !== 1) return false
  if ('delete' in write) return remove(data, table, matches)
  const changed = data.rows[table].map((row) => (matches(row) ? { ...row, ...structuredClone(write.set) } : row))
  return replace(data, table, changed as Row[])
}

/** Removes rows, with those that belong to them. */
function remove(data: Data, table: TableName, matches: (row: Row) => boolean): boolean {
  const gone = new Set(data.rows[table].filter(matches).map((row) => keyOf(table, row)))
  for (const { from, column, to, onDelete } of references) {
    if (to !== table || onDelete === 'stop') continue
    data.rows[from] = data.rows[from].filter((row) => !gone.has(textOf(row, [column])))
  }
  return replace(
    data,
    table,
    data.rows[table].filter((row) => !matches(row)),
  )
}

function upsert(data: Data, table: TableName, rows: readonly Row[]): boolean {
  const keys = new Set(rows.map((row) => keyOf(table, row)))
  const others = data.rows[table].filter((row) => !keys.has(keyOf(table, row)))
  return replace(data, table, [...others, ...structuredClone(rows)])
}

/** Replaces the rows of a table. Tells whether the keys of each table, and the rows that they reference, are still valid. */
function replace(data: Data, table: TableName, rows: readonly Row[]): boolean {
  data.rows[table] = rows
  if (table === 'users')
    for (const row of rows) data.last_user_id = Math.max(data.last_user_id, Number(cell(row, 'id')))
  const keys: readonly (readonly string[])[] = [tables[table].primary, ...tables[table].unique]
  const isShared = (key: readonly string[]) => {
    // Any number of rows can have null in a key.
    const whole = rows.filter((row) => key.every((column) => cell(row, column) !== null))
    return new Set(whole.map((row) => textOf(row, key))).size < whole.length
  }
  if (keys.some(isShared)) return false
  return references.every(({ from, column, to }) => {
    const there = new Set(data.rows[to].map((row) => textOf(row, tables[to].primary)))
    return data.rows[from].every((row) => there.has(textOf(row, [column])))
  })
}

/** The cells of some columns, as one text to compare. */
function textOf(row: Row, columns: readonly string[]): string {
  return JSON.stringify(columns.map((column) => cell(row, column)))
}

function keyOf(table: TableName, row: Row): string {
  return textOf(row, tables[table].primary)
}

function cell(row: object, column: string): unknown {
  return (row as { [column: string]: unknown })[column]
}

/** Makes a test of rows out of conditions. */
function matcher(where: object): (row: Row) => boolean {
  const conditions = Object.entries(where).map(([column, wanted]) => ({
    column,
    wanted,
    allowed: new Set<unknown>(Array.isArray(wanted) ? wanted : [wanted]),
  }))
  return (row) =>
    conditions.every(({ column, wanted, allowed }) => {
      const value = cell(row, column)
      if (typeof wanted === 'object' && wanted !== null && 'before' in wanted)
        return value === null || String(value) < String(wanted.before)
      return wanted === notNull ? value !== null : allowed.has(value)
    })
}
