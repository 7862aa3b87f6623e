import type { MigrationSite } from './migration-site.ts'

/** The work on retirements: the names that steps are told, the attempts at the step under way, and the results of steps. */
export async function retirementWork(site: MigrationSite): Promise<void> {
  const { types, constraint } = site

  await site.createPart('retirement_work', (table) =>
    table
      .addColumn('identifiers', types.json, (column) => column.notNull())
      .addColumn('fence', types.integer, (column) => column.notNull())
      .addColumn('attempts', types.integer, (column) => column.notNull())
      .addColumn('cursor', types.json)
      .addColumn('started_at', types.instant)
      .addColumn('next_attempt_at', types.instant)
      .addColumn('stopped', types.short)
      .addColumn('code', types.short)
      .addColumn('is_replay', types.boolean, (column) => column.notNull())
      .addPrimaryKeyConstraint(constraint('retirement_work_pk'), ['user_id']),
  )

  await site.createPart('retirement_step_results', (table) =>
    table
      .addColumn('step', types.short, (column) => column.notNull())
      .addColumn('outcome', types.short, (column) => column.notNull())
      .addColumn('removed', types.integer, (column) => column.notNull())
      .addColumn('masked', types.integer, (column) => column.notNull())
      .addColumn('retained', types.json, (column) => column.notNull())
      .addColumn('attempts', types.integer, (column) => column.notNull())
      .addColumn('started_at', types.instant, (column) => column.notNull())
      .addColumn('finished_at', types.instant, (column) => column.notNull())
      .addPrimaryKeyConstraint(constraint('retirement_step_results_pk'), ['user_id', 'step']),
  )
}
