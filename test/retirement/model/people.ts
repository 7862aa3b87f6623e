import { coolOffHours, ends, learners, stepOf, working } from './pipeline.ts'
import type { Hand } from './steps.ts'

/** A claim or a batch that a worker has until a moment; its number is the fencing token. */
export interface Hold {
  readonly number: number
  readonly until: number
}

/** The work of the worker on the retirement of a person. */
export interface Work {
  readonly attempts: number
  readonly fence: number
  readonly cursor: string | null
  readonly stopped: 'blocked' | 'manual' | 'dead' | null
  readonly code: string | null
  /** The moment until which it is put off. */
  readonly until: number
}

/** The work on a step that begins. */
export const rested = { attempts: 0, cursor: null, stopped: null, code: null, until: 0 } as const

/** One person in the model. Times are hours. */
export interface Person {
  readonly name: string
  /** Undefined while there is no retirement, and after its clean-up. */
  state: string | undefined
  last: string | undefined
  requestedAt: number
  wasRequested: boolean
  isStarted: boolean
  isErased: boolean
  hasMotto: boolean
  lease: Hold | undefined
  /** True when the last change of the state is a move that was not forced. */
  isMoved: boolean
  work: Work
  /** Undefined when partners were told, or need not be told. */
  report: { batch: Hold | undefined } | undefined
}

export interface Model {
  now: number
  /** Counts leases and batches. */
  count: number
  readonly people: readonly Person[]
  /** The claims that each worker still counts as its own. */
  readonly leases: Record<Hand, Map<string, number>>
  readonly batches: Record<Hand, { number: number; names: readonly string[] } | undefined>
}

/** Returns the people whose retirements have cooled off, in the order of their requests. */
export function cooledOff({ people, now }: Model): Person[] {
  return people
    .filter(({ state, requestedAt }) => state !== undefined && now - requestedAt > coolOffHours)
    .toSorted((a, b) => a.requestedAt - b.requestedAt)
}

/** Tells whether a worker can take a person. */
export function isFree({ now }: Model, { state = '', lease }: Person): boolean {
  return !ends.includes(state) && (lease === undefined ? !working.includes(state) : lease.until <= now)
}

/** Moves a person into a state, in which the work begins anew. An end gives up the lease. */
export function enter(person: Person, state: string, isMoved: boolean): void {
  const work = { ...person.work, ...rested }
  Object.assign(person, { state, last: person.state, isStarted: state !== 'PENDING', isMoved, work })
  if (ends.includes(state)) person.lease = undefined
}

/** Does the step of the library in whose state a person is. */
export function act(person: Person): void {
  if (person.state === stepOf.report && learners.includes(person.name)) person.report ??= { batch: undefined }
  if (person.state === stepOf.account) person.isErased = true
}
