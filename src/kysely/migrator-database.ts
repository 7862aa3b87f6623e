import type { DatabaseIntrospector, Kysely, TableMetadata } from 'kysely'
import type { DescribeTable } from './catalog.ts'

/**
 * A database as Kysely's migrator gets it: asked what tables there are, it knows those alone that the migrator keeps.
 * Kysely's own answer describes every table of every schema, and fails on PostgreSQL when somebody drops one meanwhile.
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
      // Its members are private: they know no proxy.
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}
