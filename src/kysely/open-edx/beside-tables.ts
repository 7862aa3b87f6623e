import type { TableDefinition } from '../layout.ts'
import type { ColumnTypes } from '../migrations/migration-site.ts'

/**
 * What is left of our tables where the original keeps the rest: a definition, or `undefined` for nothing. Tables that are
 * not listed are the same as anywhere.
 */
export const besideTables: Readonly<Record<string, ((types: ColumnTypes) => TableDefinition) | undefined>> = {
  profiles: () => (table) =>
    table
      .addColumn('version', 'bigint', (column) => column.notNull())
      .addColumn('digest', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('profiles_pk', ['user_id']),
  language_proficiencies: undefined,
  social_links: undefined,
  account_recoveries: undefined,
  preferences: undefined,
  org_tags: undefined,
  course_tags: undefined,
  retirement_states:
    ({ short }) =>
    (table) =>
      table
        .addColumn('state_name', short, (column) => column.notNull())
        .addColumn('kind', short, (column) => column.notNull())
        .addColumn('step', short)
        .addColumn('action', short)
        .addPrimaryKeyConstraint('retirement_states_pk', ['state_name']),
  retirements:
    ({ short, instant }) =>
    (table) =>
      table
        .addColumn('lease', short)
        .addColumn('leased_until', instant)
        .addPrimaryKeyConstraint('retirements_pk', ['user_id']),
  retirement_requests: undefined,
  partner_reports:
    ({ short, instant }) =>
    (table) =>
      table
        .addColumn('batch_id', short)
        .addColumn('claimed_until', instant)
        .addPrimaryKeyConstraint('partner_reports_pk', ['user_id']),
}
