import { type Kysely, sql } from 'kysely'
import { createUserCore, definePipeline, type StepOutcome, type StepWork, type UserCore } from '../../../src/index.ts'
import { kyselyRepository } from '../../../src/kysely/index.ts'
import type { Site } from '../../hammer/journal.ts'

/** The steps of the pipeline, in their order: two of the host and that of the library. */
export const pipeline = definePipeline([
  { step: 'forums', working: 'RETIRING_FORUMS', done: 'FORUMS_COMPLETE' },
  { step: 'crm', working: 'RETIRING_CRM', done: 'CRM_COMPLETE' },
  { step: 'account', working: 'RETIRING_LMS', done: 'LMS_COMPLETE', action: 'account' },
])

/** Makes the core of a process, whose steps fail at random, and record every call in the table `effects`. */
export function workCore(db: Kysely<unknown>, { dialect }: Site): UserCore<unknown> {
  const step = (name: string) => (work: StepWork) => record(db, name, work)
  return createUserCore({
    repository: kyselyRepository(db, { dialect }),
    steps: { forums: step('forums'), crm: step('crm') },
    settings: {
      retired_identifier_keys: [{ id: 'k1', secret: 'a secret that only this test knows of' }],
      cool_off_days: 0,
      outbox_patience_hours: 0,
      retirement_max_attempts: 1000,
    },
  })
}

/**
 * One in five calls fails, few of them by an error, which is put off for longer at each attempt: only the first two, or a run
 * would wait for its last person. Of the others one in five makes progress alone.
 */
async function record(db: Kysely<unknown>, step: string, work: StepWork): Promise<StepOutcome> {
  const [failed, more] = [Math.random() < 0.2, Math.random() < 0.2]
  const outcome: StepOutcome = failed
    ? { outcome: 'retry', code: 'at_random', after_seconds: 1 }
    : more
      ? { outcome: 'more', cursor: work.fence }
      : { outcome: 'done', counts: { removed: 1 } }
  // The primary key refuses a second call with one fence.
  await sql`insert into effects (user_id, fence, step, outcome)
    values (${work.user_id}, ${work.fence}, ${step}, ${outcome.outcome})`.execute(db)
  if (failed && work.attempt <= 2 && Math.random() < 0.1) throw new Error('at random')
  return outcome
}
