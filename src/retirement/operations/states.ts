import type { RetirementStateRow } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { requireRight } from '../../runtime/authorize.ts'
import { type Core, decideAndSave } from '../../runtime/core.ts'
import type { Actor } from '../../site/actor.ts'
import { UserCoreError } from '../../values/errors.ts'
import { type Pipeline, type PopulationPlan, planPopulation, readPipeline, sortStates } from '../pipeline.ts'
import { stateError } from './load-retirement.ts'

/** A state as it is listed. */
export interface RetirementStateInfo extends RetirementStateRow {
  /** Whether only a forced move leads out of it. */
  readonly is_dead_end_state: boolean
  /** Whether every list has it. */
  readonly required: boolean
}

export async function populateStates(
  core: Core,
  actor: Actor,
  wanted: Pipeline | readonly string[],
  { dryRun = false }: { readonly dryRun?: boolean },
): Promise<PopulationPlan> {
  requireRight(core, actor, 'retire_user')
  const read = readPipeline(wanted)
  if ('issues' in read) {
    throw new UserCoreError('bad_request', {
      params: { argument: 'states', reason: read.issues[0]?.code ?? 'invalid' },
      detail: `states must be a pipeline, or the names of states in their order (${read.issues[0]?.code ?? 'invalid'})`,
    })
  }
  const pipeline = read.value
  return decideAndSave(core, async () => {
    const stored = await core.repository.select('retirement_states', {})
    const plan = planPopulation(stored, pipeline)
    const namesOf = (isWanted: (state: RetirementStateRow) => boolean) =>
      stored.filter(isWanted).map(({ state_name }) => state_name)
    const busy = namesOf(({ kind }) => kind === 'working' || kind === 'done')
    if (await isUsed(core, { current_state: busy })) throw stateError('users_in_progress')
    const gone = { current_state: plan.removed }
    if ((await isUsed(core, gone)) || (await isUsed(core, { last_state: plan.removed }))) throw stateError('in_use')
    const writes: Write[] = [
      ...(plan.removed.length > 0
        ? [{ delete: 'retirement_states', where: { state_name: plan.removed } } as const]
        : []),
      { upsert: 'retirement_states', rows: plan.states },
    ]
    return { writes: dryRun ? [] : writes, result: plan }
  })
}

async function isUsed(
  core: Core,
  where: { readonly current_state?: readonly string[]; readonly last_state?: readonly string[] },
): Promise<boolean> {
  return (await core.repository.pageUsers('retirements', where, { limit: 1 })).length > 0
}

export async function listStates(core: Core, actor: Actor): Promise<RetirementStateInfo[]> {
  requireRight(core, actor, 'retire_user')
  const states = await core.repository.select('retirement_states', {})
  return sortStates(states).map((state) => ({
    ...state,
    is_dead_end_state: state.kind === 'end',
    required: state.kind === 'start' || state.kind === 'end',
  }))
}
