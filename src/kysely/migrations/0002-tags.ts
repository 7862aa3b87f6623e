import type { MigrationSite } from './migration-site.ts'

/** Tags of people for organisations and courses. */
export async function tags(site: MigrationSite): Promise<void> {
  const { types, constraint } = site

  await site.createPart('org_tags', (table) =>
    table
      .addColumn('org', types.short, (column) => column.notNull())
      .addColumn('key', types.short, (column) => column.notNull())
      .addColumn('value', types.long)
      .addColumn('version', types.integer, (column) => column.notNull())
      .addColumn('created_at', types.instant, (column) => column.notNull())
      .addColumn('modified_at', types.instant, (column) => column.notNull())
      .addPrimaryKeyConstraint(constraint('org_tags_pk'), ['user_id', 'org', 'key']),
  )

  await site.createPart('course_tags', (table) =>
    table
      .addColumn('course_id', types.short, (column) => column.notNull())
      .addColumn('key', types.short, (column) => column.notNull())
      .addColumn('value', types.long)
      .addColumn('version', types.integer, (column) => column.notNull())
      .addPrimaryKeyConstraint(constraint('course_tags_pk'), ['user_id', 'course_id', 'key']),
  )
}
