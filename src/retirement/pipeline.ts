import { knownActions, type RetirementAction, startState } from '../port/retirement-record.ts'
import type { RetirementStateRow } from '../port/tables.ts'
import { problemOf } from '../values/arguments.ts'
import { type Checked, refused } from '../values/checked.ts'
import { UserCoreError } from '../values/errors.ts'
import type { IssueCode } from '../values/issues.ts'
import { isPlainObject } from '../values/json.ts'
import { count, listOf, name, object, oneOf, orNothing } from '../values/kinds.ts'
import { requireOption } from '../values/options.ts'

/** A step of a pipeline, with its two states. */
export interface RetirementStep {
  /** Names the step. */
  readonly step: string
  /** Names the state while the step is at work. */
  readonly working: string
  /** Names the state once the step is done. */
  readonly done: string
  /** The work of the library that belongs to it; see `retirement.runStep`. */
  readonly action?: RetirementAction
}

/** The states of retirements of a site. */
export interface Pipeline {
  /** In their order: the first one is `PENDING`, the last three are the ends. */
  readonly states: readonly RetirementStateRow[]
}

/** The state of a retirement of which every step is done. */
export const complete = 'COMPLETE'

/** The state of a retirement that was given up. */
export const aborted = 'ABORTED'

const ends = ['ERRORED', aborted, complete] as const

/** States are numbered 1, 11, 21, …, as in Open edX. */
const orderStep = 10

/**
 * Makes the states of a site out of its steps: `PENDING` first, then two states for each step, then `ERRORED`,
 * `ABORTED` and `COMPLETE`. A site is free in the names of its own.
 *
 * Throws `config_error` when two states have one name, and for a value that is no list of steps.
 *
 * ```ts
 * await users.retirement.setPipeline(system, definePipeline([
 *   { step: 'forums', working: 'RETIRING_FORUMS', done: 'FORUMS_COMPLETE' },
 *   { step: 'account', working: 'RETIRING_LMS', done: 'LMS_COMPLETE', action: 'account' },
 * ]))
 * ```
 */
export function definePipeline(steps: readonly RetirementStep[]): Pipeline {
  requireOption(steps, stepList, 'pipeline')
  return pipelineOf(steps)
}

function pipelineOf(steps: readonly RetirementStep[]): Pipeline {
  return inOrder(
    steps.flatMap(({ step, working, done, action = null }): State[] => [
      { state_name: working, kind: 'working', step, action },
      { state_name: done, kind: 'done', step, action: null },
    ]),
  )
}

type State = Omit<RetirementStateRow, 'state_execution_order'>

const action = orNothing(oneOf('misc', 'account', 'partner_report', 'sources'))
const stepList = listOf(object({ step: name, working: name, done: name, action }))
const stateList = listOf(
  object({
    state_name: name,
    state_execution_order: count(1, 2 ** 31 - 1),
    kind: oneOf('start', 'working', 'done', 'end'),
    step: orNothing(name),
    action,
  }),
)

/**
 * Puts the states that every pipeline has around those of a site, and numbers all. Throws `config_error` when two have
 * one name.
 */
function inOrder(steps: readonly State[]): Pipeline {
  const plain = { step: null, action: null }
  const states: State[] = [
    { state_name: startState, kind: 'start', ...plain },
    ...steps,
    ...ends.map((state_name): State => ({ state_name, kind: 'end', ...plain })),
  ]
  if (new Set(states.map(({ state_name }) => state_name)).size < states.length) {
    throw new UserCoreError('config_error', { params: { pipeline: 'duplicate' } })
  }
  return { states: states.map((state, index) => ({ ...state, state_execution_order: index * orderStep + 1 })) }
}

/** Reads a result of `definePipeline`, or a list of names. Refuses states that `definePipeline` would not have made. */
export function readPipeline(wanted: unknown): Checked<Pipeline> {
  if (!isPlainObject(wanted)) return pipelineFromNames(wanted)
  const { states } = wanted
  if (problemOf(states, stateList, 'states', 'integer') !== undefined) return refused('/states', 'invalid')
  const rows = states as readonly RetirementStateRow[]
  const issue = frameIssue(rows.map(({ state_name }) => state_name))
  if (issue !== undefined) return refused('/states', issue)
  const middle = rows.slice(1, -ends.length)
  if (middle.some(({ kind }) => kind === 'start' || kind === 'end')) return refused('/states', 'invalid')
  return {
    value: inOrder(
      middle.map(({ state_name, kind, step = null, action = null }) => ({ state_name, kind, step, action })),
    ),
  }
}

/** Returns the issue of names that do not begin with `PENDING`, do not end with the three ends, or come twice. */
function frameIssue(names: readonly string[]): IssueCode | undefined {
  const isFramed = names[0] === startState && ends.every((end, index) => names.at(index - ends.length) === end)
  if (!isFramed || names.length < 1 + ends.length) return 'invalid'
  return new Set(names).size < names.length ? 'duplicate' : undefined
}

/**
 * Reads a list of names as Open edX has them: a state that ends in `_COMPLETE` is done, and the one before it, unless
 * it is done too, is the work of the same step. Refuses a list that does not begin with `PENDING` and end with
 * `ERRORED`, `ABORTED`, `COMPLETE`.
 */
export function pipelineFromNames(list: unknown): Checked<Pipeline> {
  if (!Array.isArray(list) || list.length === 0) return refused('/states', 'required')
  if (problemOf(list, listOf(name), 'states', 'integer') !== undefined) return refused('/states', 'invalid')
  const names: readonly string[] = list
  const issue = frameIssue(names)
  if (issue !== undefined) return refused('/states', issue)
  const middle = names.slice(1, -ends.length)
  const isDone = (name: string | undefined) => name?.endsWith('_COMPLETE') === true
  return {
    value: inOrder(
      middle.map((state_name, index): State => {
        const before = middle[index - 1]
        const working = isDone(state_name) && before !== undefined && !isDone(before) ? before : state_name
        const kind = isDone(state_name) ? 'done' : 'working'
        const action = kind === 'working' ? (knownActions[state_name] ?? null) : null
        return { state_name, kind, step: working.toLowerCase(), action }
      }),
    ),
  }
}

/** The states that `setPipeline` sets when it is given none. Source: Open edX, `RETIREMENT_STATES`. */
export const defaultPipeline: Pipeline = pipelineOf([
  { step: 'locking', working: 'LOCKING_ACCOUNT', done: 'LOCKING_COMPLETE' },
  { step: 'forums', working: 'RETIRING_FORUMS', done: 'FORUMS_COMPLETE' },
  { step: 'email_lists', working: 'RETIRING_EMAIL_LISTS', done: 'EMAIL_LISTS_COMPLETE' },
  { step: 'enrollments', working: 'RETIRING_ENROLLMENTS', done: 'ENROLLMENTS_COMPLETE' },
  { step: 'notes', working: 'RETIRING_NOTES', done: 'NOTES_COMPLETE' },
  { step: 'lms', working: 'RETIRING_LMS', done: 'LMS_COMPLETE', action: 'account' },
])

/** The changes that a new pipeline makes: names of states that come, go and stay, and every state as it is then. */
export interface PipelinePlan {
  readonly created: readonly string[]
  readonly removed: readonly string[]
  readonly remaining: readonly string[]
  readonly states: readonly RetirementStateRow[]
}

/** Returns the changes that lead from the stored states to the wanted ones. */
export function planPipeline(stored: readonly RetirementStateRow[], wanted: Pipeline): PipelinePlan {
  const [before, after] = [stored, wanted.states].map((states) => new Set(states.map(({ state_name }) => state_name)))
  return {
    created: [...(after ?? [])].filter((name) => !before?.has(name)),
    removed: [...(before ?? [])].filter((name) => !after?.has(name)),
    remaining: [...(after ?? [])].filter((name) => before?.has(name)),
    states: wanted.states,
  }
}

/** Puts states into their order. */
export function sortStates(states: readonly RetirementStateRow[]): RetirementStateRow[] {
  return states.toSorted((a, b) => a.state_execution_order - b.state_execution_order)
}
