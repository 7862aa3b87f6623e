import { requireOption } from '../values/arguments.ts'
import { boolean, callback, document, methods, name, object, oneOf, optional, text } from '../values/kinds.ts'

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
})

/** Throws `config_error` that names the option that is unknown or has a value it cannot have. */
export function requireOptions(value: unknown): void {
  requireOption(value, options, 'options')
}

/** Throws as `requireOptions` does, and for a value that is no database or transaction of Kysely. */
export function requireDatabase(db: unknown, value: unknown): void {
  requireOption(db, database, 'db')
  requireOptions(value)
}
