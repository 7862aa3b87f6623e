import type { Core } from '../../runtime/core.ts'
import { traced } from '../../runtime/tracing.ts'
import type { StepOutcome, StepRun, StepWork } from '../../site/retirement-steps.ts'
import { isUserCoreError } from '../../values/errors.ts'
import { isStepCode, readOutcome } from '../step-outcome.ts'

/** The outcome of a piece of a step: that of the step, or that its signal was aborted before it came. */
export type PieceOutcome = StepOutcome | { readonly outcome: 'interrupted' }

/**
 * Runs a function of the host. An error counts as a failed attempt, with the code of a usercore error or `error`; so does
 * what is no outcome (`wrong_outcome`). The text of the error goes to the tracing channel `usercore:retirement.step` alone.
 */
export async function runFunction(run: StepRun, work: StepWork): Promise<PieceOutcome> {
  const { signal } = work
  const { promise: aborted, resolve } = Promise.withResolvers<PieceOutcome>()
  const interrupt = () => resolve({ outcome: 'interrupted' })
  if (signal.aborted) return { outcome: 'interrupted' }
  signal.addEventListener('abort', interrupt, { once: true })
  try {
    return await Promise.race([outcomeOf(run, work), aborted])
  } finally {
    signal.removeEventListener('abort', interrupt)
  }
}

async function outcomeOf(run: StepRun, work: StepWork): Promise<PieceOutcome> {
  try {
    const answer: unknown = await traced('retirement.step', async () => run(work))
    return readOutcome(answer) ?? { outcome: 'retry', code: 'wrong_outcome' }
  } catch (error) {
    return work.signal.aborted ? { outcome: 'interrupted' } : failureOf(error)
  }
}

/** Returns the outcome of a piece that threw. */
export function failureOf(error: unknown): PieceOutcome {
  const code = isUserCoreError(error) && isStepCode(error.code) ? error.code : 'error'
  return { outcome: 'retry', code }
}

/** Tells the core of a site from its steps: the functions that it has. */
export function functionOf({ host }: Core, step: string | null): StepRun | undefined {
  return step === null ? undefined : host.steps.get(step)
}
