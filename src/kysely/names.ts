import { type TableName, tables } from '../port/tables.ts'
import { configError } from '../values/arguments.ts'
import type { DialectName } from './dialect.ts'
import type { Layout, TablePreset } from './table-definition.ts'
import type { UserTable } from './user-table.ts'

/** What our tables are called in a database, and where people are. */
export interface NamingOptions {
  /** What the names of our tables begin with. Default `usercore_`; the same for the repository as for `migrate`. */
  readonly prefix?: string
  /** The schema (on MySQL: the database) of our tables. Default: that of the connection. */
  readonly schema?: string
  /** A table of the host's own for people. Default: one of ours. */
  readonly users?: UserTable
  /**
   * An existing database of another system, whose tables take the place of ours as far as they go: `openEdxTables`.
   * It says where people are; leave `users` out.
   */
  readonly tables?: TablePreset
}

/** Names of tables and columns in a database. */
export interface Names {
  readonly users: UserTable | undefined
  /** Where another system keeps rows of ours; `undefined`: all of them are in our tables. */
  readonly layout: Layout | undefined
  /** The name of one of our tables, with its schema. */
  table(table: TableName): string
  /** The name of anything of ours, such as a constraint, without its schema. */
  own(name: string): string
  /** The same name of a table, with its schema. */
  place(name: string): string
  /** What a column is called; `undefined`: the host's table of people does not have it. */
  column(table: TableName, column: string): string | undefined
  /** Whether people are called by their ids. */
  readonly hasIdsAsNames: boolean
  /** The columns that can be written, by our names. */
  columns(table: TableName): readonly string[]
  readonly schema: string | undefined
}

/** Longer ones would make names that PostgreSQL cuts. */
const longestPrefix = 24

/** Whether a value can say how a person is. */
function isState(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number'
}

export function namesOf(options: NamingOptions & { readonly dialect: DialectName }): Names {
  const { prefix = 'usercore_', schema, tables: preset } = options
  if (!/^[a-z0-9_]*$/i.test(prefix) || prefix.length > longestPrefix) {
    throw configError('prefix', `up to ${longestPrefix} letters, digits and underscores`)
  }
  if (preset !== undefined && (options.dialect !== preset.dialect || options.users !== undefined)) {
    throw configError('tables', `with the dialect ${preset.dialect} and without \`users\`: they say where people are`)
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
