import { references } from '../port/references.ts'
import { type TableName, type Tables, tables } from '../port/tables.ts'
import { momentOf, type NamedUser, notNull, type Where, type Write } from '../port/write.ts'
import { copyJson } from '../values/json.ts'
import type { MemoryStore, MemoryTable } from './memory-store.ts'

type Row = Tables[TableName]

/** Undoes one change of a row. */
type Undo = () => void

/**
 * Applies the writes of a unit, in order. Returns whether none of them stopped it; when one did, those before it are
 * undone. It waits for nothing, so that no other call sees a unit that is half done.
 */
export function applyWrites(store: MemoryStore, writes: readonly Write[]): boolean {
  const undo: Undo[] = []
  const done = writes.every((write) => applyWrite(store, write, undo))
  if (!done) for (const takeBack of undo.reverse()) takeBack()
  return done
}

function applyWrite(store: MemoryStore, write: Write, undo: Undo[]): boolean {
  if ('insert' in write) return write.rows.every((row) => insert(store, write.insert, row, undo))
  if ('upsert' in write) return write.rows.every((row) => upsert(store, write.upsert, row, undo))
  if ('put' in write) return write.rows.every((row) => put(store, write.put, row, undo))
  if ('require' in write) return write.rows.every((row) => isThere(store, row))
  const table = 'update' in write ? write.update : write.delete
  const isMatch = matcher<TableName>(write.where)
  const matching = [...store.table(table).rows].filter(([, row]) => isMatch(row))
  if (write.guarded === true && matching.length !== 1) return false
  return matching.every(([key, row]) => {
    set(store, table, key, undefined, undo)
    if ('update' in write) return insert(store, table, { ...row, ...write.set } as Row, undo)
    return removeWithParts(store, table, row, undo)
  })
}

/** Tells whether a person is there under their names. Units run one at a time, so no other one changes it meanwhile. */
function isThere(store: MemoryStore, { id, username, email }: NamedUser): boolean {
  const user = store.table('users').rows.get(JSON.stringify([id]))
  return user?.username === username && (email === undefined || user.email === email)
}

/** Removes the rows that belong to a removed row. Returns whether no row that is left references it. */
function removeWithParts(store: MemoryStore, name: TableName, row: Row, undo: Undo[]): boolean {
  const key = primaryKey(name, row)
  return references
    .filter(({ to }) => to === name)
    .every(({ from, column, onDelete }) => {
      const naming = [...store.table(from).rows].filter(([, left]) => JSON.stringify([cell(left, column)]) === key)
      if (onDelete === 'stop') return naming.length === 0
      for (const [part] of naming) set(store, from, part, undefined, undo)
      return true
    })
}

/** Tells whether the rows that a row references are there. */
function hasReferences(store: MemoryStore, name: TableName, row: Row): boolean {
  return references
    .filter(({ from }) => from === name)
    .every(({ column, to }) => store.table(to).rows.has(JSON.stringify([cell(row, column)])))
}

function insert(store: MemoryStore, name: TableName, row: Row, undo: Undo[]): boolean {
  const { rows, taken } = store.table(name)
  if (rows.has(primaryKey(name, row)) || uniqueKeys(name, row).some((key) => taken.has(key))) return false
  if (!hasReferences(store, name, row)) return false
  set(store, name, primaryKey(name, row), row, undo)
  return true
}

function upsert(store: MemoryStore, name: TableName, row: Row, undo: Undo[]): boolean {
  set(store, name, primaryKey(name, row), undefined, undo)
  return insert(store, name, row, undo)
}

function put(store: MemoryStore, name: TableName, row: Row & { version: number }, undo: Undo[]): boolean {
  const stored = store.table(name).rows.get(primaryKey(name, row)) as { version: number } | undefined
  return (stored?.version ?? 0) === row.version - 1 && upsert(store, name, row, undo)
}

/** Sets the row under a primary key, or removes it for `undefined`. */
function set(store: MemoryStore, name: TableName, key: string, row: Row | undefined, undo: Undo[]): void {
  const { rows, taken } = store.writable(name) as MemoryTable
  const before = rows.get(key)
  replace(before, row === undefined ? undefined : copyJson(row))
  undo.push(() => replace(rows.get(key), before))

  function replace(old: Row | undefined, fresh: Row | undefined): void {
    if (old !== undefined) for (const unique of uniqueKeys(name, old)) taken.delete(unique)
    if (fresh !== undefined) for (const unique of uniqueKeys(name, fresh)) taken.add(unique)
    if (fresh === undefined) rows.delete(key)
    else rows.set(key, fresh)
  }
}

/** Returns the unique keys of a row, each as text. A key of which a part is null is none. */
function uniqueKeys(name: TableName, row: Row): string[] {
  const keys: readonly (readonly string[])[] = tables[name].unique
  const whole = keys.filter((columns) => columns.every((column) => cell(row, column) !== null))
  return whole.map((columns) => JSON.stringify([columns, columns.map((column) => cell(row, column))]))
}

/** Returns the primary key of a row as text. */
function primaryKey(table: TableName, row: Row): string {
  return JSON.stringify(tables[table].primary.map((column) => cell(row, column)))
}

/** Makes a test of rows from conditions. */
export function matcher<Name extends TableName>(where: Where<Name>): (row: Tables[Name]) => boolean {
  const conditions = Object.entries(where).map(([column, wanted]) => ({
    column,
    wanted,
    end: momentOf(wanted),
    allowed: new Set<unknown>(Array.isArray(wanted) ? wanted : [wanted]),
  }))
  return (row) =>
    conditions.every(({ column, wanted, end, allowed }) => {
      const value = cell(row, column)
      if (end !== undefined) return value === null || (typeof value === 'string' && value < end)
      return wanted === notNull ? value !== null : allowed.has(value)
    })
}

function cell(row: object, column: string): unknown {
  return (row as Record<string, unknown>)[column]
}
