import type { RetirementAction } from '../../port/retirement-record.ts'
import { requireRight } from '../../runtime/authorize.ts'
import { type Core, decideAndSave } from '../../runtime/core.ts'
import { housekeeping } from '../../runtime/permit.ts'
import type { Actor } from '../../site/actor.ts'
import type { Whom } from '../../site/whom.ts'
import { touchWrite } from '../retirement-writes.ts'
import { eraseSources } from './erase-sources.ts'
import { type Claim, loadForAction } from './load-retirement.ts'
import { requirePlan } from './plan-retirement.ts'
import { actionWrites } from './step-actions.ts'

export async function runStep(
  core: Core,
  actor: Actor,
  target: Whom | Claim,
  step: RetirementAction,
  { plan }: { readonly plan?: string },
): Promise<void> {
  requireRight(core, actor, 'retire_user')
  await requirePlan(core, plan)
  await eraseSources(core, target, step)
  await decideAndSave(core, async () => {
    const loaded = await loadForAction(core, target, step)
    const { retirement, context } = loaded
    const writes = await actionWrites[step](core, loaded)
    // A person who took no course gets no report.
    const isNothing = step === 'partner_report' && writes.length === 0
    return {
      writes: isNothing ? [] : [touchWrite(retirement, context), ...writes],
      erases: step !== 'partner_report',
      permit: housekeeping,
      result: undefined,
    }
  })
}
