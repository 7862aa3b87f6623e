import type { DatabaseIntrospector, Kysely, TableMetadata } from 'kysely'
import type { DescribeTable } from './catalog.ts'

/**
 * Returns a database for Kysely's migrator that, asked for its tables, knows those alone that the migrator keeps.
 * Kysely's own look-up describes every table of every schema, and fails on PostgreSQL when one is dropped meanwhile.
 */
export function knowingOnly(
  tables: readonly string[],
  db: Kysely<unknown>,
  describeTable: DescribeTable,
  schema: string | undefined,
): Kysely<unknown> {
  const introspection: DatabaseIntrospector = {
    getSchemas: () => db.introspection.getSchemas(),
    async getTables() {
      const found: TableMetadata[] = []
      for (const name of tables) {
        if ((await describeTable(db, name, schema)) === undefined) continue
        found.push({ name, isView: false, isForeign: false, columns: [], ...(schema === undefined ? {} : { schema }) })
      }
      return found
    },
  }
  return new Proxy(db, {
    get(target, name) {
      if (name === 'introspection') return introspection
      const member: unknown = Reflect.get(target, name, target)
      // Methods run on the target, since a proxy has no access to its private members.
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}
