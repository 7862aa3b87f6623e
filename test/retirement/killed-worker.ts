import { expect } from 'vitest'
import type { Repository } from '../../src/port/repository.ts'
import { system } from '../../src/site/actor.ts'
import type { StepWork } from '../../src/site/retirement-steps.ts'
import type { StoreUnderTest } from '../../src/testing/index.ts'
import { addUser } from '../../src/testing/rows.ts'
import type { Site } from './site.ts'
import { openWorkSite, requestAll } from './steps.ts'

/** Makes the repository of a process that ends with its first failure: no call of it comes through from then on. */
export function mortal(repository: Repository): Repository & { isDead: boolean } {
  const life = { isDead: false }
  const whileAlive =
    <Given extends readonly unknown[], Result>(call: (...given: Given) => Promise<Result>) =>
    async (...given: Given): Promise<Result> => {
      if (life.isDead) throw new Error('the process has ended')
      try {
        return await call(...given)
      } catch (error) {
        life.isDead = true
        throw error
      }
    }
  const methods = Object.entries(repository).map(([name, member]) => [
    name,
    typeof member === 'function' && name !== 'with' ? whileAlive(member as () => Promise<unknown>) : member,
  ])
  return Object.assign(life, Object.fromEntries(methods))
}

/** The calls of steps by person, as the host sees them. */
type Calls = Map<unknown, { readonly step: string; readonly fence: number; readonly cursor: unknown }[]>

/** Opens a site whose steps record their calls: one of them has two pieces. */
async function openRecordingSite(repository: Repository): Promise<{ site: Site; calls: Calls }> {
  const calls: Calls = new Map()
  const called = (step: string, { user_id, fence, cursor }: StepWork) => {
    calls.set(user_id, [...(calls.get(user_id) ?? []), { step, fence, cursor }])
  }
  const site = await openWorkSite(repository, {
    forums: async (work) => {
      called('forums', work)
      return work.cursor === null
        ? { outcome: 'more', cursor: 'second', counts: { removed: 1 } }
        : { outcome: 'done', counts: { masked: 1 } }
    },
    crm: async (work) => {
      called('crm', work)
      return { outcome: 'done' }
    },
  })
  return { site, calls }
}

/** Returns what is stored of a person whose retirement is complete, without ids, moments and the number of attempts. */
async function endOf(repository: Repository, id: number | string) {
  const where = { user_id: id }
  const [user] = await repository.select('users', { id })
  const [retirement] = await repository.select('retirements', where)
  const [work] = await repository.select('retirement_work', where)
  const results = await repository.select('retirement_step_results', where)
  const history = await repository.select('retirement_history', where)
  const messages = await repository.select('outbox', where)
  return {
    user: { is_active: user?.is_active, isRetired: user?.username === retirement?.retired_username },
    profile: (await repository.select('profiles', where)).map(({ name, year_of_birth }) => ({ name, year_of_birth })),
    retirement: { state: retirement?.current_state, last: retirement?.last_state, lease: retirement?.lease },
    work: { attempts: work?.attempts, cursor: work?.cursor, stopped: work?.stopped, started_at: work?.started_at },
    results: results.map(({ step, outcome }) => `${step} ${outcome}`).sort(),
    moves: history.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map(({ to_state }) => to_state),
    notifications: messages.flatMap(({ kind, name }) => (kind === 'notification' ? [name] : [])).sort(),
  }
}

/**
 * Kills a worker at every statement of a whole retirement, each time with another person, and has a second worker drive on.
 * Every person comes to one and the same end, by calls of the steps whose fences grow. Returns the number of statements.
 */
export async function killAtEachStatement(store: StoreUnderTest<unknown>): Promise<number> {
  const { repository, statements } = store
  if (statements === undefined) return 0
  const { site, calls } = await openRecordingSite(repository)
  let expected: unknown
  for (let at = 0; ; at++) {
    const name = `killed${at}`
    const id = await addUser(repository, name, { name: `Name ${at}`, year_of_birth: 1990 })
    await requestAll(site, name)
    const process = mortal(repository)
    if (at > 0) statements.failAt(at)
    await site
      .another(process)
      .retirement.work(system, { idle: 'return', concurrency: 1 })
      .catch(() => {})
    statements.failAt(undefined)
    const wasKilled = process.isDead
    // The lease of the process that ended runs out.
    site.clock.advance(3_600_000)
    await site.users.retirement.work(system, { idle: 'return' })
    const end = await endOf(repository, id)
    expected ??= end
    expect(end, `killed at statement ${at}`).toEqual(expected)
    checkCalls(calls.get(id) ?? [], at)
    if (at > 0 && !wasKilled) return at
  }
}

/** Each piece was called in its order, at least once, and each call has a fence of its own. */
function checkCalls(calls: readonly { step: string; fence: number; cursor: unknown }[], at: number): void {
  const fences = calls.map(({ fence }) => fence)
  expect(fences, `fences when killed at ${at}`).toEqual([...new Set(fences)].toSorted((a, b) => a - b))
  const pieces = calls.map(({ step, cursor }) => `${step} ${cursor}`)
  const order = pieces.filter((piece, index) => piece !== pieces[index - 1])
  expect(order, `pieces when killed at ${at}`).toEqual(['forums null', 'forums second', 'crm null'])
}
