import type { Repository } from '../../src/port/repository.ts'
import { isUserCoreError } from '../../src/values/errors.ts'
import { differences } from './differences.ts'
import { mismatch, type Results, sameElements } from './match.ts'
import { perform } from './operations.ts'
import { type Behaviour, type Subject, setUp } from './subject.ts'
import { Unsupported } from './unsupported.ts'
import type { Call, Outcome, Vector } from './vector.ts'

/** The outcome of a case. */
export type Verdict =
  | { readonly outcome: 'passed' }
  | { readonly outcome: 'failed' | 'skipped'; readonly reason: string }

/** Runs one case on an empty store. `behave` changes what the library sees of the store. */
export async function runVector(vector: Vector, repository: Repository, behave?: Behaviour): Promise<Verdict> {
  const difference = differences[vector.id]
  try {
    const reason = await check({ ...vector, ...difference?.instead }, repository, behave)
    if (reason !== undefined) return { outcome: 'failed', reason }
    return difference === undefined
      ? { outcome: 'passed' }
      : { outcome: 'skipped', reason: `design.md: ${difference.why}` }
  } catch (error) {
    if (error instanceof Unsupported) return { outcome: 'skipped', reason: `usercore has no ${error.message} yet` }
    return { outcome: 'failed', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

/** Returns the first difference between the outcome and the expectation, or `undefined`. */
async function check(
  vector: Vector,
  repository: Repository,
  behave: Behaviour | undefined,
): Promise<string | undefined> {
  const subject = await setUp(vector.given, repository, behave)
  const results: Record<string, unknown> = {}
  for (const [index, call] of ((vector.given.before ?? []) as unknown as Call[]).entries()) {
    results[`before.${index}`] = await perform(subject, call)
  }
  subject.setFaults(true)
  const wrong = await judge(subject, vector.when, vector.then, results, 'when')
  subject.setFaults(false)
  if (wrong !== undefined) return wrong
  for (const [index, call] of (vector.after ?? []).entries()) {
    const later = await judge(subject, call, call, results, `after ${index}`)
    if (later !== undefined) return `${later} (${call.op})`
  }
  return undefined
}

async function judge(
  subject: Subject,
  call: Call,
  expected: Outcome,
  results: Record<string, unknown>,
  at: string,
): Promise<string | undefined> {
  try {
    const result = await perform(subject, call)
    if (expected.error !== undefined) return `${at}: expected ${expected.error}, but the call succeeded`
    const wrong = compare(result, expected, results)
    results[at] = result
    return wrong === undefined ? undefined : `${at}: ${wrong}`
  } catch (error) {
    if (error instanceof Unsupported) throw error
    const wrong = refusalMismatch(error, expected)
    return wrong === undefined ? undefined : `${at}: ${wrong}`
  }
}

function compare(result: unknown, expected: Outcome, results: Results): string | undefined {
  // A call without a result succeeded all the same.
  const actual = result === undefined ? null : result
  const mode = expected.match ?? 'exact'
  const { ok = null } = expected
  if (expected.unordered === true && Array.isArray(ok) && Array.isArray(actual)) {
    return sameElements(actual, ok, { mode, results, at: '' })
      ? undefined
      : `expected in any order ${JSON.stringify(ok)}, got ${JSON.stringify(actual)}`
  }
  return mismatch(actual, ok, mode, results)
}

function refusalMismatch(error: unknown, expected: Outcome): string | undefined {
  if (!isUserCoreError(error)) return `threw what is no usercore error: ${error instanceof Error ? error.stack : error}`
  const codes = expected.error === undefined ? [] : [expected.error].flat()
  if (!codes.includes(error.code))
    return `expected ${codes.join(' or ') || 'success'}, got ${error.message} ${error.cause ?? ''}`
  if (expected.fields !== undefined) {
    const fields = Object.keys(error.field_errors).sort()
    if (JSON.stringify(fields) !== JSON.stringify([...expected.fields].sort()))
      return `expected errors of ${expected.fields}, got ${fields}`
  }
  return expected.details === undefined ? undefined : mismatch(error.params, expected.details, 'subset', {})
}
