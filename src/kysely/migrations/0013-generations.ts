import type { MigrationSite } from './migration-site.ts'

/** Counts the requests of a person to be forgotten: an account can be brought back by hand, and retired again. */
export async function generations({ types, addColumn, createBeside }: MigrationSite): Promise<void> {
  const isKept = await createBeside('retirement_requests')
  if (!isKept) await addColumn('retirement_requests', 'generation', types.integer, 1)
}
