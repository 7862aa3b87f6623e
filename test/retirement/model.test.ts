import fc from 'fast-check'
import { expect, it } from 'vitest'
import { memoryRepository } from '../../src/memory/index.ts'
import type { Repository } from '../../src/port/repository.ts'
import type { Claim } from '../../src/retirement/operations/load-retirement.ts'
import type { PartnerBatch } from '../../src/retirement/operations/partner-reports.ts'
import { system } from '../../src/site/actor.ts'
import { onEachStore } from '../support/stores.ts'
import { chief, dump, openSite, outcomes, type Site, support, worker } from './site.ts'

// The model states the promises on its own: it repeats the pipeline of `site.ts`, and uses nothing of the code.
const working = ['RETIRING_FORUMS', 'ADDING_TO_PARTNER_QUEUE', 'RETIRING_LMS_MISC', 'RETIRING_LMS']
const done = ['FORUMS_COMPLETE', 'PARTNER_QUEUE_COMPLETE', 'LMS_MISC_COMPLETE', 'LMS_COMPLETE']
const ends = ['ERRORED', 'ABORTED', 'COMPLETE']
const order = ['PENDING', ...working.flatMap((state, index) => [state, done[index] ?? '']), ...ends]
const stepOf = { report: 'ADDING_TO_PARTNER_QUEUE', misc: 'RETIRING_LMS_MISC', account: 'RETIRING_LMS' }
const coolOffHours = 14 * 24
const leaseHours = { worker: 2, batch: 24 }
const mostClaimed = 2

const people = ['user0', 'user1', 'user2', 'user3']
/** The people who took courses, and so are reported to partners. */
const learners = ['user0', 'user1', 'user2']

/** A claim or a batch that a worker has until a moment; its number is the fencing token. */
interface Hold {
  readonly number: number
  readonly until: number
}

/** One person in the model. Times are hours. */
interface Person {
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
  /** Undefined when partners were told, or need not be told. */
  report: { batch: Hold | undefined } | undefined
}

interface Model {
  now: number
  /** Counts leases and batches. */
  count: number
  readonly people: readonly Person[]
  /** The claims that each worker still counts as its own. */
  readonly leases: Record<Hand, Map<string, number>>
  readonly batches: Record<Hand, { number: number; names: readonly string[] } | undefined>
}

type Hand = 'left' | 'right'
type Step =
  | { readonly do: 'request' | 'cancel' | 'clean' | 'register' | 'write'; readonly who: string }
  | { readonly do: keyof typeof stepOf; readonly who: string; readonly by: Hand | 'nobody' }
  | { readonly do: 'move' | 'force'; readonly who: string; readonly to: string; readonly by: Hand | 'nobody' }
  | { readonly do: 'claim' | 'take' | 'retake' | 'finish'; readonly by: Hand }
  | { readonly do: 'queue' }
  | { readonly do: 'wait'; readonly hours: number }

const who = fc.constantFrom(...people)
const hand = fc.constantFrom('left' as const, 'right' as const)
const by = fc.oneof({ weight: 2, arbitrary: fc.constant('nobody' as const) }, hand)
const to = fc.oneof(fc.constantFrom(...Object.values(stepOf), 'COMPLETE'), fc.constantFrom(...order, 'NOWHERE'))
const hours = fc.oneof(fc.constantFrom(1, 2, 24, coolOffHours), fc.integer({ min: 1, max: coolOffHours }))
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('request', 'cancel', 'clean', 'register', 'write'), who }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('report', 'misc', 'account'), who, by }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('move', 'move', 'force'), who, to, by }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('claim', 'take', 'retake', 'finish'), by: hand }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('queue' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), hours }) },
)

const actions = Object.keys(stepOf) as (keyof typeof stepOf)[]

/** One step, or a sequence of steps that would seldom come about by chance. */
const plot: fc.Arbitrary<Step[]> = fc.oneof(
  { weight: 5, arbitrary: step.map((one) => [one]) },
  fc.record({ who, hours }).map(({ who, hours }): Step[] => [
    { do: 'request', who },
    { do: 'wait', hours },
  ]),
  fc.record({ who, by, action: fc.constantFrom(...actions) }).map(({ who, by, action }): Step[] => [
    { do: 'move', who, by, to: stepOf[action] },
    { do: action, who, by },
  ]),
  fc.record({ who, by }).map(({ who, by }): Step[] => [
    { do: 'force', who, by, to: 'PENDING' },
    { do: 'cancel', who },
  ]),
  fc.record({ who, by }).map(({ who, by }): Step[] => [
    { do: 'move', who, by, to: 'COMPLETE' },
    { do: 'clean', who },
  ]),
  fc.record({ who, by, hand }).map(({ who, by, hand }): Step[] => [
    { do: 'move', who, by, to: stepOf.report },
    { do: 'report', who, by },
    { do: 'take', by: hand },
    { do: 'retake', by: hand },
    { do: 'finish', by: hand },
  ]),
)

function modelOf(): Model {
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

const stays = (reason: string) => `retirement_state_error ${reason}`

/** Changes the model by a step. Returns the outcome that the step should have. */
function expected(model: Model, step: Step): string {
  const { now } = model
  const namesOf = (list: readonly Person[]) => ['ok', ...list.map(({ name }) => name)].join(' ')
  const waiting = model.people
    .filter(({ state, requestedAt }) => state !== undefined && now - requestedAt > coolOffHours)
    .toSorted((a, b) => a.requestedAt - b.requestedAt)
  switch (step.do) {
    case 'wait':
      model.now += step.hours
      return 'ok'
    case 'queue':
      return namesOf(waiting)
    case 'claim': {
      const isFree = ({ state = '', lease }: Person) =>
        !ends.includes(state) && (lease === undefined ? !working.includes(state) : lease.until <= now)
      const claimed = waiting.filter(isFree).slice(0, mostClaimed)
      for (const person of claimed) {
        person.lease = { number: ++model.count, until: now + leaseHours.worker }
        model.leases[step.by].set(person.name, person.lease.number)
      }
      return namesOf(claimed)
    }
    case 'take':
    case 'retake': {
      const mine = step.do === 'retake' ? model.batches[step.by]?.number : undefined
      const again = model.people.filter(({ report }) => mine !== undefined && report?.batch?.number === mine)
      const isFree = ({ report }: Person) => report !== undefined && !(report.batch && report.batch.until > now)
      const taken = again.length > 0 ? again : model.people.filter(isFree)
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
    })
    return 'ok'
  }
  if (step.do === 'clean') {
    if (state !== 'COMPLETE') return 'bad_request'
    Object.assign(person, { state: undefined, isErased: true })
    return 'ok'
  }
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
    Object.assign(person, { state: step.to, last: state, isStarted: step.to !== 'PENDING', isMoved })
    if (ends.includes(step.to)) person.lease = undefined
    return 'ok'
  }
  if (!working.includes(state)) return stays('not_working')
  if (state !== stepOf[step.do]) return stays('wrong_step')
  // No move leads into a working state before the cool-off is over; the rule holds all the same.
  if (!isCool) return stays('cool_off')
  if (step.do === 'report' && learners.includes(name)) person.report ??= { batch: undefined }
  if (step.do === 'account') person.isErased = true
  return 'ok'
}

/** The tokens that each worker holds, as the library gave them. */
interface Tokens {
  readonly leases: Record<Hand, Map<string, Claim>>
  readonly batches: Record<Hand, PartnerBatch | undefined>
}

async function perform({ users, clock }: Site, tokens: Tokens, step: Step): Promise<string> {
  const { retirement } = users
  /** Returns the claim that a worker has, else the username alone. */
  const targetOf = (by: Hand | 'nobody', name: string) =>
    by === 'nobody' ? name : (tokens.leases[by].get(name) ?? name)
  const take = async (by: Hand, again: boolean) => {
    const before = again ? tokens.batches[by]?.batchId : undefined
    const batch = await retirement.partnerReports.take(worker, {
      leaseHours: leaseHours.batch,
      ...(before === undefined ? {} : { batchId: before }),
    })
    tokens.batches[by] = batch
    return batch.reports.map(({ original_username }) => original_username).sort()
  }
  const call = async (): Promise<unknown> => {
    switch (step.do) {
      case 'wait':
        return clock.advance(step.hours * 3_600_000)
      case 'queue': {
        const { items } = await retirement.list(worker, { coolOffDays: 0, states: order })
        return items.map(({ original_username }) => original_username)
      }
      case 'claim': {
        const options = { limit: mostClaimed, leaseSeconds: leaseHours.worker * 3600 }
        const claimed = await retirement.claim(worker, options)
        for (const one of claimed) tokens.leases[step.by].set(one.retirement.original_username, one)
        return claimed.map(({ retirement }) => retirement.original_username)
      }
      case 'take':
        return take(step.by, false)
      case 'retake':
        return take(step.by, true)
      case 'finish': {
        const { batchId, reports } = tokens.batches[step.by] ?? { batchId: '', reports: [] }
        const names = reports.map(({ original_username }) => original_username)
        return retirement.partnerReports.finish(worker, names, { batchId })
      }
      case 'request':
        return retirement.request(system, step.who)
      case 'cancel':
        return retirement.cancel(support, { username: step.who })
      case 'clean':
        return retirement.cleanUp(worker, [step.who])
      case 'register':
        return users.accounts.create(system, { username: step.who, email: `${step.who}@example.com`, name: 'New' })
      case 'write':
        return users.preferences.set(system, step.who, 'motto', `motto of ${step.who}`)
      case 'report':
        return retirement.runStep(worker, targetOf(step.by, step.who), 'partner_report')
      case 'misc':
        return retirement.runStep(worker, targetOf(step.by, step.who), 'misc')
      case 'account':
        return retirement.runStep(worker, targetOf(step.by, step.who), 'account')
      case 'move':
      case 'force':
        return retirement.move(step.do === 'force' ? chief : worker, targetOf(step.by, step.who), {
          state: step.to,
          ...(step.do === 'force' ? { force: true } : {}),
        })
    }
  }
  const result = call()
  const [outcome = ''] = await outcomes([result])
  const names = outcome === 'ok' ? await result : undefined
  return [outcome, ...(Array.isArray(names) ? names : [])].join(' ')
}

/** Returns the stored state of all people, in the form of the model. */
async function seen({ users }: Site, repository: Repository): Promise<unknown[]> {
  const rows = (await repository.select('users', {})).sort((a, b) => Number(a.id) - Number(b.id))
  const retirements = await repository.select('retirements', {})
  const requests = await repository.select('retirement_requests', {})
  const reports = await repository.select('partner_reports', {})
  const { items: retired } = await users.retirement.retiredUsers(worker)
  const everything = await dump(repository)
  return rows.map(({ id, username }, index) => {
    const row = retirements.find(({ user_id }) => user_id === id)
    return {
      state: row?.current_state,
      last: row?.last_state,
      wasRequested: requests.some(({ user_id }) => user_id === id),
      isStarted: retired.includes(id),
      isErased: username.startsWith('retired__'),
      isReported: reports.some(({ user_id }) => user_id === id),
      isKnown: everything.includes(`${people[index]}@`),
      isQuoted: everything.includes(`motto of ${people[index]}`),
    }
  })
}

/** Returns the state of all people that the model expects. */
function told({ people }: Model): unknown[] {
  return people.map(({ state, last, wasRequested, isStarted, isErased, hasMotto, report }) => ({
    state,
    last: state === undefined ? undefined : last,
    wasRequested,
    isStarted: wasRequested && isStarted,
    isErased,
    isReported: report !== undefined,
    // The address is stored until no partner or system has to be told it any more.
    isKnown: !isErased || state !== undefined || report !== undefined,
    isQuoted: hasMotto && !isErased,
  }))
}

/**
 * Performs steps, and compares all people after every `lookEvery` of them. Returns the steps done and the refusals met.
 */
async function follow(repository: Repository, steps: readonly Step[], lookEvery = 1): Promise<Set<string>> {
  const met = new Set<string>()
  const site = await openSite(repository, people)
  for (const { id, username } of await repository.select('users', { username: learners }))
    site.enrolled.push({ user_id: id, course_id: `course-v1:OrgX+${username}+R` })
  const model = modelOf()
  const tokens: Tokens = {
    leases: { left: new Map(), right: new Map() },
    batches: { left: undefined, right: undefined },
  }
  for (const [index, step] of steps.entries()) {
    const due = expected(model, step)
    expect(await perform(site, tokens, step), JSON.stringify(step)).toBe(due)
    met.add(due.startsWith('ok ') ? `${step.do} somebody` : due === 'ok' ? step.do : due)
    if (index % lookEvery === 0) expect(await seen(site, repository), JSON.stringify(step)).toEqual(told(model))
  }
  return met
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
    for (const steps of fc.sample(fc.noBias(sequence(80, 80)), { numRuns: 8, seed: 9 })) {
      await using store = await open()
      for (const outcome of await follow(store.repository, steps, 8)) met.add(outcome)
    }
    const single = ['request', 'cancel', 'move', 'force', 'report', 'misc', 'account', 'clean', 'write', 'finish']
    const many = ['claim', 'take', 'retake', 'queue'].map((name) => `${name} somebody`)
    const reasons = ['already_requested', 'already_erased', 'not_pending', 'not_working', 'wrong_step', 'cool_off']
    const refused = [...reasons, 'unknown_state', 'dead_end', 'not_later'].map(stays)
    const errors = ['not_found', 'user_not_found', 'bad_request', 'conflict lease', 'account_validation_error']
    expect([...met]).toEqual(expect.arrayContaining([...single, ...many, ...refused, ...errors]))
  }, 60_000)
})
