import type { Kysely } from 'kysely'
import type { MigrationSite } from './migration-site.ts'

/** The history of extended profile fields that ask for it. */
export async function extendedProfiles(db: Kysely<unknown>, { table, types }: MigrationSite): Promise<void> {
  const { schema } = db
  await schema
    .createTable(table('extended_profile_history'))
    .ifNotExists()
    .addColumn('user_id', types.userId, (column) =>
      column
        .notNull()
        .references(`${table('users')}.id`)
        .onDelete('cascade'),
    )
    .addColumn('id', types.text('short'), (column) => column.notNull())
    .addColumn('owner', types.text('short'), (column) => column.notNull())
    .addColumn('field_name', types.text('short'), (column) => column.notNull())
    .addColumn('old_value', types.text('long'))
    .addColumn('new_value', types.text('long'))
    .addColumn('changed_by', types.userId)
    .addColumn('changed_at', types.instant, (column) => column.notNull())
    .addPrimaryKeyConstraint(table('extended_profile_history_pk'), ['id'])
    .execute()
  await schema
    .createIndex(table('extended_profile_history_user_id'))
    .ifNotExists()
    .on(table('extended_profile_history'))
    .columns(['user_id', 'field_name'])
    .execute()
}
