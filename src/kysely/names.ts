import { type TableName, tables } from '../port/tables.ts'
import { configError } from '../values/arguments.ts'
import type { DialectName } from './dialect.ts'
import type { Layout, TablePreset } from './table-definition.ts'
import type { UserTable } from './user-table.ts'

/** The names of our tables in a database, and the table of people. */
export interface NamingOptions {
  /** The beginning of the names of our tables. Default `usercore_`; the same for the repository as for `migrate`. */
  readonly prefix?: string
  /** The schema (on MySQL: the database) of our tables. Default: that of the connection. */
  readonly schema?: string
  /** A table of the host's own for people. Default: one of ours. */
  readonly users?: UserTable
  /**
   * An existing database of another system, whose tables are used in place of ours as far as they go: `openEdxTables`.
   * It names the table of people; leave `users` out.
   */
  readonly tables?: TablePreset
}

/** The names of tables and columns in a database. */
export interface Names {
  readonly users: UserTable | undefined
  /** The tables in which another system keeps rows of ours; `undefined` where all rows are in our tables. */
  readonly layout: Layout | undefined
  /** Returns the name of one of our tables, with its schema. */
  table(table: TableName): string
  /** Returns our name of an object such as a constraint, without its schema. */
  own(name: string): string
  /** Returns our name of a table, with its schema. */
  place(name: string): string
  /** Returns the name of a column; `undefined` where the host's table of people does not have it. */
  column(table: TableName, column: string): string | undefined
  /** Tells whether the usernames of people are their ids. */
  readonly hasIdsAsNames: boolean
  /** Returns the columns that can be written, by our names. */
  columns(table: TableName): readonly string[]
  readonly schema: string | undefined
}

/** A longer prefix would make names that PostgreSQL cuts. */
const longestPrefix = 24

/** Tells whether a value can stand for the state of a person. */
function isState(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number'
}

export function namesOf(options: NamingOptions & { readonly dialect: DialectName }): Names {
  const { prefix = 'usercore_', schema, tables: preset } = options
  if (!/^[a-z0-9_]*$/i.test(prefix) || prefix.length > longestPrefix) {
    throw configError('prefix', `up to ${longestPrefix} letters, digits and underscores`)
  }
  if (preset !== undefined && (options.dialect !== preset.dialect || options.users !== undefined)) {
    throw configError(
      'tables',
      `with the dialect ${preset.dialect} and without \`users\`: the preset names the table of people`,
    )
  }
  if (options.dialect === 'sqlite' && (schema ?? options.users?.schema) !== undefined) {
    throw configError('schema', 'left out: tables of SQLite refer to those of one file alone')
  }
  if (options.users?.columns.username_key !== undefined && options.users.columns.username === undefined) {
    throw configError('users.columns.username_key', 'left out where there is no username')
  }
  const { status, deleted } = options.users ?? {}
  if (status !== undefined && !(Array.isArray(status.active) && [...status.active, status.inactive].every(isState))) {
    throw configError('users.status', 'values that are active, and one that is not')
  }
  if (deleted !== undefined && typeof deleted.column !== 'string') throw configError('users.deleted', 'a column')
  const others = preset?.describe({ theirs: { schema: preset.schema }, ours: { schema, prefix } })
  const users = others === undefined ? options.users : others.users
  const inSchema = (name: string, place: string | undefined) => (place === undefined ? name : `${place}.${name}`)
  const userColumns: Readonly<Record<string, string | undefined>> | undefined = users && { ...users.columns }
  const columnOf = (table: TableName, column: string): string | undefined =>
    table === 'users' && userColumns !== undefined ? userColumns[column] : column
  const ours = (table: TableName) => inSchema(prefix + table, schema)
  return {
    users,
    hasIdsAsNames: users !== undefined && users.columns.username === undefined,
    layout: others?.layout,
    schema,
    own: (name) => prefix + name,
    place: (name) => inSchema(name, schema),
    table: (table) => (table === 'users' && users !== undefined ? inSchema(users.table, users.schema) : ours(table)),
    column: columnOf,
    columns: (table) => Object.keys(tables[table].columns).filter((column) => columnOf(table, column) !== undefined),
  }
}
