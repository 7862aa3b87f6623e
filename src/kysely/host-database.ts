import { type Kysely, TableNode } from 'kysely'
import type { NamingOptions } from './names.ts'

/** Returns the database without the plugins and types of the host, of which our statements need none. */
export function plain<DB>(db: Kysely<DB>): Kysely<unknown> {
  return db.withoutPlugins() as unknown as Kysely<unknown>
}

/**
 * Returns the schema that the host's own statements on this instance go to by `withSchema`; `undefined` for that of the
 * session.
 */
export function schemaOf<DB>(db: Kysely<DB>): string | undefined {
  const [table] = (db as unknown as Kysely<{ users: object }>).selectFrom('users').toOperationNode().from?.froms ?? []
  return table !== undefined && TableNode.is(table) ? table.table.schema?.name : undefined
}

/** Returns names in the schema of the instance, unless they have a schema of their own. */
export function inSchemaOf<DB, Options extends Pick<NamingOptions, 'schema' | 'users' | 'tables'>>(
  db: Kysely<DB>,
  options: Options,
): Options {
  const schema = schemaOf(db)
  if (schema === undefined) return options
  const { users, tables } = options
  return {
    ...options,
    schema: options.schema ?? schema,
    ...(users === undefined ? {} : { users: { ...users, schema: users.schema ?? schema } }),
    ...(tables === undefined ? {} : { tables: { ...tables, schema: tables.schema ?? schema } }),
  }
}

/**
 * Returns the connection of a transaction: one object, even where several objects of Kysely stand for the transaction.
 */
export function connectionOf(db: Kysely<unknown>): Promise<object> {
  const connection = db.getExecutor().provideConnection<object>(async (connection) => connection)
  // Where the transaction is over, the calls themselves fail.
  return connection.catch(() => db)
}
