import { describe, expect, it } from 'vitest'
import type { UserCore } from '../../src/create-user-core.ts'
import { memoryRepository } from '../../src/memory/index.ts'
import { type Repository, StorageError } from '../../src/port/repository.ts'
import type { Write } from '../../src/port/write.ts'
import type { Claim } from '../../src/retirement/operations/load-retirement.ts'
import type { RetirementProgress } from '../../src/retirement/operations/work.ts'
import { system } from '../../src/site/actor.ts'
import type { StepOutcome } from '../../src/site/retirement-steps.ts'
import { watchedStoresOver } from '../stores/contract-stores.ts'
import { databases } from '../stores/databases.ts'
import { openEdxDatabases } from '../stores/open-edx.ts'
import { onEachStore } from '../support/stores.ts'
import { killAtEachStatement } from './killed-worker.ts'
import { chief, days, dump, outcomes, support, worker } from './site.ts'
import { done, openWorkSite, recorded, requestAll } from './steps.ts'

const hour = 3_600_000

/** Returns the state of a retirement. */
const stateOf = async (users: UserCore<unknown>, name: string) =>
  (await users.retirement.get(system, name)).current_state.state_name

onEachStore('the worker', (open) => {
  it('brings a retirement from the request to its end, step by step', async () => {
    await using store = await open()
    const forums = recorded(
      { outcome: 'more', cursor: { page: 2 }, counts: { removed: 3 } },
      { outcome: 'done', counts: { removed: 2, masked: 1, retained: [{ what: 'invoices', why: 'tax', until: null }] } },
    )
    const crm = recorded(done)
    const site = await openWorkSite(
      store.repository,
      { forums: forums.run, crm: crm.run },
      { externalIdentifiers: async (users) => new Map(users.map(({ id }) => [id, { crm: `customer ${id}` }])) },
    )
    const { users } = site
    const [ada] = await store.repository.select('users', { username: 'ada' })
    const id = ada?.id ?? 0
    await store.repository.commit([
      { update: 'profiles', set: { phone_number: '+442071838750' }, where: { user_id: id } },
      {
        insert: 'account_recoveries',
        rows: [
          { user_id: id, secondary_email: 'A@home.example', secondary_email_key: 'a@home.example', is_active: true },
        ],
      },
    ])
    expect(await users.retirement.work(system, { idle: 'return' })).toMatchObject({ pieces: 0 })
    await requestAll(site, 'ada')
    const told: RetirementProgress[] = []
    const summary = await users.retirement.work(worker, { idle: 'return', onProgress: (one) => told.push(one) })
    expect(summary).toEqual({ pieces: 6, complete: 1, waiting: 0, stopped: 0, lost: 0 })
    expect(told.map((one) => ('state' in one ? one.state : one.status))).toEqual([
      'RETIRING_FORUMS',
      'FORUMS_COMPLETE',
      'LMS_MISC_COMPLETE',
      'CRM_COMPLETE',
      'LMS_COMPLETE',
      'COMPLETE',
    ])
    const [item] = await store.repository.select('retirements', { user_id: id })
    const first = {
      user_id: id,
      identifiers: {
        username: 'ada',
        email: 'ada@example.com',
        name: 'ada the first',
        secondary_email: 'A@home.example',
        phone_number: '+442071838750',
        external: { crm: `customer ${id}` },
      },
      retired: { username: item?.retired_username, email: item?.retired_email },
      attempt: 1,
      replay: false,
    }
    const seen = ({ signal: _, ...call }: (typeof forums.calls)[number]) => call
    expect(forums.calls.map(seen)).toEqual([
      { ...first, fence: 1, cursor: null },
      { ...first, fence: 2, cursor: { page: 2 } },
    ])
    expect(crm.calls.map(seen)).toEqual([{ ...first, fence: 4, cursor: null }])
    const results = await store.repository.select('retirement_step_results', { user_id: id, step: 'forums' })
    expect(results).toMatchObject([
      { outcome: 'done', removed: 5, masked: 1, retained: { items: [{ what: 'invoices', why: 'tax', until: null }] } },
    ])
    expect((await users.retirement.history(system, { id })).map(({ to_state }) => to_state)).toEqual([
      'PENDING',
      'RETIRING_FORUMS',
      'FORUMS_COMPLETE',
      'RETIRING_LMS_MISC',
      'LMS_MISC_COMPLETE',
      'RETIRING_CRM',
      'CRM_COMPLETE',
      'RETIRING_LMS',
      'LMS_COMPLETE',
      'COMPLETE',
    ])
    expect(await users.retirement.advance(system, { id })).toEqual({ status: 'complete', state: 'COMPLETE' })
    await users.retirement.cleanUp(system, [{ id }])
    expect(await users.retirement.advance(system, { id })).toEqual({ status: 'complete', state: 'COMPLETE' })
    for (const table of ['retirement_work', 'retirement_step_results'] as const) {
      expect(await store.repository.select(table, {})).toEqual([])
    }
    await expect(users.retirement.advance(system, 'bob')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('puts off what failed, longer each time, and moves it to ERRORED after the last attempt', async () => {
    await using store = await open()
    const forums = recorded(
      { outcome: 'more', cursor: 7 },
      () => Promise.reject(new Error('ada the first cannot be reached')),
      { outcome: 'retry', code: 'busy', after_seconds: 90 },
      { outcome: 'retry', code: 'slow' },
      done,
    )
    const site = await openWorkSite(
      store.repository,
      { forums: forums.run, crm: recorded(done).run },
      { random: (bytes) => new Uint8Array(bytes), settings: { retirement_max_attempts: 3 } },
    )
    const { retirement } = site.users
    await requestAll(site, 'ada')
    const afterSeconds = (seconds: number) => new Date(site.clock.now().getTime() + seconds * 1000).toISOString()
    const waiting = (seconds: number) => ({ status: 'waiting', until: afterSeconds(seconds).replace('Z', '000Z') })
    expect(await retirement.advance(system, 'ada')).toMatchObject({ status: 'progress' })
    expect(await retirement.advance(system, 'ada')).toEqual(waiting(20))
    // Until then neither a worker nor a driver gets the person.
    expect(await retirement.advance(system, 'ada')).toEqual(waiting(20))
    expect(await retirement.claim(system)).toEqual([])
    expect(await retirement.work(system, { idle: 'return' })).toMatchObject({ pieces: 0 })
    site.clock.advance(20_000)
    expect(await retirement.advance(system, 'ada')).toEqual(waiting(90))
    site.clock.advance(90_000)
    const dead = { status: 'stopped', why: 'dead', code: 'slow' }
    expect(await retirement.advance(system, 'ada')).toEqual(dead)
    expect(await retirement.advance(system, 'ada')).toEqual(dead)
    expect(await stateOf(site.users, 'ada')).toBe('ERRORED')
    expect(forums.calls.map(({ attempt, cursor }) => [attempt, cursor])).toEqual([
      [1, null],
      [1, 7],
      [2, 7],
      [3, 7],
    ])
    // The text of an error is stored nowhere.
    expect(await dump(store.repository)).not.toContain('cannot be reached')
    expect(await retirement.stats(system)).toEqual({
      groups: [{ state: 'ERRORED', stopped: 'dead', code: 'slow', count: 1, oldest: '2024-06-15T12:00:00.000000Z' }],
      overdue: 0,
    })
    site.clock.advance(days(15))
    expect(await retirement.stats(system)).toMatchObject({ overdue: 1 })
    expect(await retirement.reopen(chief, ['ada', 'bob', { id: 987 }])).toEqual({
      reopened: ['ada'],
      failed: [
        { whom: 'bob', code: 'not_found' },
        { whom: { id: 987 }, code: 'not_found' },
      ],
    })
    expect(await retirement.work(system, { idle: 'return' })).toMatchObject({ complete: 1 })
    expect(forums.calls.at(-1)).toMatchObject({ attempt: 1, cursor: 7, fence: 5 })
    expect((await retirement.reopen(chief, ['ada'])).failed).toEqual([{ whom: 'ada', code: 'retirement_state_error' }])
  })

  it.each(['blocked', 'manual'] as const)('leaves a person alone whom a step has stopped (%s)', async (why) => {
    await using store = await open()
    const forums = recorded({ outcome: why, code: 'legal_hold' }, done)
    const site = await openWorkSite(store.repository, { forums: forums.run, crm: recorded(done).run })
    const { retirement } = site.users
    await requestAll(site, 'ada')
    const stopped = { status: 'stopped', why, code: 'legal_hold' }
    expect(await retirement.work(system, { idle: 'return' })).toMatchObject({ pieces: 1, stopped: 1 })
    site.clock.advance(days(400))
    expect(await retirement.work(system, { idle: 'return' })).toMatchObject({ pieces: 0 })
    expect(await retirement.claim(system)).toEqual([])
    expect(await retirement.advance(system, 'ada')).toEqual(stopped)
    expect(await outcomes([retirement.reopen(worker, ['ada'])])).toEqual(['not_authorized'])
    expect(await retirement.reopen(chief, ['ada'])).toEqual({ reopened: ['ada'], failed: [] })
    expect(await retirement.work(system, { idle: 'return' })).toMatchObject({ complete: 1 })
  })

  it('goes on behind a step that a driver has done by hand', async () => {
    await using store = await open()
    const forums = recorded({ outcome: 'manual', code: 'by_hand' })
    const site = await openWorkSite(store.repository, { forums: forums.run, crm: recorded(done).run })
    const { retirement } = site.users
    await requestAll(site, 'ada')
    await retirement.work(system, { idle: 'return' })
    await retirement.move(worker, 'ada', { state: 'FORUMS_COMPLETE' })
    expect(await retirement.work(system, { idle: 'return' })).toMatchObject({ complete: 1 })
    expect(forums.calls).toHaveLength(1)
  })

  it('takes no person whose next step is that of a driver', async () => {
    await using store = await open()
    const site = await openWorkSite(store.repository, { crm: recorded(done).run })
    const { retirement } = site.users
    await requestAll(site, 'ada')
    expect(await retirement.work(system, { idle: 'return' })).toMatchObject({ pieces: 0 })
    expect(await retirement.advance(system, 'ada')).toEqual({ status: 'stopped', why: 'manual', code: 'no_function' })
    await retirement.move(worker, 'ada', { state: 'RETIRING_FORUMS' })
    expect(await retirement.advance(system, 'ada')).toEqual({ status: 'busy' })
    expect(await retirement.work(system, { idle: 'return' })).toMatchObject({ pieces: 0 })
    await retirement.move(worker, 'ada', { state: 'FORUMS_COMPLETE' })
    const [claim] = await retirement.claim(worker)
    expect(await outcomes([retirement.move(worker, 'ada', { state: 'RETIRING_LMS_MISC' })])).toEqual(['conflict lease'])
    expect(await retirement.advance(system, 'ada')).toEqual({ status: 'busy' })
    expect(await retirement.advance(system, claim ?? 'nobody')).toEqual({
      status: 'progress',
      state: 'LMS_MISC_COMPLETE',
    })
    await retirement.release(worker, claim ?? expect.fail())
    expect(await retirement.work(system, { idle: 'return' })).toMatchObject({ complete: 1 })
  })

  it('waits for the end of the cool-off, and loses or wins against a cancellation as a whole', async () => {
    await using store = await open()
    const site = await openWorkSite(store.repository, { forums: recorded(done).run, crm: recorded(done).run })
    await site.users.retirement.request(system, 'ada')
    const until = '2024-06-29T12:00:00.000000Z'
    expect(await site.users.retirement.advance(system, 'ada')).toEqual({ status: 'waiting', until })
    site.clock.advance(days(15))
    const another = site.another(store.second)
    for (let turn = 0; turn < 5; turn++) {
      const [cancelled, advanced] = await Promise.allSettled([
        another.retirement.cancel(support, { username: 'ada' }),
        site.users.retirement.advance(system, 'ada'),
      ])
      const isCancelled = cancelled.status === 'fulfilled'
      expect(advanced.status).toBe(isCancelled ? 'rejected' : 'fulfilled')
      expect(await store.repository.select('retirement_work', {})).toHaveLength(isCancelled ? 0 : 1)
      if (!isCancelled) return
      await requestAll(site, 'ada')
    }
  })

  it('delivers what is to be told to the person before the account is erased, while its patience lasts', async () => {
    await using store = await open()
    const site = await openWorkSite(
      store.repository,
      { forums: recorded(done).run, crm: recorded(done).run },
      { settings: { outbox_patience_hours: 24 } },
    )
    const { retirement, outbox } = site.users
    await requestAll(site, 'ada', 'bob')
    expect(await retirement.work(system, { idle: 'return' })).toMatchObject({ waiting: 2, complete: 0 })
    expect(await retirement.advance(system, 'ada')).toMatchObject({ status: 'waiting' })
    const mails: string[] = []
    const deliver = () =>
      outbox.deliver(async ({ user_id, kind, name }) => void (kind === 'mail' && mails.push(`${name} ${user_id}`)))
    await deliver()
    expect(mails).toHaveLength(2)
    site.clock.advance(60_000)
    expect(await retirement.work(system, { idle: 'return' })).toMatchObject({ complete: 2 })
    await requestAll(site)
    expect(await stateOf(site.users, 'ada')).toBe('COMPLETE')
  })

  it('does not wait for messages longer than its patience', async () => {
    await using store = await open()
    const site = await openWorkSite(
      store.repository,
      { forums: recorded(done).run, crm: recorded(done).run },
      { settings: { outbox_patience_hours: 2 } },
    )
    const { retirement } = site.users
    await requestAll(site, 'ada')
    await retirement.work(system, { idle: 'return' })
    for (let minutes = 0; minutes < 119; minutes++) site.clock.advance(60_000)
    expect(await retirement.work(system, { idle: 'return' })).toMatchObject({ waiting: 1 })
    site.clock.advance(60_000)
    expect(await retirement.work(system, { idle: 'return' })).toMatchObject({ complete: 1 })
  })

  it('changes nothing once it was paused past its lease and another one went on', async () => {
    await using store = await open()
    const paused = Promise.withResolvers<StepOutcome>()
    const begun = Promise.withResolvers<void>()
    const slow = recorded(() => {
      begun.resolve()
      return paused.promise
    })
    const quick = recorded(done)
    const site = await openWorkSite(store.repository, { forums: slow.run, crm: quick.run })
    const another = site.another(store.second, { steps: { forums: quick.run, crm: quick.run } })
    await requestAll(site, 'ada')
    const late = site.users.retirement.advance(system, 'ada')
    await begun.promise
    expect(await another.retirement.advance(system, 'ada')).toEqual({ status: 'busy' })
    site.clock.advance(hour)
    expect(await another.retirement.work(system, { idle: 'return' })).toMatchObject({ complete: 1 })
    const before = await dump(store.repository)
    paused.resolve({ outcome: 'done', counts: { removed: 99 } })
    expect(await outcomes([late])).toEqual(['conflict lease'])
    expect(await dump(store.repository)).toBe(before)
    // The fence of the later attempt is greater: other systems can refuse the earlier one.
    expect(quick.calls[0]?.fence).toBeGreaterThan(slow.calls[0]?.fence ?? 0)
  })

  it('stores nothing when another worker takes the person between its look and its write', async () => {
    await using store = await open()
    const site = await openWorkSite(store.repository, {})
    const { commit } = store.repository
    const rival = site.another(store.second)
    let isArmed = false
    const takenOver = {
      ...store.repository,
      commit: async (...given: Parameters<typeof commit>) => {
        if (isArmed) {
          isArmed = false
          site.clock.advance(hour)
          expect(await rival.retirement.claim(worker)).toHaveLength(1)
        }
        return commit(...given)
      },
    }
    for (const outcome of [done, { outcome: 'more', cursor: 1 }, { outcome: 'blocked', code: 'x' }] as const) {
      const forums = recorded(() => {
        isArmed = true
        return outcome
      })
      const late = site.another(takenOver, { steps: { forums: forums.run } })
      if (outcome === done) await requestAll(site, 'ada')
      else site.clock.advance(hour)
      expect(await outcomes([late.retirement.advance(system, 'ada')])).toEqual(['conflict lease'])
      expect(await stateOf(site.users, 'ada')).toBe('RETIRING_FORUMS')
      expect(await store.repository.select('retirement_work', {})).toMatchObject([{ cursor: null, stopped: null }])
      // The rival that took the person has them: it can go on.
      expect(await site.users.retirement.advance(system, 'ada')).toEqual({ status: 'busy' })
    }
  })

  it('keeps its hold by heartbeats, and is told when it has lost it', async () => {
    await using store = await open()
    const site = await openWorkSite(store.repository, {})
    const { retirement } = site.users
    await requestAll(site, 'ada', 'bob')
    const claims = await retirement.claim(worker, { leaseSeconds: 60 })
    const ids = claims.map(({ retirement: { user } }) => user.id)
    site.clock.advance(50_000)
    expect(await retirement.heartbeat(worker, claims, { leaseSeconds: 60 })).toEqual({ held: ids })
    site.clock.advance(50_000)
    expect(await retirement.claim(worker)).toEqual([])
    // A lease that ran out and that no worker took still holds.
    site.clock.advance(50_000)
    expect(await retirement.heartbeat(worker, claims, { leaseSeconds: 60 })).toEqual({ held: ids })
    site.clock.advance(hour)
    const [stolen] = await retirement.claim(worker, { limit: 1 })
    const left = ids.filter((id) => id !== stolen?.retirement.user.id)
    expect(await retirement.heartbeat(worker, claims)).toEqual({ held: left })
    expect(await retirement.heartbeat(worker, [])).toEqual({ held: [] })
  })

  it('does not shorten the lease of a claim', async () => {
    await using store = await open()
    const ends: unknown[] = []
    const read = async () => (await store.repository.select('retirements', {})).map(({ leased_until }) => leased_until)
    const forums = recorded(async () => {
      ends.push(await read())
      return { outcome: 'more', cursor: 1 }
    })
    const site = await openWorkSite(store.repository, { forums: forums.run }, {}, ['ada'])
    await requestAll(site, 'ada')
    const [claim] = await site.users.retirement.claim(worker, { leaseSeconds: 3600 })
    const [end] = await read()
    expect(end).toBeTypeOf('string')
    await site.users.retirement.advance(worker, claim as Claim, { leaseSeconds: 60 })
    await site.users.retirement.advance(worker, claim as Claim, { leaseSeconds: 7200 })
    expect(ends[0]).toEqual([end])
    expect(String((ends[1] as unknown[])[0]) > String(end)).toBe(true)
  })

  it('holds nothing under a claim that it has replaced by a later one', async () => {
    await using store = await open()
    const site = await openWorkSite(store.repository, {})
    const { retirement } = site.users
    await requestAll(site, 'ada', 'bob')
    const [early] = await retirement.claim(worker, { limit: 1, leaseSeconds: 60 })
    site.clock.advance(hour)
    const later = await retirement.claim(worker)
    const other = later.find((claim) => claim.retirement.user.id !== early?.retirement.user.id)
    expect(later).toHaveLength(2)
    const claims = [early, other].flatMap((claim) => claim ?? [])
    expect(await retirement.heartbeat(worker, claims)).toEqual({ held: [other?.retirement.user.id] })
  })

  it('guards each write with the version and the lease that it has read', async () => {
    await using store = await open()
    const { commit } = store.repository
    const units: (readonly Write[])[] = []
    const noted = {
      ...store.repository,
      commit: (...given: Parameters<typeof commit>) => {
        units.push(given[0])
        return commit(...given)
      },
    }
    const forums = recorded(
      { outcome: 'more', cursor: 1 },
      { outcome: 'retry', code: 'busy', after_seconds: 1 },
      { outcome: 'blocked', code: 'legal_hold' },
      done,
    )
    const site = await openWorkSite(store.repository, {})
    const { retirement } = site.another(noted, { steps: { forums: forums.run, crm: recorded(done).run } })
    await requestAll(site, 'ada')
    for (let turn = 0; turn < 3; turn++) {
      await retirement.advance(system, 'ada')
      site.clock.advance(hour)
    }
    await retirement.reopen(chief, ['ada'])
    expect(await retirement.work(system, { idle: 'return' })).toMatchObject({ complete: 1 })
    const guards = units.map((writes) =>
      writes.flatMap((write) => ('update' in write && write.update === 'retirements' ? [write] : [])),
    )
    expect(guards.length).toBeGreaterThan(10)
    const lease = expect.toBeOneOf([null, expect.any(String)])
    const where = { user_id: expect.anything(), version: expect.any(Number), lease }
    for (const guard of guards) expect(guard).toMatchObject([{ guarded: true, where }])
  })

  it('shares many people with other workers: each step is done once for each of them', async () => {
    await using store = await open()
    const effects: string[] = []
    const effect = (step: string) =>
      recorded(({ user_id }) => {
        effects.push(`${step} ${user_id}`)
        return effects.length % 7 === 0 ? { outcome: 'more', cursor: 1 } : done
      }).run
    const people = Array.from({ length: 12 }, (_, index) => `user${index}`)
    const steps = { forums: effect('forums'), crm: effect('crm') }
    const site = await openWorkSite(store.repository, steps, {}, people)
    await requestAll(site, ...people)
    const workers = [site.users, site.another(store.second), site.another(store.repository)]
    const summaries = await Promise.all(workers.map(({ retirement }) => retirement.work(system, { idle: 'return' })))
    // A worker can find nothing due while the others have the last ones.
    await site.users.retirement.work(system, { idle: 'return' })
    expect(summaries.reduce((sum, { complete }) => sum + complete, 0)).toBeGreaterThan(0)
    const { groups } = await site.users.retirement.stats(system)
    expect(groups.map(({ state, count }) => [state, count])).toEqual([['COMPLETE', 12]])
    const more = effects.filter((_, index) => (index + 1) % 7 === 0).length
    expect(effects).toHaveLength(24 + more)
    expect(new Set(effects).size).toBe(24)
  })
})

describe('a worker that waits', () => {
  it('goes on when storage fails at any of its calls', async () => {
    const store = memoryRepository() as Repository
    let calls = 0
    /** Fails each fourth call of a worker at work. */
    const failing =
      <Given extends readonly unknown[], Result>(call: (...given: Given) => Promise<Result>) =>
      async (...given: Given): Promise<Result> => {
        calls += 1
        if (isFailing && calls % 4 === 0) throw new StorageError('a call', 'ECONNRESET')
        return call(...given)
      }
    let isFailing = false
    const repository = { ...store, commit: failing(store.commit), leaseRetirements: failing(store.leaseRetirements) }
    const steps = { forums: recorded(done).run, crm: recorded(done).run }
    const settings = { retirement_max_attempts: 100 }
    const site = await openWorkSite(repository, steps, { settings }, ['ada', 'bob', 'cy'])
    await requestAll(site, 'ada', 'bob', 'cy')
    isFailing = true
    const stop = new AbortController()
    const work = site.users.retirement.work(system, { pollSeconds: 1, signal: stop.signal })
    await expect
      .poll(
        async () => {
          // The leases of what failed run out.
          site.clock.advance(hour)
          return (await store.select('retirements', { current_state: 'COMPLETE' })).length
        },
        { timeout: 20_000 },
      )
      .toBe(3)
    stop.abort()
    await expect(work).resolves.toMatchObject({ complete: expect.any(Number) })
  })

  it('goes on once storage is back, and ends with an error of `onProgress` or a missing pipeline', async () => {
    const store = memoryRepository() as Repository
    let isDown = true
    const leaseRetirements: Repository['leaseRetirements'] = async (request) => {
      if (isDown) throw new StorageError('lease retirements', 'ECONNREFUSED')
      return store.leaseRetirements(request)
    }
    const steps = { forums: recorded(done).run, crm: recorded(done).run }
    const site = await openWorkSite({ ...store, leaseRetirements }, steps)
    await requestAll(site, 'ada')
    await expect(site.users.retirement.work(system, { idle: 'return' })).rejects.toMatchObject({
      code: 'internal_error',
    })
    setTimeout(() => {
      isDown = false
    }, 100)
    const wrong = new Error('a mistake of the host')
    const onProgress = ({ status }: RetirementProgress) => {
      if (status === 'complete') throw wrong
    }
    const work = site.users.retirement.work(system, { pollSeconds: 1, onProgress })
    await expect(work).rejects.toMatchObject({ code: 'internal_error', cause: wrong })
    expect(await stateOf(site.users, 'ada')).toBe('COMPLETE')
    const unready = site.another(memoryRepository() as Repository)
    await expect(unready.retirement.work(system)).rejects.toMatchObject({ code: 'retirement_state_error' })
  })
})

onEachStore('an outcome that is none', (open) => {
  it('counts as a failed attempt, whatever it is', async () => {
    const nonsense: readonly unknown[] = [
      undefined,
      null,
      'done',
      [],
      {},
      { outcome: 'finished' },
      { outcome: 'done', state: 'COMPLETE' },
      { outcome: 'more' },
      { outcome: 'more', cursor: undefined },
      { outcome: 'more', cursor: () => {} },
      { outcome: 'more', cursor: 'x'.repeat(70_000) },
      { outcome: 'more', cursor: ['nul \0'] },
      { outcome: 'retry' },
      { outcome: 'retry', code: 'Ada Lovelace' },
      { outcome: 'retry', code: 'late', after_seconds: -1 },
      { outcome: 'blocked', code: '' },
      { outcome: 'manual', code: 'x'.repeat(65) },
      { outcome: 'done', counts: { removed: -1 } },
      { outcome: 'done', counts: { removed: 1.5 } },
      { outcome: 'done', counts: { retained: [{ what: 'all' }] } },
      { outcome: 'done', counts: { retained: [{ what: 'nul \0', why: 'x', until: null }] } },
      new Proxy({ outcome: 'done' }, { getPrototypeOf: () => expect.fail('a trap ran') }),
    ]
    await using store = await open()
    const forums = recorded(...nonsense.map((answer) => () => answer))
    const site = await openWorkSite(
      store.repository,
      { forums: forums.run },
      { settings: { retirement_max_attempts: 100 } },
    )
    await requestAll(site, 'ada')
    for (const [index] of nonsense.entries()) {
      expect(await site.users.retirement.advance(system, 'ada')).toMatchObject({ status: 'waiting' })
      expect(await store.repository.select('retirement_work', {})).toMatchObject([
        {
          attempts: index + 1,
          code: index === nonsense.length - 1 ? expect.any(String) : 'wrong_outcome',
          cursor: null,
        },
      ])
      site.clock.advance(days(1))
    }
  })
})

describe('a step that hangs', () => {
  onEachStore('in `advance`', (open) => {
    it('is aborted when its lease ends, which is a failed attempt', async () => {
      await using store = await open()
      let aborted = 0
      const forums = recorded(({ signal }) => {
        signal.addEventListener('abort', () => aborted++)
        return new Promise(() => {})
      }, done)
      const site = await openWorkSite(store.repository, { forums: forums.run })
      await requestAll(site, 'ada')
      const { retirement } = site.users
      expect(await retirement.advance(system, 'ada', { leaseSeconds: 1 })).toMatchObject({ status: 'waiting' })
      expect(aborted).toBe(1)
      expect(await store.repository.select('retirement_work', {})).toMatchObject([{ attempts: 1, code: 'timed_out' }])
      site.clock.advance(hour)
      expect(await retirement.advance(system, 'ada')).toMatchObject({ status: 'progress' })
    })

    it('is broken off with the signal of the call, which is no attempt', async () => {
      await using store = await open()
      const stop = new AbortController()
      const forums = recorded(() => {
        stop.abort()
        return new Promise(() => {})
      }, done)
      const site = await openWorkSite(store.repository, { forums: forums.run })
      await requestAll(site, 'ada')
      const { retirement } = site.users
      expect(await retirement.advance(system, 'ada', { signal: stop.signal })).toMatchObject({ status: 'waiting' })
      expect(await retirement.advance(system, 'ada')).toMatchObject({ status: 'progress' })
      expect(forums.calls.map(({ attempt, fence }) => [attempt, fence])).toEqual([
        [1, 1],
        [1, 2],
      ])
    })
  })

  onEachStore('in `work`', (open) => {
    it('is aborted after its time, which is a failed attempt', async () => {
      await using store = await open()
      const forums = recorded(() => new Promise(() => {}))
      const site = await openWorkSite(store.repository, { forums: forums.run })
      await requestAll(site, 'ada')
      const summary = await site.users.retirement.work(system, { stepSeconds: 1, idle: 'return' })
      expect(summary).toMatchObject({ pieces: 1, waiting: 1 })
      expect(await store.repository.select('retirement_work', {})).toMatchObject([{ attempts: 1, code: 'timed_out' }])
    })

    it('ends with the grace of a worker that stops, which gives the person back', async () => {
      await using store = await open()
      const begun = Promise.withResolvers<void>()
      const forums = recorded(() => {
        begun.resolve()
        return new Promise(() => {})
      }, done)
      const site = await openWorkSite(store.repository, { forums: forums.run, crm: recorded(done).run })
      await requestAll(site, 'ada')
      const stop = new AbortController()
      const work = site.users.retirement.work(system, { signal: stop.signal, graceSeconds: 0 })
      await begun.promise
      stop.abort()
      expect(await work).toMatchObject({ pieces: 1, waiting: 1, complete: 0 })
      expect(await site.users.retirement.work(system, { idle: 'return' })).toMatchObject({ complete: 1 })
    })

    it('is aborted once another worker has the person, and its lease is renewed until then', async () => {
      await using store = await open()
      const begun = Promise.withResolvers<void>()
      const forums = recorded(({ signal }) => {
        begun.resolve()
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      })
      const site = await openWorkSite(store.repository, { forums: forums.run, crm: recorded(done).run })
      const another = site.another(store.second, { steps: { forums: async () => done, crm: async () => done } })
      await requestAll(site, 'ada')
      const told: RetirementProgress[] = []
      const stop = new AbortController()
      const work = site.users.retirement.work(system, {
        leaseSeconds: 1,
        signal: stop.signal,
        onProgress: (one) => {
          told.push(one)
          stop.abort()
        },
      })
      await begun.promise
      // The clock of the site stands still: only a heartbeat keeps the hold of a second alive.
      await expect
        .poll(async () => {
          site.clock.advance(400)
          return (await store.repository.select('retirements', {}))[0]?.leased_until
        })
        .not.toBe('2024-06-30T12:00:01.000000Z')
      site.clock.advance(hour)
      expect(await another.retirement.advance(system, 'ada')).toMatchObject({ status: 'progress' })
      expect(await work).toMatchObject({ lost: 1 })
      expect(told).toMatchObject([{ status: 'lost', error: { code: 'conflict' } }])
    })
  })
})

const { pglite: _, 'node-sqlite': __, ...killable } = databases

describe.each(Object.entries({ ...killable, ...openEdxDatabases }))('a worker over %s', (_name, create) => {
  const open = watchedStoresOver(create)

  it('that is killed at any statement leaves nothing that another one does not bring to the same end', async () => {
    const store = await open()
    expect(await killAtEachStatement(store)).toBeGreaterThan(40)
    await store.close()
  }, 240_000)
})
