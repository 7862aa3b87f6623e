import fc from 'fast-check'
import { expect, it } from 'vitest'
import { memoryRepository } from '../../src/memory/index.ts'
import type { Repository } from '../../src/port/repository.ts'
import { onEachStore } from '../support/stores.ts'
import { expected, modelOf, stays, told } from './model/model.ts'
import { openHost, perform, seen, type Tokens } from './model/perform.ts'
import { plot, type Step } from './model/steps.ts'

/**
 * Performs steps, and compares all people after every `lookEvery` of them. Returns the steps done and the refusals met.
 */
async function follow(repository: Repository, steps: readonly Step[], lookEvery = 1): Promise<Set<string>> {
  const met = new Set<string>()
  const host = await openHost(repository)
  const model = modelOf()
  const tokens: Tokens = {
    leases: { left: new Map(), right: new Map() },
    batches: { left: undefined, right: undefined },
  }
  for (const [index, step] of steps.entries()) {
    const due = expected(model, step)
    expect(await perform(host, tokens, step), JSON.stringify(step)).toBe(due)
    met.add(nameOf(step, due))
    if (index % lookEvery === 0) expect(await seen(host.site, repository), JSON.stringify(step)).toEqual(told(model))
  }
  return met
}

/** Names an outcome, without people and numbers. */
function nameOf(step: Step, due: string): string {
  if (!due.startsWith('ok')) return due
  const [, status, why] = due.split(' ')
  if (step.do === 'advance') return ['advance', status, ...(status === 'stopped' ? [why] : [])].join(' ')
  if (step.do === 'reopen') return `reopen ${status}`
  return due === 'ok' ? step.do : `${step.do} somebody`
}

/** Returns sequences of so many plots. */
const sequence = (maxLength: number, minLength = 1) =>
  fc.array(plot, { minLength, maxLength, size: 'max' }).map((plots) => plots.flat())

it('random sequences of operations have the outcomes of a small model', async () => {
  await fc.assert(
    fc.asyncProperty(sequence(60), async (steps) => {
      await follow(memoryRepository() as Repository, steps)
    }),
    { numRuns: Number(process.env.MODEL_RUNS ?? 100) },
  )
}, 600_000)

onEachStore('sequences of operations that meet every outcome of the model', (open) => {
  it('have the outcomes of the model', async () => {
    const met = new Set<string>()
    for (const steps of fc.sample(fc.noBias(sequence(60, 60)), { numRuns: 6, seed: 65 })) {
      await using store = await open()
      for (const outcome of await follow(store.repository, steps, 8)) met.add(outcome)
    }
    const single = ['request', 'cancel', 'move', 'force', 'report', 'misc', 'account', 'clean', 'write', 'finish']
    const many = ['claim', 'take', 'retake', 'queue'].map((name) => `${name} somebody`)
    const reasons = ['already_requested', 'already_erased', 'not_pending', 'not_working', 'wrong_step', 'cool_off']
    const advances = ['progress', 'complete', 'waiting', 'busy', 'stopped dead', 'stopped blocked', 'stopped manual']
    const works = ['work somebody', 'stats somebody', 'heartbeat somebody', 'reopen reopened']
    const refused = [...reasons, 'unknown_state', 'dead_end', 'not_later'].map(stays)
    const errors = ['not_found', 'user_not_found', 'bad_request', 'conflict lease', 'account_validation_error']
    const failed = [
      ...errors,
      'internal_error',
      'not_authorized sealed',
      'reopen not_found',
      'reopen retirement_state_error',
    ]
    const worked = [...works, ...advances.map((one) => `advance ${one}`)]
    expect([...met]).toEqual(expect.arrayContaining([...single, ...many, ...worked, ...refused, ...failed]))
  }, 120_000)
})
