import { isStorable } from '../port/storable.ts'
import type { StepOutcome } from '../site/retirement-steps.ts'
import { problemOf } from '../values/arguments.ts'
import { isLargerThan, isPlainObject } from '../values/json.ts'
import { count, json, listOf, name, object, oneOf, optional, orNothing, text } from '../values/kinds.ts'

const records = optional(count(0, 2 ** 31 - 1))
const retained = listOf(object({ what: name, why: name, until: orNothing(name) }))
const counts = optional(object({ removed: records, masked: records, retained: optional(retained) }))

/** The longest delay that a step can ask for: thirty days. */
const longestDelay = 30 * 24 * 3600

const kinds = {
  done: object({ outcome: oneOf('done'), counts }),
  more: object({ outcome: oneOf('more'), counts, cursor: json }),
  retry: object({ outcome: oneOf('retry'), counts, code: text, after_seconds: optional(count(0, longestDelay)) }),
  blocked: object({ outcome: oneOf('blocked'), counts, code: text }),
  manual: object({ outcome: oneOf('manual'), counts, code: text }),
}

const mostBytes = 65_536

/** Returns the outcome that a function of the host gave; `undefined` for a value that is none. */
export function readOutcome(answer: unknown): StepOutcome | undefined {
  if (!isPlainObject(answer) || typeof answer.outcome !== 'string') return undefined
  const kind = Object.hasOwn(kinds, answer.outcome) ? kinds[answer.outcome as keyof typeof kinds] : undefined
  if (kind === undefined || problemOf(answer, kind, 'outcome', 'integer') !== undefined) return undefined
  if (isLargerThan(answer, mostBytes) || !isStorable('json', answer)) return undefined
  return 'code' in answer && !isStepCode(String(answer.code)) ? undefined : (answer as unknown as StepOutcome)
}

/** Tells whether a text is a code: it names no person. */
export function isStepCode(code: string): boolean {
  return /^[a-z0-9_]{1,64}$/.test(code)
}
