import { act, cooledOff, enter, type Hold, isFree, type Model, type Person, rested, type Work } from './people.ts'
import {
  coolOffHours,
  deadlineHours,
  done,
  ends,
  laterHours,
  leaseHours,
  mostAttempts,
  order,
  working,
} from './pipeline.ts'
import type { Answer, Hand } from './steps.ts'

/** Makes a hold that no worker has. */
function holdOf(model: Model, until: number): Hold {
  return { number: ++model.count, until }
}

/** Returns the outcome of one piece of work for a person, by a worker with a token or without one. */
export function expectedAdvance(model: Model, person: Person, token: number | undefined, answer: Answer): string {
  const { now } = model
  const { state, lease, work } = person
  if (state === undefined) return person.wasRequested ? 'ok complete COMPLETE' : 'not_found'
  if (state === 'COMPLETE') return 'ok complete COMPLETE'
  if (work.stopped !== null) return `ok stopped ${work.stopped} ${work.code}`
  if (state === 'ABORTED') return 'ok stopped manual aborted'
  if (state === 'ERRORED') return 'ok stopped dead errored'
  if (work.until > now) return `ok waiting ${Math.ceil(work.until)}`
  const isWorking = working.includes(state)
  const isOut = lease === undefined ? isWorking : lease.until > now
  if (token === undefined && isOut) return 'ok busy'
  const coolAt = person.requestedAt + coolOffHours
  if (!isWorking && coolAt > now) return `ok waiting ${coolAt}`
  if (token !== undefined && lease?.number !== token) return 'conflict lease'
  if (state === done.at(-1)) {
    enter(person, 'COMPLETE', true)
    return 'ok complete COMPLETE'
  }
  if (isWorking && work.attempts >= mostAttempts) return die(person, work.code ?? 'error')
  if (!isWorking) {
    enter(person, order[order.indexOf(state) + 1] ?? '', true)
    // A step that was opened again goes on where it had come to.
    person.work = work
  }
  return expectedAttempt(model, person, token, answer)
}

/** Returns the outcome of an attempt at the step in whose state a person is. */
function expectedAttempt(model: Model, person: Person, token: number | undefined, wanted: Answer): string {
  const { now } = model
  const { state = '' } = person
  const work: Work = { ...person.work, attempts: person.work.attempts + 1, fence: person.work.fence + 1, until: 0 }
  person.work = work
  // A piece never brings the end of its claim forward.
  const claimed = token === undefined ? now : (person.lease?.until ?? now)
  person.lease = { number: token ?? ++model.count, until: Math.max(claimed, now + leaseHours.piece) }
  const isOfHost = state === working[0]
  const call = isOfHost ? ` ${work.attempts}/${work.fence}/${work.cursor}` : ''
  const answer = isOfHost ? wanted : 'done'
  switch (answer) {
    case 'crash':
      return 'internal_error'
    case 'done': {
      act(person)
      enter(person, order[order.indexOf(state) + 1] ?? '', true)
      if (token === undefined) person.lease = undefined
      return `ok progress ${person.state}${call}`
    }
    case 'more':
      person.work = { ...work, attempts: work.attempts - 1, cursor: 'second', code: null }
      if (token === undefined) person.lease = holdOf(model, now)
      return `ok progress ${state}${call}`
    case 'blocked':
    case 'manual':
      person.work = { ...work, stopped: answer, code: 'legal_hold' }
      person.lease = undefined
      return `ok stopped ${answer} legal_hold${call}`
    default: {
      const code = answer === 'later' ? 'busy' : 'error'
      if (work.attempts >= mostAttempts) return die(person, code) + call
      // Every pause of the model is longer than the first delays of the worker.
      const until = now + (answer === 'later' ? laterHours : 0.01)
      person.work = { ...work, code, until }
      person.lease = holdOf(model, until)
      return `ok waiting ${Math.ceil(until)}${call}`
    }
  }
}

function die(person: Person, code: string): string {
  const { work } = person
  enter(person, 'ERRORED', false)
  person.work = { ...work, stopped: 'dead', code, until: 0 }
  return `ok stopped dead ${code}`
}

/** Returns the outcome of opening the retirement of a person again. */
export function expectedReopen(model: Model, person: Person): string {
  const { state, work, last } = person
  if (state === undefined) return person.wasRequested ? 'ok retirement_state_error' : 'ok not_found'
  if (state !== 'ERRORED' && work.stopped === null) return 'ok retirement_state_error'
  if (state === 'ERRORED') {
    // Back to the last state in which no step is at work. Of an end the state before it is not known.
    const before = order.slice(0, ends.includes(last ?? '') ? 1 : order.indexOf(last ?? '') + 1)
    enter(person, before.findLast((name) => !working.includes(name)) ?? '', false)
  } else person.lease = working.includes(state) ? holdOf(model, model.now) : undefined
  person.work = { ...work, ...rested, cursor: work.cursor }
  return 'ok reopened'
}

/** Returns the people whom a worker still holds, whose leases are renewed. */
export function expectedHeartbeat(model: Model, by: Hand): Person[] {
  const held = model.people.filter(({ name, state, lease }) => {
    return state !== undefined && lease !== undefined && lease.number === model.leases[by].get(name)
  })
  for (const person of held) {
    if (person.lease) person.lease = { ...person.lease, until: model.now + leaseHours.heartbeat }
  }
  return held
}

/** Returns the outcome of a worker that brings all people who are due as far as it can; each step is done at once. */
export function expectedWork(model: Model): string {
  const counts = { pieces: 0, complete: 0, stopped: 0 }
  for (const person of cooledOff(model).filter((one) => isFree(model, one))) {
    person.lease = holdOf(model, model.now + leaseHours.piece)
    const { number } = person.lease
    let outcome = ''
    do {
      outcome = expectedAdvance(model, person, number, 'done')
      counts.pieces++
    } while (outcome.startsWith('ok progress'))
    counts[outcome.startsWith('ok complete') ? 'complete' : 'stopped']++
  }
  return `ok ${Object.values(counts).join(' ')}`
}

/** Returns the numbers of retirements by state and reason, and of those that take too long. */
export function expectedStats({ people, now }: Model): string {
  const there = people.filter(({ state }) => state !== undefined)
  const groups = Map.groupBy(there, ({ state, work }) => `${state} ${work.stopped} ${work.code}`)
  const late = there.filter(({ state, requestedAt }) => {
    return !['COMPLETE', 'ABORTED'].includes(state ?? '') && requestedAt + deadlineHours < now
  })
  return ['ok', ...[...groups].map(([key, { length }]) => `${key} ${length}`).sort(), late.length].join(' ')
}
