import { sql } from 'kysely'
import type { RetirementCount } from '../port/repository.ts'
import type { Instant } from '../values/instant.ts'
import { parameter } from './insert-text.ts'
import { textOrNone } from './retirement-records.ts'
import type { Statements } from './statements.ts'

/** Counts retirements by state and by what the work on them says: one statement. */
export async function countRetirements(on: Statements, before: Instant): Promise<RetirementCount[]> {
  const { rows } = await on.run(
    'count retirements',
    () => sql`select oldest.current_state, oldest.stopped, oldest.code, oldest.retirements, oldest.late,
        ${on.cell('retirements', 'created_at', 'oldest')} as created_at
      from (select entry.current_state, work.stopped, work.code, count(*) as retirements,
          sum(case when entry.created_at < ${parameter} then 1 else 0 end) as late, min(entry.created_at) as created_at
        from ${on.source('retirements')} as entry
        left join ${on.source('retirement_work')} as work on work.user_id = entry.user_id
        group by entry.current_state, work.stopped, work.code) as oldest`,
    [on.dialect.encode('instant', before)],
  )
  return rows.map((row) => ({
    current_state: String(row.current_state),
    stopped: on.codec.row('retirement_work', row).stopped,
    code: textOrNone(row.code) ?? null,
    retirements: Number(row.retirements),
    late: Number(row.late),
    oldest_at: on.codec.row('retirements', row).created_at,
  }))
}
