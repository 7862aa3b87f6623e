import fc from 'fast-check'
import { expect, it } from 'vitest'
import { system } from '../../src/actor.ts'
import { memoryRepository } from '../../src/memory/index.ts'
import type { Repository } from '../../src/repository.ts'
import { onEachStore } from '../support/stores.ts'
import { chief, days, move, openSite, outcomes, pipeline, type Site, support, worker } from './site.ts'

const people = Array.from({ length: 8 }, (_, index) => `user${index}`)
const names = pipeline.states.map(({ state_name }) => state_name)
const orderOf = (state: string) => names.indexOf(state)
const kindOf = (state: string) => pipeline.states[orderOf(state)]?.kind

/** What the model knows of one person. */
interface Person {
  /** Undefined: no retirement, or it was cleaned up. */
  state: string | undefined
  last: string | undefined
  /** Days since the request. */
  age: number
  wasRequested: boolean
  isErased: boolean
}

type Step =
  | { readonly do: 'request' | 'cancel' | 'misc' | 'account' | 'clean' | 'register'; readonly who: string }
  | { readonly do: 'move' | 'force'; readonly who: string; readonly to: string }
  | { readonly do: 'wait'; readonly days: number }

const who = fc.constantFrom(...people)
const to = fc.oneof(
  fc.constantFrom('PENDING', 'RETIRING_LMS_MISC', 'RETIRING_LMS', 'COMPLETE'),
  fc.constantFrom(...names, 'NOWHERE'),
)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constantFrom('request', 'cancel', 'misc', 'account', 'clean', 'register'), who }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('move', 'force'), who, to }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), days: fc.integer({ min: 1, max: 20 }) }) },
) as fc.Arbitrary<Step>

/** What a step should come to, and what it changes in the model. A few lines: that is the point of it. */
function expected(model: Map<string, Person>, step: Step): string {
  const stays = (reason: string) => `retirement_state_error ${reason}`
  if (step.do === 'wait') {
    for (const person of model.values()) person.age += step.days
    return 'ok'
  }
  const person = model.get(step.who) as Person
  const { state } = person
  const isCool = person.age >= 14
  const kind = state === undefined ? undefined : kindOf(state)
  switch (step.do) {
    case 'request':
      if (person.isErased) return 'user_not_found'
      if (person.wasRequested) return stays('already_requested')
      Object.assign(person, { state: 'PENDING', last: 'PENDING', age: 0, wasRequested: true })
      return 'ok'
    case 'cancel':
      if (state === undefined) return 'not_found'
      if (kind !== 'start') return stays('not_pending')
      if (person.isErased) return stays('already_erased')
      Object.assign(person, { state: undefined, wasRequested: false })
      return 'ok'
    case 'misc':
    case 'account': {
      const own = step.do === 'misc' ? 'RETIRING_LMS_MISC' : 'RETIRING_LMS'
      if (state === undefined) return 'not_found'
      if (kind !== 'working') return stays('not_working')
      if (state !== own) return stays('wrong_step')
      if (!isCool) return stays('cool_off')
      person.isErased ||= step.do === 'account'
      return 'ok'
    }
    case 'clean':
      if (state !== 'COMPLETE') return 'bad_request'
      person.state = undefined
      return 'ok'
    case 'register':
      return 'account_validation_error'
    case 'move':
    case 'force': {
      if (state === undefined) return 'not_found'
      if (!names.includes(step.to)) return stays('unknown_state')
      if (step.do === 'move' && kind === 'end') return stays('dead_end')
      if (step.do === 'move' && orderOf(step.to) <= orderOf(state)) return stays('not_later')
      const erases = ['working', 'done'].includes(kindOf(step.to) ?? '') || step.to === 'COMPLETE'
      if (erases && !isCool) return stays('cool_off')
      Object.assign(person, { state: step.to, last: state })
      return 'ok'
    }
  }
}

async function perform({ users, clock }: Site, step: Step): Promise<string> {
  const { retirement } = users
  const call = (): Promise<unknown> => {
    switch (step.do) {
      case 'wait':
        clock.advance(days(step.days))
        return Promise.resolve()
      case 'request':
        return retirement.request(system, step.who)
      case 'cancel':
        return retirement.cancel(support, { username: step.who })
      case 'misc':
        return retirement.retireMisc(worker, step.who)
      case 'account':
        return retirement.retireAccount(worker, step.who)
      case 'clean':
        return retirement.cleanUp(worker, [step.who])
      case 'register':
        return users.accounts.create(system, { username: step.who, email: `${step.who}@example.com`, name: 'New' })
      case 'move':
        return move(users, step.who, step.to)
      case 'force':
        return retirement.updateState(chief, step.who, { new_state: step.to, response: '', force: true })
    }
  }
  return (await outcomes([call()]))[0] ?? ''
}

/** What can be seen of everybody, in the words of the model. */
async function seen(repository: Repository): Promise<unknown[]> {
  const users = (await repository.select('users', {})).sort((a, b) => Number(a.id) - Number(b.id))
  const rows = await repository.select('retirements', {})
  const requests = await repository.select('retirement_requests', {})
  return users.map((user) => {
    const row = rows.find(({ user_id }) => user_id === user.id)
    return {
      state: row?.current_state,
      last: row === undefined ? undefined : row.last_state,
      wasRequested: requests.some(({ user_id }) => user_id === user.id),
      isErased: user.username.startsWith('retired__'),
    }
  })
}

/** Answers what was done with success, and how things were refused. */
async function follow(repository: Repository, steps: readonly Step[]): Promise<Set<string>> {
  const met = new Set<string>()
  const site = await openSite(repository, people)
  const model = new Map<string, Person>(
    people.map((name) => [name, { state: undefined, last: undefined, age: 0, wasRequested: false, isErased: false }]),
  )
  for (const step of steps) {
    const due = expected(model, step)
    expect(await perform(site, step), JSON.stringify(step)).toBe(due)
    met.add(due === 'ok' ? step.do : due)
    const told = [...model.values()].map(({ age: _age, last, ...person }) => ({
      ...person,
      last: person.state === undefined ? undefined : last,
    }))
    expect(await seen(repository), JSON.stringify(step)).toEqual(told)
  }
  return met
}

it('random sequences of operations do what a small model says', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      await follow(memoryRepository() as Repository, steps)
    }),
    { numRuns: 200 },
  )
}, 60_000)

onEachStore('a long sequence of operations', (open) => {
  it('does what the small model says', async () => {
    await using store = await open()
    const [steps = []] = fc.sample(fc.array(step, { minLength: 800, maxLength: 800, size: 'max' }), {
      numRuns: 1,
      seed: 42,
    })
    const met = await follow(store.repository, steps)
    const done = ['request', 'cancel', 'move', 'force', 'misc', 'account', 'clean', 'wait']
    const reasons = ['already_requested', 'already_erased', 'not_pending', 'not_working', 'wrong_step', 'cool_off']
    const refused = [...reasons, 'unknown_state', 'dead_end', 'not_later'].map(
      (reason) => `retirement_state_error ${reason}`,
    )
    expect([...met]).toEqual(expect.arrayContaining([...done, ...refused, 'not_found', 'bad_request']))
  })
})
