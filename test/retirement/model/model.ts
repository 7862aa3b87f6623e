import { act, cooledOff, enter, isFree, type Model, type Person, rested } from './people.ts'
import { coolOffHours, ends, leaseHours, mostClaimed, order, people, stepOf, working } from './pipeline.ts'
import type { Step } from './steps.ts'
import { expectedAdvance, expectedHeartbeat, expectedReopen, expectedStats, expectedWork } from './worker.ts'

export function modelOf(): Model {
  const person = (name: string): Person => ({
    name,
    state: undefined,
    last: undefined,
    requestedAt: 0,
    wasRequested: false,
    isStarted: false,
    isErased: false,
    hasMotto: false,
    lease: undefined,
    isMoved: false,
    work: { ...rested, fence: 0 },
    report: undefined,
  })
  return {
    now: 0,
    count: 0,
    people: people.map(person),
    leases: { left: new Map(), right: new Map() },
    batches: { left: undefined, right: undefined },
  }
}

export const stays = (reason: string) => `retirement_state_error ${reason}`

/** Changes the model by a step. Returns the outcome that the step should have. */
export function expected(model: Model, step: Step): string {
  const { now } = model
  const namesOf = (list: readonly Person[]) => ['ok', ...list.map(({ name }) => name)].join(' ')
  const waiting = cooledOff(model)
  switch (step.do) {
    case 'wait':
      model.now += step.hours
      return 'ok'
    case 'queue':
      return namesOf(waiting)
    case 'claim': {
      const claimed = waiting.filter((person) => isFree(model, person)).slice(0, mostClaimed)
      for (const person of claimed) {
        person.lease = { number: ++model.count, until: now + leaseHours.worker }
        model.leases[step.by].set(person.name, person.lease.number)
      }
      return namesOf(claimed)
    }
    case 'work':
      return expectedWork(model)
    case 'stats':
      return expectedStats(model)
    case 'heartbeat':
      return namesOf(expectedHeartbeat(model, step.by))
    case 'take':
    case 'retake': {
      const mine = step.do === 'retake' ? model.batches[step.by]?.number : undefined
      const again = model.people.filter(({ report }) => mine !== undefined && report?.batch?.number === mine)
      const isOut = ({ report }: Person) => report !== undefined && !(report.batch && report.batch.until > now)
      const taken = again.length > 0 ? again : model.people.filter(isOut)
      const batch = { number: mine ?? ++model.count, until: now + leaseHours.batch }
      for (const person of taken) person.report = { batch }
      model.batches[step.by] = { number: batch.number, names: taken.map(({ name }) => name) }
      return namesOf(taken)
    }
    case 'finish': {
      const batch = model.batches[step.by]
      const told = model.people.filter(({ name }) => batch?.names.includes(name))
      if (told.length === 0 || told.some(({ report }) => report?.batch?.number !== batch?.number)) return 'bad_request'
      for (const person of told) person.report = undefined
      return 'ok'
    }
    default:
      return expectedOf(model, step, model.people.find(({ name }) => name === step.who) as Person)
  }
}

type StepOfOne = Extract<Step, { who: string }>

function expectedOf(model: Model, step: StepOfOne, person: Person): string {
  const { now } = model
  const { name, state } = person
  const isCool = now - person.requestedAt >= coolOffHours
  if (step.do === 'register') return 'account_validation_error'
  if (step.do === 'write') {
    if (person.isErased) return 'user_not_found'
    if (person.wasRequested) return 'not_authorized sealed'
    person.hasMotto = true
    return 'ok'
  }
  if (step.do === 'request') {
    if (person.isErased) return 'user_not_found'
    if (person.wasRequested) return stays('already_requested')
    Object.assign(person, {
      state: 'PENDING',
      last: 'PENDING',
      requestedAt: now,
      wasRequested: true,
      lease: undefined,
      isMoved: false,
      work: { ...rested, fence: 0 },
    })
    return 'ok'
  }
  if (step.do === 'clean') {
    if (state !== 'COMPLETE') return 'bad_request'
    Object.assign(person, { state: undefined, isErased: true })
    return 'ok'
  }
  if (step.do === 'advance') {
    const token = step.by === 'nobody' ? undefined : model.leases[step.by].get(name)
    return expectedAdvance(model, person, token, step.answer)
  }
  if (step.do === 'reopen') return expectedReopen(model, person)
  if (state === undefined) return 'not_found'
  if (step.do === 'cancel') {
    if (state !== 'PENDING') return stays('not_pending')
    if (person.isErased) return stays('already_erased')
    Object.assign(person, { state: undefined, wasRequested: false })
    return 'ok'
  }
  if (!('by' in step)) throw new TypeError('the model knows no such step')
  const token = step.by === 'nobody' ? undefined : model.leases[step.by].get(name)
  const { lease } = person
  // All workers give the same note and are one actor, so that a move into the same state repeats the last one, with or
  // without its lease.
  const isRepeat = step.do === 'move' && step.to === state && person.isMoved
  if (isRepeat && lease === undefined) return 'ok'
  if (token === undefined ? lease !== undefined && lease.until > now : lease?.number !== token) return 'conflict lease'
  if (isRepeat) return 'ok'
  if (step.do === 'move' || step.do === 'force') {
    if (!order.includes(step.to)) return stays('unknown_state')
    if (step.do === 'move' && ends.includes(state)) return stays('dead_end')
    if (step.do === 'move' && order.indexOf(step.to) <= order.indexOf(state)) return stays('not_later')
    const waits = !(step.do === 'move' ? ['ABORTED'] : ['PENDING', 'ERRORED', 'ABORTED']).includes(step.to)
    if (waits && !isCool) return stays('cool_off')
    const isMoved = step.do === 'move'
    enter(person, step.to, isMoved)
    return 'ok'
  }
  if (!working.includes(state)) return stays('not_working')
  if (state !== stepOf[step.do]) return stays('wrong_step')
  // No move leads into a working state before the cool-off is over; the rule holds all the same.
  if (!isCool) return stays('cool_off')
  act(person)
  return 'ok'
}

/** Returns the state of all people that the model expects. */
export function told({ people }: Model): unknown[] {
  return people.map(({ state, last, wasRequested, isStarted, isErased, hasMotto, report, work }) => ({
    state,
    last: state === undefined ? undefined : last,
    wasRequested,
    isStarted: wasRequested && isStarted,
    isErased,
    isReported: report !== undefined,
    // The address is stored until no partner or system has to be told it any more.
    isKnown: !isErased || state !== undefined || report !== undefined,
    isQuoted: hasMotto && !isErased,
    work: state === undefined ? undefined : { ...work, until: undefined },
  }))
}
