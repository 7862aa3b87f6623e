import type { Kysely } from 'kysely'
import type { MigrationSite } from './migration-site.ts'

/** Retirement: its states, work items, evidence, history and reports to partners. */
export async function retirement(db: Kysely<unknown>, { table, types }: MigrationSite): Promise<void> {
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
  const createIndex = (on: string, name: string, columns: string[]) =>
    schema
      .createIndex(table(`${on}_${name}`))
      .ifNotExists()
      .on(table(on))
      .columns(columns)
      .execute()

  await schema
    .createTable(table('retirement_states'))
    .ifNotExists()
    .addColumn('state_name', types.text('short'), (column) => column.notNull())
    .addColumn('state_execution_order', types.integer, (column) => column.notNull())
    .addColumn('kind', types.text('short'), (column) => column.notNull())
    .addColumn('step', types.text('short'))
    .addColumn('action', types.text('short'))
    .addPrimaryKeyConstraint(table('retirement_states_pk'), ['state_name'])
    .execute()

  await createPart('retirements')
    .addColumn('id', types.userId, (column) => column.notNull())
    .addColumn('original_username', types.text('short'), (column) => column.notNull())
    .addColumn('original_username_key', types.text('short'), (column) => column.notNull())
    .addColumn('original_email', types.text('short'), (column) => column.notNull())
    .addColumn('original_email_key', types.text('short'), (column) => column.notNull())
    .addColumn('original_name', types.text('short'), (column) => column.notNull())
    .addColumn('retired_username', types.text('short'), (column) => column.notNull())
    .addColumn('retired_email', types.text('short'), (column) => column.notNull())
    .addColumn('current_state', types.text('short'), (column) =>
      column.notNull().references(`${table('retirement_states')}.state_name`),
    )
    .addColumn('last_state', types.text('short'), (column) =>
      column.notNull().references(`${table('retirement_states')}.state_name`),
    )
    .addColumn('version', types.integer, (column) => column.notNull())
    .addColumn('lease', types.text('short'))
    .addColumn('leased_until', types.instant)
    .addColumn('created_at', types.instant, (column) => column.notNull())
    .addColumn('modified_at', types.instant, (column) => column.notNull())
    .addPrimaryKeyConstraint(table('retirements_pk'), ['user_id'])
    .addUniqueConstraint(table('retirements_id'), ['id'])
    .execute()
  await createIndex('retirements', 'queue', ['current_state', 'created_at', 'user_id'])
  await createIndex('retirements', 'original_username_key', ['original_username_key'])
  await createIndex('retirements', 'original_email_key', ['original_email_key'])

  await createPart('retirement_requests')
    .addColumn('created_at', types.instant, (column) => column.notNull())
    .addColumn('is_started', types.boolean, (column) => column.notNull())
    .addPrimaryKeyConstraint(table('retirement_requests_pk'), ['user_id'])
    .execute()
  await createIndex('retirement_requests', 'is_started', ['is_started', 'user_id'])

  await createPart('retirement_history')
    .addColumn('id', types.text('short'), (column) => column.notNull())
    .addColumn('from_state', types.text('short'))
    .addColumn('to_state', types.text('short'))
    .addColumn('forced', types.boolean, (column) => column.notNull())
    .addColumn('note', types.text('long'), (column) => column.notNull())
    .addColumn('changed_by', types.userId)
    .addColumn('changed_at', types.instant, (column) => column.notNull())
    .addPrimaryKeyConstraint(table('retirement_history_pk'), ['id'])
    .execute()
  await createIndex('retirement_history', 'user_id', ['user_id'])

  await createPart('partner_reports')
    .addColumn('original_username', types.text('short'), (column) => column.notNull())
    .addColumn('original_email', types.text('short'), (column) => column.notNull())
    .addColumn('original_name', types.text('short'), (column) => column.notNull())
    .addColumn('batch_id', types.text('short'))
    .addColumn('claimed_until', types.instant)
    .addColumn('created_at', types.instant, (column) => column.notNull())
    .addPrimaryKeyConstraint(table('partner_reports_pk'), ['user_id'])
    .execute()
}
