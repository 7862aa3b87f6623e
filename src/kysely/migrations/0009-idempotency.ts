import type { MigrationSite } from './migration-site.ts'

/** The calls that were stored under an idempotency key. A row outlives the person whom it names, until it expires. */
export async function idempotency({ types, constraint, createTable }: MigrationSite): Promise<void> {
  await createTable(
    'idempotency_keys',
    (table) =>
      table
        .addColumn('key_hash', types.short, (column) => column.notNull())
        .addColumn('operation', types.short, (column) => column.notNull())
        .addColumn('fingerprint', types.short, (column) => column.notNull())
        .addColumn('user_id', types.id, (column) => column.notNull())
        .addColumn('reference', types.json, (column) => column.notNull())
        .addColumn('created_at', types.instant, (column) => column.notNull())
        .addColumn('expires_at', types.instant, (column) => column.notNull())
        .addPrimaryKeyConstraint(constraint('idempotency_keys_pk'), ['key_hash']),
    { expires_at: ['expires_at'], user_id: ['user_id'] },
  )
}
