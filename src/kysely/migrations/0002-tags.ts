import type { Kysely } from 'kysely'
import type { MigrationSite } from './migration-site.ts'

/** Tags of people for organisations and courses, and finding people by a preference. */
export async function tags(db: Kysely<unknown>, { table, types }: MigrationSite): Promise<void> {
  const { schema } = db
  const createPart = (name: string) =>
    schema
      .createTable(table(name))
      .ifNotExists()
      .addColumn('user_id', types.userId, (column) =>
        column
          .notNull()
          .references(`${table('users')}.id`)
          .onDelete('cascade'),
      )

  await createPart('org_tags')
    .addColumn('org', types.text('short'), (column) => column.notNull())
    .addColumn('key', types.text('short'), (column) => column.notNull())
    .addColumn('value', types.text('long'))
    .addColumn('version', types.integer, (column) => column.notNull())
    .addColumn('created_at', types.instant, (column) => column.notNull())
    .addColumn('modified_at', types.instant, (column) => column.notNull())
    .addPrimaryKeyConstraint(table('org_tags_pk'), ['user_id', 'org', 'key'])
    .execute()

  await createPart('course_tags')
    .addColumn('course_id', types.text('short'), (column) => column.notNull())
    .addColumn('key', types.text('short'), (column) => column.notNull())
    .addColumn('value', types.text('long'))
    .addColumn('version', types.integer, (column) => column.notNull())
    .addPrimaryKeyConstraint(table('course_tags_pk'), ['user_id', 'course_id', 'key'])
    .execute()

  await schema
    .createIndex(table('preferences_key'))
    .ifNotExists()
    .on(table('preferences'))
    .columns(['key', 'user_id'])
    .execute()
}
