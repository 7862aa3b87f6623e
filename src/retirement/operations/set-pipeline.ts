import type { RetirementStateRow } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { requireRight } from '../../runtime/authorize.ts'
import { type Core, decideAndSave } from '../../runtime/core.ts'
import { housekeeping } from '../../runtime/permit.ts'
import type { Actor } from '../../site/actor.ts'
import { UserCoreError } from '../../values/errors.ts'
import { type Pipeline, type PipelinePlan, planPipeline, readPipeline, sortStates } from '../pipeline.ts'
import { stateError } from './load-retirement.ts'

export async function setPipeline(
  core: Core,
  actor: Actor,
  wanted: Pipeline | readonly string[],
  { dryRun = false }: { readonly dryRun?: boolean },
): Promise<PipelinePlan> {
  requireRight(core, actor, 'retire_user')
  const read = readPipeline(wanted)
  if ('issues' in read) {
    throw new UserCoreError('bad_request', {
      params: { argument: 'pipeline', reason: read.issues[0]?.code ?? 'invalid' },
      detail: `pipeline must be a pipeline, or the names of states in their order (${read.issues[0]?.code ?? 'invalid'})`,
    })
  }
  const pipeline = read.value
  return decideAndSave(core, async () => {
    const stored = await core.repository.select('retirement_states', {})
    const plan = planPipeline(stored, pipeline)
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
    return { writes: dryRun ? [] : writes, permit: housekeeping, result: plan }
  })
}

async function isUsed(
  core: Core,
  where: { readonly current_state?: readonly string[]; readonly last_state?: readonly string[] },
): Promise<boolean> {
  return (await core.repository.pageUsers('retirements', where, { limit: 1 })).length > 0
}

export async function getPipeline(core: Core, actor: Actor): Promise<Pipeline> {
  requireRight(core, actor, 'retire_user')
  return { states: sortStates(await core.repository.select('retirement_states', {})) }
}
