import type { SourceCount } from '../../port/personal-data-store.ts'
import type { UserRow } from '../../port/tables.ts'
import { requireHolderOr } from '../../runtime/authorize.ts'
import type { Core } from '../../runtime/core.ts'
import { type Actor, hasRight } from '../../site/actor.ts'
import type { Whom } from '../../site/whom.ts'
import { UserCoreError } from '../../values/errors.ts'
import { addMilliseconds, type Instant, toInstant } from '../../values/instant.ts'
import type { JsonValue } from '../../values/json.ts'
import { ownRows } from '../own-sources.ts'
import { type PlanFrame, planFrame, type RetirementPlan } from '../retirement-plan.ts'
import { findPerson, loadStates, stateError } from './load-retirement.ts'
import { namesOfPerson } from './person-names.ts'

export async function planRetirement(core: Core, actor: Actor, whom: Whom): Promise<RetirementPlan> {
  const holder = await requireHolderOr(core, actor, whom, (actor) => hasRight(actor, 'retire_user', core.settings))
  const frame = await framePlan(core)
  const user = await findPerson(core, holder)
  if (user === undefined) throw new UserCoreError('user_not_found')
  const count = await counter(core, user)
  const sources = []
  for (const { retained, ...source } of frame.sources) {
    const { rows, latest } = await count(source.source)
    sources.push({
      ...source,
      rows,
      retained: retained.map((column) => ({ ...column, until: endOf(latest[column.since], column.days) })),
    })
  }
  return { ...frame, user_id: user.id, sources }
}

/** Returns a counter of the rows of a person, in tables of the library and of the host. */
async function counter(core: Core, user: UserRow): Promise<(source: string) => Promise<SourceCount>> {
  const person = await namesOfPerson(core, user)
  return async (source) => {
    const own = await ownRows(core.repository, source, user.id)
    if (own !== undefined) return { rows: own.length, latest: {} }
    return (await core.personalData?.count(source, person)) ?? { rows: 0, latest: {} }
  }
}

/** Returns the end of a time of some days; null where the host keeps no moment. */
export function endOf(since: JsonValue | undefined, days: number): Instant | null {
  const begin =
    typeof since === 'string' ? toInstant(/^\d{4}-\d\d-\d\d$/.test(since) ? `${since}T00:00:00Z` : since) : undefined
  return begin === undefined ? null : addMilliseconds(begin, days * 24 * 3_600_000)
}

/** Returns what is the same in the plans of all people. Throws `retirement_state_error` without a pipeline. */
export async function framePlan(core: Core): Promise<PlanFrame> {
  const states = await loadStates(core)
  const { personalData } = core
  return planFrame(states, personalData?.sources ?? [], (await personalData?.references()) ?? [])
}

/** Throws `retirement_state_error` unless the plan of the site still has the hash that was given. */
export async function requirePlan(core: Core, hash: string | undefined): Promise<void> {
  if (hash !== undefined && (await framePlan(core)).hash !== hash) throw stateError('plan_changed')
}
