import type { MigrationSite } from './migration-site.ts'

/** Receipts of erasures, names that were retired, and holds. None of them goes with the person. */
export async function proof({ types, constraint, createTable }: MigrationSite): Promise<void> {
  await createTable(
    'retirement_receipts',
    (table) =>
      table
        .addColumn('id', types.short, (column) => column.notNull())
        .addColumn('sequence', types.integer)
        .addColumn('subject', types.short, (column) => column.notNull())
        .addColumn('kind', types.short, (column) => column.notNull())
        .addColumn('body', types.json, (column) => column.notNull())
        .addColumn('previous', types.short)
        .addColumn('hash', types.short)
        .addColumn('created_at', types.instant, (column) => column.notNull())
        .addPrimaryKeyConstraint(constraint('retirement_receipts_pk'), ['id'])
        .addUniqueConstraint(constraint('retirement_receipts_sequence'), ['sequence']),
    { subject: ['subject'] },
  )

  await createTable('retired_identifiers', (table) =>
    table
      .addColumn('kind', types.short, (column) => column.notNull())
      .addColumn('form', types.short, (column) => column.notNull())
      .addColumn('retired_at', types.instant, (column) => column.notNull())
      .addPrimaryKeyConstraint(constraint('retired_identifiers_pk'), ['kind', 'form']),
  )

  await createTable(
    'retirement_holds',
    (table) =>
      table
        .addColumn('id', types.short, (column) => column.notNull())
        .addColumn('user_id', types.id, (column) => column.notNull())
        .addColumn('reason', types.short, (column) => column.notNull())
        .addColumn('sources', types.json)
        .addColumn('held_until', types.instant)
        .addColumn('created_by', types.id)
        .addColumn('created_at', types.instant, (column) => column.notNull())
        .addColumn('refused_at', types.instant)
        .addColumn('released_at', types.instant)
        .addColumn('closed_at', types.instant)
        .addPrimaryKeyConstraint(constraint('retirement_holds_pk'), ['id']),
    { user_id: ['user_id', 'closed_at'], open: ['closed_at', 'id'] },
  )
}
