import type { UserCoreOptions } from '../../src/create-user-core.ts'
import type { Repository } from '../../src/port/repository.ts'
import { definePipeline } from '../../src/retirement/pipeline.ts'
import { system } from '../../src/site/actor.ts'
import type { StepOutcome, StepRun, StepWork } from '../../src/site/retirement-steps.ts'
import { days, openSite, type Site } from './site.ts'

/** A pipeline with two steps of the host, and those of the library. */
const workPipeline = definePipeline([
  { step: 'forums', working: 'RETIRING_FORUMS', done: 'FORUMS_COMPLETE' },
  { step: 'misc', working: 'RETIRING_LMS_MISC', done: 'LMS_MISC_COMPLETE', action: 'misc' },
  { step: 'crm', working: 'RETIRING_CRM', done: 'CRM_COMPLETE' },
  { step: 'account', working: 'RETIRING_LMS', done: 'LMS_COMPLETE', action: 'account' },
])

/** A step that keeps what it was called with, and answers in turn; the last answer is repeated. */
export function recorded(...answers: readonly (StepOutcome | ((work: StepWork) => unknown))[]) {
  const calls: StepWork[] = []
  const run: StepRun = async (work) => {
    const answer = answers[Math.min(calls.length, answers.length - 1)] ?? { outcome: 'done' }
    calls.push(work)
    return (typeof answer === 'function' ? await answer(work) : answer) as StepOutcome
  }
  return { calls, run }
}

export const done: StepOutcome = { outcome: 'done' }

/** Opens a site whose retirements a worker can bring to their end. Messages wait for no delivery. */
export async function openWorkSite(
  repository: Repository,
  steps: UserCoreOptions<unknown>['steps'],
  options: Partial<UserCoreOptions<unknown>> = {},
  people: readonly string[] = ['ada', 'bob'],
): Promise<Site> {
  const settings = { outbox_patience_hours: 0, ...options.settings }
  const site = await openSite(repository, people, { ...options, ...(steps && { steps }), settings })
  await site.users.retirement.setPipeline(system, workPipeline)
  return site
}

/** Requests the retirement of people, and lets it cool off. */
export async function requestAll(site: Site, ...people: readonly string[]): Promise<void> {
  for (const name of people) await site.users.retirement.request(system, name)
  site.clock.advance(days(15))
}
