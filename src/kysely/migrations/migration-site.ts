import type { Dialect } from '../dialect.ts'

/** What a migration knows of the database that it runs on. */
export interface MigrationSite {
  /** The name of a table, index or constraint in this database. */
  readonly table: (name: string) => string
  readonly types: Dialect['columnTypes']
}
