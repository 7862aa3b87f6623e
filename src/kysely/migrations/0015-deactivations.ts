import type { MigrationSite } from './migration-site.ts'

/** The times in which people may not log in. */
export async function deactivations({ types, constraint, createPart }: MigrationSite): Promise<void> {
  await createPart('deactivations', (table) =>
    table
      .addColumn('sequence', types.integer, (column) => column.notNull())
      .addColumn('reason', types.short, (column) => column.notNull())
      .addColumn('deactivated_until', types.instant)
      .addColumn('deactivated_by', types.id)
      .addColumn('deactivated_at', types.instant, (column) => column.notNull())
      .addColumn('ended_at', types.instant)
      .addColumn('ended_by', types.id)
      .addColumn('end_reason', types.short)
      .addPrimaryKeyConstraint(constraint('deactivations_pk'), ['user_id', 'sequence']),
  )
}
