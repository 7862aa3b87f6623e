import { type RawBuilder, sql } from 'kysely'
import type { ColumnTypes } from '../migrations/migration-site.ts'
import type { TableDefinition } from '../table-definition.ts'

/** A table for the columns that the original does not have, with the kinds of its columns beside `user_id`. */
interface BesideTable {
  readonly columns: Readonly<Record<string, 'number' | 'name' | 'text' | 'instant'>>
  readonly primary: string
  /** Made by `createBeside` of a later step than the one that makes our table in other layouts. */
  readonly isLater?: true
}

/**
 * The columns that are left of our tables where the original keeps the others, or `undefined` for none. Tables that are
 * not listed are the same as in every layout.
 */
export const besideTables: Readonly<Record<string, BesideTable | undefined>> = {
  profiles: { columns: { version: 'number', digest: 'number' }, primary: 'user_id' },
  language_proficiencies: undefined,
  social_links: undefined,
  account_recoveries: undefined,
  preferences: undefined,
  org_tags: undefined,
  course_tags: undefined,
  retirement_states: {
    columns: { state_name: 'name', kind: 'name', step: 'text', action: 'text' },
    primary: 'state_name',
  },
  retirements: { columns: { lease: 'text', leased_until: 'instant' }, primary: 'user_id' },
  retirement_requests: { columns: { generation: 'number' }, primary: 'user_id', isLater: true },
  partner_reports: { columns: { batch_id: 'text', claimed_until: 'instant' }, primary: 'user_id' },
}

/** Returns the definition of such a table for a migration. */
export function definitionOf({ columns, primary }: BesideTable, types: ColumnTypes): TableDefinition {
  const kinds: Readonly<Record<BesideTable['columns'][string], { type: RawBuilder<never>; isNullable: boolean }>> = {
    number: { type: sql.raw('bigint'), isNullable: false },
    name: { type: types.short, isNullable: false },
    text: { type: types.short, isNullable: true },
    instant: { type: types.instant, isNullable: true },
  }
  return (table) =>
    Object.entries(columns)
      .reduce((made, [column, kind]) => {
        const { type, isNullable } = kinds[kind]
        return made.addColumn(column, type, (build) => (isNullable ? build : build.notNull()))
      }, table)
      .addPrimaryKeyConstraint('primary_key', [primary])
}
