import { type RawBuilder, sql } from 'kysely'
import { type TableName, tables } from '../port/tables.ts'
import type { NamedUser, Where, Write } from '../port/write.ts'
import { typeOf } from './codecs.ts'
import type { RowsToInsert } from './dialect.ts'
import { insertText, parameter } from './insert-text.ts'
import { conditionOf } from './select.ts'
import type { Statements } from './statements.ts'

/** One statement of a unit of work, as data: it can run alone, or become a part of a longer one. */
export interface Step {
  /** Names the text: two steps of one shape have the same. */
  readonly shape: string
  text(): RawBuilder<unknown>
  readonly parameters: readonly unknown[]
  /** The number of rows that have to count as affected for the unit to go on. Left out: any number. */
  readonly affects?: number
}

/** Returns the steps that insert rows, as many rows at once as the database takes. */
export function insertSteps(
  on: Statements,
  table: TableName,
  rows: readonly object[],
  columns: readonly string[] = on.names.columns(table),
): Step[] {
  return rowSteps(on, 'insert', table, rows, columns, insertText)
}

/**
 * Returns the steps that add rows or replace those with the same primary key; `undefined` where one statement cannot do
 * it. `hasOtherKeys` tells whether a row could be in the way by another key.
 */
export function upsertSteps(
  on: Statements,
  table: TableName,
  rows: readonly object[],
  columns: readonly string[] = on.names.columns(table),
  hasOtherKeys: boolean = tables[table].unique.length > 0,
): Step[] | undefined {
  if (on.dialect.upsert(rowsToInsert(on, table, 1, columns), hasOtherKeys) === undefined) return undefined
  return rowSteps(on, 'upsert', table, rows, columns, (chunk) => on.dialect.upsert(chunk, hasOtherKeys) ?? sql``)
}

/** Returns the steps that store rows whose versions follow the stored ones. */
export function putSteps(on: Statements, table: TableName, rows: readonly { readonly version: number }[]): Step[] {
  const { putsNewRows, affectedPerPut } = on.dialect
  const isApart = (row: { readonly version: number }) => !putsNewRows && row.version === 1
  const [fresh, others] = [rows.filter(isApart), rows.filter((row) => !isApart(row))]
  return [
    ...insertSteps(on, table, fresh),
    ...rowSteps(on, 'put', table, others, on.names.columns(table), on.dialect.put, affectedPerPut),
  ]
}

/** Returns the step that sets columns of the rows that meet a condition. */
export function updateStep(on: Statements, write: Extract<Write, { update: TableName }>): Step {
  const table = write.update
  const columns = Object.keys(write.set).filter((column) => on.names.column(table, column) !== undefined)
  const condition = conditionOf<TableName>(on, table, storedOnly(on, table, write.where))
  return {
    shape: `update ${table} ${columns.join(' ')} where ${condition.shape}`,
    text() {
      const set = columns.map((column) => sql`${sql.ref(on.names.column(table, column) ?? column)} = ${parameter}`)
      const id = on.column(table, tables[table].primary[0] ?? 'id')
      return sql`update ${on.table(table)} set ${set.length > 0 ? sql.join(set) : sql`${id} = ${id}`}${condition.text()}`
    },
    parameters: [
      ...columns.map((column) => on.encode(table, column, cellOf(write.set, column))),
      ...condition.parameters,
    ],
    ...(write.guarded === true && { affects: 1 }),
  }
}

/** Returns the step that deletes the rows that meet a condition. */
export function deleteStep(on: Statements, write: Extract<Write, { delete: TableName }>): Step {
  const condition = conditionOf<TableName>(on, write.delete, write.where)
  return {
    shape: `delete ${write.delete} where ${condition.shape}`,
    text: () => sql`delete from ${on.table(write.delete)}${condition.text()}`,
    parameters: condition.parameters,
    ...(write.guarded === true && { affects: 1 }),
  }
}

/** Returns the step that finds people under their names, and locks their rows until the transaction ends. */
export function requireStep(on: Statements, rows: readonly NamedUser[]): Step & { from(): RawBuilder<unknown> } {
  const people = rows.map(({ id, username, email }) =>
    conditionOf(on, 'users', { id, username, ...(email !== undefined && { email }) }),
  )
  const from = () =>
    sql`from ${on.source('users')} as entry where ${sql.join(
      people.map((person) => sql`(${person.terms('entry')})`),
      sql` or `,
    )}${on.dialect.keeping}`
  return {
    shape: `require ${people.map(({ shape }) => shape).join(' or ')}`,
    text: () => sql`select 1 ${from()}`,
    from,
    parameters: people.flatMap(({ parameters }) => parameters),
    affects: new Set(rows.map(({ id }) => id)).size,
  }
}

/** Returns the cell of a row; null where it has none. */
export function cellOf(row: object, column: string): unknown {
  return (row as Readonly<Record<string, unknown>>)[column] ?? null
}

/** Makes steps that insert in some way, for as many rows at once as the database takes. */
function rowSteps(
  on: Statements,
  kind: string,
  table: TableName,
  rows: readonly object[],
  columns: readonly string[],
  text: (rows: RowsToInsert) => RawBuilder<unknown>,
  affectedPerRow?: number,
): Step[] {
  const most = Math.floor(on.dialect.maxParameters / columns.length)
  const extra = table === 'users' ? Object.entries(on.names.users?.defaults ?? {}) : []
  const chunks = Array.from({ length: Math.ceil(rows.length / most) }, (_, index) =>
    rows.slice(index * most, (index + 1) * most),
  )
  return chunks.map((chunk) => ({
    shape: `${kind} ${chunk.length} ${table} ${columns.length}`,
    text: () => text(rowsToInsert(on, table, chunk.length, columns)),
    parameters: chunk.flatMap((row) => [
      ...columns.map((column) => on.encode(table, column, cellOf(row, column))),
      ...extra.map(([, value]) => value),
    ]),
    ...(affectedPerRow !== undefined && { affects: chunk.length * affectedPerRow }),
  }))
}

/** Returns what an insert of some rows is made of, in the names of the store; values that a host gives people come last. */
export function rowsToInsert(
  on: Statements,
  table: TableName,
  count: number,
  columns: readonly string[],
): RowsToInsert {
  const extra = table === 'users' ? Object.keys(on.names.users?.defaults ?? {}) : []
  return {
    table: on.table(table),
    columns: [...columns.map((column) => on.names.column(table, column) ?? column), ...extra],
    types: [...columns.map((column) => typeOf(table, column)), ...extra.map(() => 'text' as const)],
    idType: on.names.users?.idType ?? on.dialect.schema.types.id,
    primary: tables[table].primary.map((column) => on.names.column(table, column) ?? column),
    count,
  }
}

/** Drops conditions on keys that the host does not store: the name that a key is made from is among the conditions. */
function storedOnly<Name extends TableName>(on: Statements, table: Name, where: Where<Name>): Where<Name> {
  const isStored = (column: string) =>
    on.names.column(table, column) !== undefined || !column.endsWith('_key') || !(column.replace(/_key$/, '') in where)
  return Object.fromEntries(Object.entries(where).filter(([column]) => isStored(column))) as Where<Name>
}
