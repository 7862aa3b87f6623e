import type { MigrationSite } from './migration-site.ts'

/** The history of those extended profile fields that keep one. */
export async function extendedProfiles(site: MigrationSite): Promise<void> {
  const { types, constraint } = site

  await site.createPart(
    'extended_profile_history',
    (table) =>
      table
        .addColumn('id', types.short, (column) => column.notNull())
        .addColumn('owner', types.short, (column) => column.notNull())
        .addColumn('field_name', types.short, (column) => column.notNull())
        .addColumn('old_value', types.json)
        .addColumn('new_value', types.json)
        .addColumn('changed_by', types.id)
        .addColumn('changed_at', types.instant, (column) => column.notNull())
        .addPrimaryKeyConstraint(constraint('extended_profile_history_pk'), ['id']),
    { user_id: ['user_id', 'field_name'] },
  )
}
