export type { DialectName } from './dialect.ts'
export { type KyselyRepositoryOptions, kyselyRepository } from './kysely-repository.ts'
export { type MigrateOptions, migrate, migrationSql } from './migrate.ts'
export { type OpenEdxTables, openEdxTables } from './open-edx/open-edx-tables.ts'
