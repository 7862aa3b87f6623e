import type { MigrationSite } from './migration-site.ts'

/** Retirement: its states, work items, evidence, history and reports to partners. */
export async function retirement(site: MigrationSite): Promise<void> {
  const { types, constraint } = site

  await site.createTable('retirement_states', (table) =>
    table
      .addColumn('state_name', types.short, (column) => column.notNull())
      .addColumn('state_execution_order', types.integer, (column) => column.notNull())
      .addColumn('kind', types.short, (column) => column.notNull())
      .addColumn('step', types.short)
      .addColumn('action', types.short)
      .addPrimaryKeyConstraint(constraint('retirement_states_pk'), ['state_name']),
  )

  const state: [table: string, columns: string[]] = [site.reference('retirement_states'), ['state_name']]
  await site.createPart(
    'retirements',
    (table) =>
      table
        .addColumn('id', types.id, (column) => column.notNull())
        .addColumn('original_username', types.short, (column) => column.notNull())
        .addColumn('original_username_key', types.short, (column) => column.notNull())
        .addColumn('original_email', types.short, (column) => column.notNull())
        .addColumn('original_email_key', types.short, (column) => column.notNull())
        .addColumn('original_name', types.short, (column) => column.notNull())
        .addColumn('retired_username', types.short, (column) => column.notNull())
        .addColumn('retired_email', types.short, (column) => column.notNull())
        .addColumn('current_state', types.short, (column) => column.notNull())
        .addColumn('last_state', types.short, (column) => column.notNull())
        .addColumn('version', types.integer, (column) => column.notNull())
        .addColumn('lease', types.short)
        .addColumn('leased_until', types.instant)
        .addColumn('created_at', types.instant, (column) => column.notNull())
        .addColumn('modified_at', types.instant, (column) => column.notNull())
        .addPrimaryKeyConstraint(constraint('retirements_pk'), ['user_id'])
        .addUniqueConstraint(constraint('retirements_id'), ['id'])
        .addForeignKeyConstraint(constraint('retirements_current_state_fk'), ['current_state'], ...state)
        .addForeignKeyConstraint(constraint('retirements_last_state_fk'), ['last_state'], ...state),
    {
      queue: ['current_state', 'created_at', 'user_id'],
      original_username_key: ['original_username_key'],
      original_email_key: ['original_email_key'],
    },
  )

  await site.createPart(
    'retirement_requests',
    (table) =>
      table
        .addColumn('created_at', types.instant, (column) => column.notNull())
        .addColumn('is_started', types.boolean, (column) => column.notNull())
        .addPrimaryKeyConstraint(constraint('retirement_requests_pk'), ['user_id']),
    { is_started: ['is_started', 'user_id'] },
  )

  await site.createPart(
    'retirement_history',
    (table) =>
      table
        .addColumn('id', types.short, (column) => column.notNull())
        .addColumn('from_state', types.short)
        .addColumn('to_state', types.short)
        .addColumn('forced', types.boolean, (column) => column.notNull())
        .addColumn('note', types.long, (column) => column.notNull())
        .addColumn('changed_by', types.id)
        .addColumn('changed_at', types.instant, (column) => column.notNull())
        .addPrimaryKeyConstraint(constraint('retirement_history_pk'), ['id']),
    { user_id: ['user_id'] },
  )

  await site.createPart('partner_reports', (table) =>
    table
      .addColumn('original_username', types.short, (column) => column.notNull())
      .addColumn('original_email', types.short, (column) => column.notNull())
      .addColumn('original_name', types.short, (column) => column.notNull())
      .addColumn('batch_id', types.short)
      .addColumn('claimed_until', types.instant)
      .addColumn('created_at', types.instant, (column) => column.notNull())
      .addPrimaryKeyConstraint(constraint('partner_reports_pk'), ['user_id']),
  )
}
