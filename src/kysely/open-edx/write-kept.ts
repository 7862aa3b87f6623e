import { sql } from 'kysely'
import { type TableName, tables, type UserId } from '../../port/tables.ts'
import type { Where, Write } from '../../port/write.ts'
import { applyWrite, runSteps } from '../apply-write.ts'
import { typeOf } from '../codecs.ts'
import { insertText, parameter } from '../insert-text.ts'
import { upsertSteps } from '../step.ts'
import type { BaseValues, Key } from './kept-table.ts'
import { theirs, type Unit } from './kept-table.ts'
import { keptTable, keyOf, type LockedRow, lockAccounts, lockRows, remember, rowName } from './lock-rows.ts'

type Row = Readonly<Record<string, unknown>>

/**
 * The error of a key that the collation takes for the same as another: no writer was faster, and starting again would
 * not help.
 */
class SimilarKey extends Error {
  readonly code = 'ER_DUP_ENTRY'
}

/** Applies a write to a table that the original keeps row by row. Returns whether the unit goes on. */
export async function writeKept(unit: Unit, write: Exclude<Write, { require: unknown }>): Promise<boolean> {
  if ('insert' in write) return insert(unit, write.insert, write.rows as readonly object[] as Row[])
  if ('upsert' in write) return upsert(unit, write.upsert, write.rows as readonly object[] as Row[])
  if ('put' in write) return put(unit, write.put, write.rows as readonly object[] as VersionedRow[])
  const table = 'update' in write ? write.update : write.delete
  const rows = await lockRows(unit, table, write.where)
  if (write.guarded === true && rows.length !== 1) return false
  if (rows.length === 0) return true
  await keepVersions(unit, table, rows)
  return 'update' in write ? update(unit, table, rows, write.set) : remove(unit, table, rows)
}

async function insert(unit: Unit, table: TableName, rows: readonly Row[]): Promise<boolean> {
  await keepVersions(unit, table, rows)
  const isTaken = keptTable(unit, table).isWithoutKey === true && (await lockNamed(unit, table, rows)).length > 0
  return !isTaken && add(unit, table, rows)
}

async function add(unit: Unit, table: TableName, given: readonly Row[]): Promise<boolean> {
  const rows = given.filter((row) => !isDeleted(row))
  if (rows.length === 0) return true
  const values = await valuesOf(unit, table, rows)
  if (values === undefined) return false
  const { base, defaults = {} } = keptTable(unit, table)
  const columns = Object.keys({ ...defaults, ...values[0] })
  const { on, places } = unit
  for (const chunk of chunks(values, Math.floor(on.dialect.maxParameters / columns.length))) {
    const shape = { table: theirs(places, base), columns, count: chunk.length }
    const cells = chunk.flatMap((row) => columns.map((column) => ({ ...defaults, ...row })[column]))
    try {
      await on.run(`insert ${chunk.length} ${base}`, () => insertText(shape), cells)
    } catch (error) {
      const isForGood = tables[table].unique.length === 0 && on.dialect.meaningOf(error) === 'taken'
      if (isForGood && (await lockNamed(unit, table, rows)).length === 0) throw new SimilarKey()
      throw error
    }
  }
  for (const row of rows) remember(unit, table, keyOf(table, row), row.version)
  await saveBeside(unit, table, rows)
  return true
}

/** Changes rows with the same key where they are, since others refer to them, and adds the rest. */
async function upsert(unit: Unit, table: TableName, rows: readonly Row[]): Promise<boolean> {
  await keepVersions(unit, table, rows)
  const locked = await lockNamed(unit, table, rows)
  if (keptTable(unit, table).isWithoutKey === true) {
    // There can be several rows of one key: the new one replaces all of them.
    await remove(unit, table, locked)
    return add(unit, table, rows)
  }
  const stored = new Map(locked.map((row) => [rowName(table, row.key), row]))
  const changes = rows.flatMap((row) => {
    const at = stored.get(rowName(table, row))
    return at === undefined ? [] : [{ row, at }]
  })
  if (!(await updateEach(unit, table, changes))) return false
  return add(
    unit,
    table,
    rows.filter((row) => !stored.has(rowName(table, row))),
  )
}

/** Locks the accounts that rows belong to. */
async function keepVersions(unit: Unit, table: TableName, rows: readonly (Row | LockedRow)[]): Promise<void> {
  if (keptTable(unit, table).isPartOfAccount !== true) return
  await lockAccounts(
    unit,
    rows.map((row) => ('key' in row ? (row as LockedRow).key : (row as Row)).user_id as UserId),
  )
}

type VersionedRow = Row & { readonly version: number }

const isDeleted = (row: Row) => 'value' in row && row.value === null

/** A deleted row is absent, unlike in our own tables. */
async function put(unit: Unit, table: TableName, rows: readonly VersionedRow[]): Promise<boolean> {
  const isFresh = (row: VersionedRow) => row.version === 1 && !isDeleted(row)
  const others = rows.filter((row) => !isFresh(row))
  const locked = await lockNamed(unit, table, others)
  const stored = new Map(locked.map((row) => [rowName(table, row.key), row]))
  const matched = others.map((row) => ({ row, at: stored.get(rowName(table, row)) }))
  if (matched.some(({ row, at }) => (at?.version ?? 0) !== row.version - 1)) return false
  const gone = matched.flatMap(({ row, at }) => (isDeleted(row) && at !== undefined ? [at] : []))
  await remove(unit, table, gone)
  const changed = matched.flatMap(({ row, at }) => (isDeleted(row) || at === undefined ? [] : [{ row, at }]))
  if (!(await updateEach(unit, table, changed))) return false
  return add(unit, table, rows.filter(isFresh))
}

/** Locks those of some rows that exist. */
async function lockNamed(unit: Unit, table: TableName, rows: readonly Row[]): Promise<LockedRow[]> {
  if (rows.length === 0) return []
  const where = Object.fromEntries(
    tables[table].primary.map((column) => [column, [...new Set(rows.map((row) => row[column]))]]),
  )
  const wanted = new Set(rows.map((row) => rowName(table, row)))
  // Lists of columns match more rows than these, and collations more than that.
  return (await lockRows(unit, table, where)).filter(({ key }) => wanted.has(rowName(table, key)))
}

async function update(unit: Unit, table: TableName, rows: readonly LockedRow[], set: Row): Promise<boolean> {
  // The original has no mark for deleted rows: the value is redacted first, then the row is deleted.
  const isDeletion = isDeleted(set)
  const [values] = (await valuesOf(unit, table, [isDeletion ? { ...set, value: '' } : set])) ?? []
  if (values === undefined) return false
  const columns = Object.keys(values)
  const { on, places } = unit
  const { base } = keptTable(unit, table)
  const list = on.dialect.list(
    'integer',
    rows.map(({ id }) => id),
  )
  if (columns.length > 0) {
    await on.run(
      `update ${base} ${columns.join(' ')} ${list.shape}`,
      () =>
        sql`update ${theirs(places, base)} set ${sql.join(
          columns.map((column) => sql`${sql.ref(column)} = ${parameter}`),
        )} where ${list.contains(sql.ref('id'))}`,
      [...columns.map((column) => values[column]), ...list.parameters],
    )
  }
  for (const { key } of rows) remember(unit, table, key, set.version)
  if (isDeletion) return remove(unit, table, rows)
  await updateBeside(unit, table, rows, set)
  return true
}

/** Gives each row its own values: one statement for as many as the database takes. */
async function updateEach(
  unit: Unit,
  table: TableName,
  changes: readonly { readonly row: Row; readonly at: LockedRow }[],
): Promise<boolean> {
  if (changes.length === 0) return true
  const values = await valuesOf(
    unit,
    table,
    changes.map(({ row }) => row),
  )
  if (values === undefined) return false
  const { on, places } = unit
  const { base, stored } = keptTable(unit, table)
  const names: Readonly<Record<string, string | undefined>> = stored
  const naming = tables[table].primary.map((column) => names[column])
  const columns = Object.keys(values[0] ?? {}).filter((column) => !naming.includes(column))
  const pairs = changes.map(({ at }, index) => ({ id: at.id, values: values[index] ?? {} }))
  for (const chunk of chunks(pairs, 500)) {
    const list = on.dialect.list(
      'integer',
      chunk.map(({ id }) => id),
    )
    const each = sql.join(
      chunk.map(() => sql`when ${parameter} then ${parameter}`),
      sql` `,
    )
    await on.run(
      `update each ${base} ${chunk.length}`,
      () =>
        sql`update ${theirs(places, base)} set ${sql.join(
          columns.map((column) => sql`${sql.ref(column)} = case id ${each} end`),
        )} where ${list.contains(sql.ref('id'))}`,
      [...columns.flatMap((column) => chunk.flatMap(({ id, values }) => [id, values[column]])), ...list.parameters],
    )
  }
  for (const { row, at } of changes) {
    remember(unit, table, at.key, row.version)
    await updateBeside(unit, table, [at], row)
  }
  return true
}

async function remove(unit: Unit, table: TableName, rows: readonly LockedRow[]): Promise<true> {
  if (rows.length === 0) return true
  const { on, places } = unit
  const { base, beside, emptied } = keptTable(unit, table)
  const list = on.dialect.list(
    'integer',
    rows.map(({ id }) => id),
  )
  if (emptied !== undefined) {
    const set = sql.join(emptied.map((column) => sql`${sql.ref(column)} = ''`))
    await on.run(
      `empty ${base} ${list.shape}`,
      () => sql`update ${theirs(places, base)} set ${set} where ${list.contains(sql.ref('id'))}`,
      list.parameters,
    )
  }
  await on.run(
    `delete ${base} ${list.shape}`,
    () => sql`delete from ${theirs(places, base)} where ${list.contains(sql.ref('id'))}`,
    list.parameters,
  )
  if (beside !== undefined) await applyWrite(on, { delete: table, where: besideKeys(table, rows) } as Write)
  return true
}

/**
 * Returns the values of the original's columns for rows of ours, or for the columns that are set in one. `undefined`:
 * see `derive`.
 */
async function valuesOf(unit: Unit, table: TableName, rows: readonly Row[]): Promise<BaseValues[] | undefined> {
  const { stored, derive } = keptTable(unit, table)
  const derived = derive === undefined ? rows.map((): BaseValues => ({})) : await derive(unit, rows as never)
  return derived?.map((more, index) => {
    const row = rows[index] ?? {}
    const same = Object.entries(stored).filter(([column]) => column in row)
    return {
      ...Object.fromEntries(
        same.map(([column, name]) => [name, unit.on.dialect.encode(typeOf(table, column), row[column])]),
      ),
      ...more,
    }
  })
}

/** Selects rows of ours beside the original's, which have one column as their primary key. */
function besideKeys(table: TableName, rows: readonly { readonly key: Key }[]): Where<TableName> {
  const [column = ''] = tables[table].primary
  return { [column]: rows.map(({ key }) => key[column]) }
}

async function saveBeside(unit: Unit, table: TableName, rows: readonly Row[]): Promise<void> {
  const { beside } = keptTable(unit, table)
  if (beside === undefined) return
  const columns = [...tables[table].primary, ...beside]
  const { on } = unit
  // Our table beside theirs has no keys but the primary one.
  await runSteps(on, upsertSteps(on, table, rows, columns, false) ?? [])
}

async function updateBeside(unit: Unit, table: TableName, rows: readonly LockedRow[], set: Row): Promise<void> {
  const { beside = [] } = keptTable(unit, table)
  const touched = beside.filter((column) => column in set)
  if (touched.length === 0) return
  // All columns are known: the row may be missing. Some of the columns are set only in a row that exists.
  if (touched.length === beside.length)
    return saveBeside(
      unit,
      table,
      rows.map(({ key }) => ({ ...set, ...key })),
    )
  const part = Object.fromEntries(touched.map((column) => [column, set[column]]))
  await applyWrite(unit.on, { update: table, set: part, where: besideKeys(table, rows) } as Write)
}

function* chunks<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size)
}
