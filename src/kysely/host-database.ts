import { type Kysely, TableNode } from 'kysely'
import type { NamingOptions } from './names.ts'

/** The database without the host's plugins and types, of which our statements need none. */
export function plain<DB>(db: Kysely<DB>): Kysely<unknown> {
  return db.withoutPlugins() as unknown as Kysely<unknown>
}

/** The schema that the host's own statements on this instance go to by `withSchema`; `undefined`: that of the session. */
export function schemaOf<DB>(db: Kysely<DB>): string | undefined {
  const [table] = (db as unknown as Kysely<{ users: object }>).selectFrom('users').toOperationNode().from?.froms ?? []
  return table !== undefined && TableNode.is(table) ? table.table.schema?.name : undefined
}

/** Names in the schema of the instance, where they do not say their own. */
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
