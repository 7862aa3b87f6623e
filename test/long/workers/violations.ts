import { type Kysely, sql } from 'kysely'
import type { Site } from '../../hammer/journal.ts'
import { pipeline } from './site.ts'

/** The states that a retirement goes through without a failure that is not tried again. */
const way = [...pipeline.states.slice(0, -3).map(({ state_name }) => state_name), 'COMPLETE']

/** Counts the people for whom an invariant was broken, by invariant, and the calls of steps. */
export async function violationsOf(
  db: Kysely<unknown>,
  { dialect }: Site,
  people: number,
): Promise<{ violations: Record<string, number>; calls: number }> {
  const count = async (text: string) => {
    const { rows } = await sql<{
      count: unknown
    }>`${sql.raw(`select count(*) as count from (${text}) as found`)}`.execute(db)
    return Number(rows[0]?.count)
  }
  const complete = await count("select 1 from usercore_retirements where current_state = 'COMPLETE'")
  const quote = dialect === 'mysql' ? '`' : '"'
  const states = way.map((state) => `'${state}'`).join(', ')
  // The verification has a result beside them.
  const steps = "'forums', 'crm', 'account'"
  return {
    violations: {
      stuck: people - complete,
      // A move that was stored twice, or one beside the way.
      doubled: await count(
        `select user_id from usercore_retirement_history group by user_id, to_state having count(*) > 1`,
      ),
      skipped: await count(`select users.id from usercore_users as users
        where (select count(*) from usercore_retirement_history as moves where moves.user_id = users.id
          and moves.to_state in (${states})) <> ${way.length}
        or (select count(*) from usercore_retirement_history as moves where moves.user_id = users.id) <> ${way.length}
        or (select count(distinct step) from effects where effects.user_id = users.id and outcome = 'done') <> 2
        or (select count(*) from usercore_retirement_step_results as results where results.user_id = users.id
          and results.outcome = 'done' and results.step in (${steps})) <> 3
        or users.is_active <> ${dialect === 'mysql' ? '0' : 'false'}`),
      // A call of a step after the one whose result was stored: its fence is greater than that of a later step.
      'out of order': await count(`select late.user_id from effects as late join effects as early
        on early.user_id = late.user_id and early.step = 'crm' and late.step = 'forums' and late.fence > early.fence`),
      'leases held': await count(
        `select user_id from usercore_retirements where ${quote}lease${quote} is not null or leased_until is not null`,
      ),
    },
    calls: await count('select 1 from effects'),
  }
}
