import { type RawBuilder, sql } from 'kysely'
import type { TableName, Tables, UserRow } from '../port/tables.ts'
import type { PeopleSelector } from './people.ts'
import type { Statements } from './statements.ts'

/** Rows of a table that are read beside each person. */
export interface PeopleList {
  readonly table: TableName
  /** Makes the condition of the rows, which have the alias `part`: empty, or beginning with `and`. */
  wanted(): RawBuilder<unknown>
  readonly parameters: readonly unknown[]
}

/** People to read, with the rows that are read beside each. */
export interface PeopleRequest {
  /** Tells texts of the statement apart, beside the shape of `by`. */
  readonly shape: string
  readonly by: PeopleSelector
  /** Tables with at most one row for each person. */
  readonly singles: readonly TableName[]
  /** Tables with any number of rows for each person. */
  readonly lists: readonly PeopleList[]
  /** Makes a number to select beside each person, who has the alias `person`, if any. */
  readonly number?: () => RawBuilder<unknown>
}

/** A person with the rows that were read beside them. */
export interface PersonRead {
  readonly user: UserRow
  /** The rows of each table: those of `singles` first, then those of `lists`, in the order of the request. */
  readonly rows: readonly (readonly object[])[]
  readonly number: unknown
}

/** The most people whose rows become one text of each table: no text can have more than 500 million characters. */
export const mostJoined = 1000

/** Returns the tables whose rows are read beside each person, in the order of `PersonRead.rows`. */
export function tablesOf({ singles, lists }: PeopleRequest): TableName[] {
  return [...singles, ...lists.map(({ table }) => table)]
}

/** Makes the reader of the rows of one of the tables of a request; none where the table was not asked for. */
export function rowsOf<Name extends TableName>(
  tables: readonly TableName[],
  table: Name,
): (person: PersonRead) => readonly Tables[Name][] {
  const index = tables.indexOf(table)
  return ({ rows }) => (rows[index] ?? none) as readonly Tables[Name][]
}

/** Returns the rows of one of the tables of a request that were read beside a person. */
export function rowsOfTable<Name extends TableName>(
  { rows }: PersonRead,
  tables: readonly TableName[],
  table: Name,
): readonly Tables[Name][] {
  return (rows[tables.indexOf(table)] ?? none) as readonly Tables[Name][]
}

const none: readonly never[] = []

/** Returns the columns of a table of people but for `user_id`, which is that of the person. */
export function cellsOf(on: Statements, table: TableName, alias: string): RawBuilder<unknown>[] {
  return on.ownedCells(table, alias).map(([, cell]) => cell)
}

/** Returns the condition of the people, who have the alias `person`. */
export function isWanted(on: Statements, { column, list }: PeopleSelector): RawBuilder<boolean> {
  return list.contains(on.column('users', column, 'person'))
}

/** Returns the source of people, under the alias `person`. */
export function peopleOf(on: Statements): RawBuilder<unknown> {
  return sql`${on.source('users')} as person`
}
