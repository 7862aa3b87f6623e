import { type Kysely, sql } from 'kysely'
import { configError } from '../values/arguments.ts'
import {
  boolean,
  callback,
  document,
  listOf,
  methods,
  moment,
  name,
  object,
  oneOf,
  optional,
  text,
} from '../values/kinds.ts'
import { requireOption, requireOptions } from '../values/options.ts'
import type { DialectName } from './dialect.ts'
import { plain, schemaOf } from './host-database.ts'

const users = object({
  table: name,
  schema: optional(name),
  idType: name,
  columns: object({
    id: name,
    username: optional(name),
    email: name,
    is_active: name,
    date_joined: name,
    first_name: optional(name),
    last_name: optional(name),
    last_login: optional(name),
    username_key: optional(name),
    email_key: optional(name),
  }),
  status: optional(document),
  deleted: optional(document),
  defaults: optional(document),
  newId: optional(callback),
})

const database = methods('withoutPlugins', 'selectFrom')

/** One list for every function of this folder, so that a site can hand the same options to all of them. */
const options = object({
  dialect: oneOf('postgres', 'mysql', 'sqlite', 'pglite'),
  prefix: optional(text),
  schema: optional(name),
  users: optional(users),
  tables: optional(object({ dialect: name, schema: optional(name), describe: callback })),
  readAfterWrite: optional(boolean),
  sources: optional(document),
  waivers: optional(listOf(object({ table: name, column: optional(name), why: name, until: optional(text) }))),
  patterns: optional(listOf(methods('test'))),
  schemas: optional(listOf(name)),
  at: optional(moment),
})

/** Throws `config_error` that names the option that is unknown or has a value it cannot have. */
export function requireNaming(value: unknown): void {
  requireOptions(value, options)
}

/** Throws as `requireNaming` does, and for a value that is no database or transaction of Kysely of that dialect. */
export function requireDatabase<DB>(db: Kysely<DB>, value: { readonly dialect: DialectName }): void {
  requireKysely(db)
  requireNaming(value)
  const { dialect } = value
  const spoken = formOf(db)
  if (spoken !== forms[dialect])
    throw configError('dialect', `that of the database, whose statements read \`${spoken}\``)
}

/** Throws `config_error` for a value that is no database of Kysely. */
export function requireKysely<DB>(db: Kysely<DB>): void {
  requireOption(db, database, 'db')
  if (formOf(db) === undefined) throw configError('db', 'a database or a transaction of Kysely')
}

/** One statement in the form of each dialect: databases quote names and number parameters in their own way. */
const forms: Readonly<Record<DialectName, string>> = {
  postgres: 'select "id" = $1',
  pglite: 'select "id" = $1',
  mysql: 'select `id` = ?',
  sqlite: 'select "id" = ?',
}

/**
 * Returns the statement in the form that Kysely gives it for a database, without asking the database; `undefined` for an
 * object that makes no statements.
 */
function formOf<DB>(db: Kysely<DB>): string | undefined {
  try {
    schemaOf(db)
    return sql`select ${sql.id('id')} = ${1}`.compile(plain(db)).sql
  } catch {
    return undefined
  }
}

/**
 * Throws `config_error` for a value that is no transaction of Kysely in the database and schema of a repository. Decides by the methods
 * of the object, since the host may have another copy of Kysely.
 */
export function requireTransaction<DB>(value: Kysely<DB>, schema: string | undefined, dialect: DialectName): void {
  requireOption(value, database, 'transaction')
  const spoken = value.isTransaction === true ? formOf(value) : undefined
  if (spoken === undefined) throw configError('transaction', 'a transaction of Kysely, or `transactionOver(client)`')
  if (spoken !== forms[dialect]) throw configError('transaction', 'a transaction of the database of the repository')
  const other = schemaOf(value)
  if (other !== undefined && other !== schema)
    throw configError('transaction', 'a transaction in the schema of the repository')
}
