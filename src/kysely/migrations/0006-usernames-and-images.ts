import type { MigrationSite } from './migration-site.ts'

/** Earlier usernames of people, which stay reserved, and the names of the files of their profile images. */
export async function usernamesAndImages(site: MigrationSite): Promise<void> {
  const { types, constraint } = site

  await site.createPart(
    'former_usernames',
    (table) =>
      table
        .addColumn('username', types.short, (column) => column.notNull())
        .addColumn('username_key', types.short, (column) => column.notNull())
        .addColumn('replaced_at', types.instant, (column) => column.notNull())
        .addPrimaryKeyConstraint(constraint('former_usernames_pk'), ['username_key']),
    { user_id: ['user_id'] },
  )

  await site.createPart('profile_images', (table) =>
    table
      .addColumn('name', types.short, (column) => column.notNull())
      .addColumn('sizes', types.long, (column) => column.notNull())
      .addPrimaryKeyConstraint(constraint('profile_images_pk'), ['user_id']),
  )
}
