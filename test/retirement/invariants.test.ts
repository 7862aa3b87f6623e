import { expect, it } from 'vitest'
import type { Claim } from '../../src/retirement/operations/load-retirement.ts'
import { system } from '../../src/site/actor.ts'
import type { Whom } from '../../src/site/whom.ts'
import { identifierKey } from '../../src/values/text.ts'
import { drain } from '../support/host.ts'
import { onEachStore } from '../support/stores.ts'
import {
  bringTo,
  chief,
  days,
  dump,
  keys,
  move,
  nextKey,
  openSite,
  outcomes,
  overtaken,
  support,
  worker,
} from './site.ts'

const ada = { username: 'ada' }
const password = 'password of ada'

/** The invariants that hold at every moment of a retirement; each test is named for one. */
onEachStore('invariants of retirement', (open) => {
  it('1. at most one open retirement per account; request evidence survives erasure', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const second = site.another(store.second)
    const calls = Array.from({ length: 8 }, (_, index) =>
      (index % 2 === 0 ? site.users : second).retirement.request(ada, 'ada', { password }),
    )
    const results = await outcomes(calls)
    expect(results.filter((result) => result === 'ok')).toHaveLength(1)
    // A late call finds the request, or an account without password.
    for (const result of results)
      expect(result).toMatch(/^(ok|retirement_state_error already_requested|not_authorized)$/)
    expect(await store.repository.select('retirements', {})).toHaveLength(1)
    const late = site.another(overtaken(store.repository, () => second.retirement.request(system, 'bob')))
    expect(await outcomes([late.retirement.request(system, 'bob')])).toEqual([
      'retirement_state_error already_requested',
    ])
    site.clock.advance(days(15))
    await move(site.users, 'ada', 'RETIRING_LMS')
    await site.users.retirement.runStep(worker, 'ada', 'account')
    await move(site.users, 'ada', 'COMPLETE')
    await site.users.retirement.cleanUp(worker, ['ada'])
    expect(await store.repository.select('retirements', {})).toMatchObject([{ original_username: 'bob' }])
    const [evidence] = await store.repository.select('retirement_requests', {})
    expect(evidence).toMatchObject({ created_at: '2024-06-15T12:00:00.000000Z' })
    const [user] = await store.repository.select('users', { id: evidence?.user_id ?? 0 })
    expect(await outcomes([site.users.retirement.request(system, user?.username ?? '')])).toEqual([
      'retirement_state_error already_requested',
    ])
  })

  it('2. before Day 0 + minimum cool-off no erasure action can start, whatever the caller asks', async () => {
    await using store = await open()
    const { users, clock } = await openSite(store.repository)
    await users.retirement.request(system, 'ada')
    clock.advance(days(14) - 1)
    const queue = () => users.retirement.list(worker, { coolOffDays: 0, states: ['PENDING'] })
    const force = (state: string) => users.retirement.move(chief, 'ada', { state, force: true })
    expect((await queue()).items).toEqual([])
    expect(await users.retirement.claim(worker)).toEqual([])
    const early = ['RETIRING_FORUMS', 'FORUMS_COMPLETE', 'RETIRING_LMS', 'COMPLETE']
    for (const state of early) {
      expect(await outcomes([move(users, 'ada', state), force(state)])).toEqual(
        Array(2).fill('retirement_state_error cool_off'),
      )
    }
    // The same holds in a state that was written by hand.
    await store.repository.commit([{ update: 'retirements', set: { current_state: 'RETIRING_LMS' }, where: {} }])
    expect(await outcomes([users.retirement.runStep(worker, 'ada', 'account')])).toEqual([
      'retirement_state_error cool_off',
    ])
    await store.repository.commit([{ update: 'retirements', set: { current_state: 'PENDING' }, where: {} }])
    clock.advance(1)
    await move(users, 'ada', 'RETIRING_LMS')
    await users.retirement.runStep(worker, 'ada', 'account')
  })

  it("3. a step's effects are all recorded or none; re-running a finished step changes nothing", async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    site.enrolled.push({ user_id: 1, course_id: 'course-v1:OrgX+C+R' })
    await site.users.accounts.update(ada, 'ada', { bio: 'Hello', extended_profile: { a: 1 } })
    await site.users.accounts.requestNameChange(ada, ada, 'Countess')
    const batchId = 'monday'
    const steps: readonly [state: string, step: (users: typeof site.users) => Promise<unknown>, repeated: string][] = [
      ['ADDING_TO_PARTNER_QUEUE', ({ retirement }) => retirement.runStep(worker, 'ada', 'partner_report'), 'ok'],
      ['RETIRING_LMS_MISC', ({ retirement }) => retirement.runStep(worker, 'ada', 'misc'), 'ok'],
      ['RETIRING_LMS', ({ retirement }) => retirement.runStep(worker, 'ada', 'account'), 'ok'],
      ['COMPLETE', ({ retirement }) => retirement.cleanUp(worker, ['ada']), 'bad_request'],
      ['COMPLETE', ({ retirement }) => retirement.partnerReports.finish(worker, ['ada'], { batchId }), 'bad_request'],
    ]
    await bringTo(site, 'ada', 'PENDING')
    for (const [state, step, repeated] of steps) {
      const [row] = await store.repository.select('retirements', {})
      if (row !== undefined && row.current_state !== state) await move(site.users, 'ada', state)
      await site.users.retirement.partnerReports.take(worker, { batchId })
      const before = await dump(store.repository)
      // The power fails after each number of writes, until it lasts for all of them.
      let left = 0
      const broken = site.another({
        ...store.repository,
        commit(writes, inside) {
          const done = writes.slice(0, left)
          left -= done.length
          if (done.length === writes.length && left > 0) return store.repository.commit(writes, inside)
          return store.repository.commit(done, () => Promise.reject(new Error('power cut')))
        },
      })
      for (let power = 0; ; power++) {
        left = power
        const [outcome] = await outcomes([step(broken)])
        if (outcome === 'ok') break
        expect(outcome).toBe('internal_error')
        expect(await dump(store.repository)).toBe(before)
      }
      await drain(site.users)
      // The work item counts its changes, repeated ones too.
      const effects = async () => (await dump(store.repository)).replace(/"version":\d+/g, '')
      const once = await effects()
      expect(once).not.toBe(before)
      expect(await outcomes([step(site.users)])).toEqual([repeated])
      // The host alone is told once more, since it may not have got the first notification.
      for (const { kind } of await drain(site.users)) expect(kind).toBe('notification')
      expect(await effects()).toBe(once)
    }
    expect(await dump(store.repository)).not.toContain('ada@')
  })

  it('4. a step in progress has an owner and an expiry; after expiry another may take it, and the late owner is refused', async () => {
    await using store = await open()
    const site = await openSite(store.repository, ['ada', 'bob', 'cy', 'di'])
    const second = site.another(store.second)
    for (const name of ['ada', 'bob', 'cy', 'di']) await site.users.retirement.request(system, name)
    site.clock.advance(days(15))
    const claims = await Promise.all(
      [site.users, second, site.users, second].map((users) => users.retirement.claim(worker, { leaseSeconds: 60 })),
    )
    const names = claims.flat().map(({ retirement }) => retirement.original_username)
    expect(names.sort()).toEqual(['ada', 'bob', 'cy', 'di'])
    const mine = claims.flat().find(({ retirement }) => retirement.original_username === 'ada')
    if (mine === undefined) throw new Error('ada was not claimed')
    const step = (target: Whom | Claim, state: string) => site.users.retirement.move(worker, target, { state })
    expect(await outcomes([step('ada', 'RETIRING_LMS'), step({ ...mine, lease: 'another' }, 'RETIRING_LMS')])).toEqual([
      'conflict lease',
      'conflict lease',
    ])
    await step(mine, 'RETIRING_LMS')
    expect(await site.users.retirement.claim(worker)).toEqual([])

    // The lease ends; of two workers who want it one gets it, and the other one takes the rest.
    site.clock.advance(61_000)
    const again: typeof claims = []
    const rival = async () => void again.push(await second.retirement.claim(worker, { limit: 3 }))
    const others = await site.another(overtaken(store.repository, rival)).retirement.claim(worker, { limit: 3 })
    expect([...again, others].map((claimed) => claimed.map(({ retirement }) => retirement.original_username))).toEqual([
      ['ada', 'bob', 'cy'],
      ['di'],
    ])
    const theirs = again.flat().find(({ retirement }) => retirement.original_username === 'ada')
    if (theirs === undefined) throw new Error('ada was not claimed again')
    expect(theirs.retirement.current_state.state_name).toBe('RETIRING_LMS')
    expect(
      await outcomes([site.users.retirement.runStep(worker, mine, 'account'), step(mine, 'LMS_COMPLETE')]),
    ).toEqual(['conflict lease', 'conflict lease'])
    // The late owner had begun its call when another worker took the retirement over.
    site.clock.advance(days(1))
    const taken: typeof claims = []
    const takeOver = async () => void taken.push(await second.retirement.claim(worker, { limit: 1 }))
    const late = site.another(overtaken(store.repository, takeOver))
    expect(await outcomes([late.retirement.runStep(worker, theirs, 'account')])).toEqual(['conflict lease'])
    expect(await store.repository.select('users', { username: 'ada' })).toHaveLength(1)
    const [ours] = taken.flat()
    if (ours === undefined) throw new Error('ada was not taken over')
    await second.retirement.runStep(worker, ours, 'account')
    await step(ours, 'COMPLETE')
    expect(await store.repository.select('retirements', { current_state: 'COMPLETE' })).toMatchObject([
      { lease: null, leased_until: null },
    ])
  })

  it('5. terminal states are left only by an explicit administrative operation that writes an audit entry', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const { users } = site
    await bringTo(site, 'ada', 'ERRORED')
    for (const state of ['ABORTED', 'COMPLETE', 'RETIRING_LMS', 'PENDING'])
      expect(await outcomes([move(users, 'ada', state)])).toEqual(['retirement_state_error dead_end'])
    const force = (actor: typeof worker, value: unknown) =>
      users.retirement.move(actor, 'ada', { state: 'PENDING', note: 'retry', force: value as true })
    expect(await outcomes([force(worker, true), force(chief, 'true'), force(chief, 1)])).toEqual([
      'not_authorized',
      'bad_request',
      'bad_request',
    ])
    await force(chief, true)
    const history = await store.repository.select('retirement_history', {})
    expect(history.sort((a, b) => (a.id < b.id ? -1 : 1)).at(-1)).toMatchObject({
      from_state: 'ERRORED',
      to_state: 'PENDING',
      forced: true,
      note: 'retry',
    })
  })

  it('6. after completion nothing of ours holds an original value, except a report with a deadline', async () => {
    await using store = await open()
    const site = await openSite(store.repository, ['ada-lovelace', 'bob'])
    const { users } = site
    const name = 'ada-lovelace'
    const holder = { username: name }
    await users.accounts.update(holder, name, {
      name: 'Augusta King',
      bio: 'Notes on engines',
      goals: 'Poetical science',
      city: 'Ockham Park',
      country: 'GB',
      phone_number: '+441234567',
      mailing_address: 'St James Square',
      level_of_education: 'p',
      language_proficiencies: [{ code: 'zu' }],
      social_links: [{ platform: 'x', social_link: 'enchantress' }],
      extended_profile: { hobby: 'Horse races' },
      email: 'countess@example.com',
      secondary_email: 'byron@example.com',
    })
    await users.accounts.requestNameChange(holder, holder, 'Augusta Ada')
    await users.preferences.set(holder, name, 'motto', 'Imagination')
    await users.courseTags.set(holder, name, 'course-v1:OrgX+C+R', 'k', 'Flyology')
    await users.emailOptIns.set(holder, name, { org: 'OrgX', optIn: true })
    await users.accounts.setProfileImage(holder, name, { uploaded: true })
    const [user] = await store.repository.select('users', { username: name })
    site.enrolled.push({ user_id: user?.id ?? 0, course_id: 'course-v1:OrgX+C+R' })

    await bringTo(site, name, 'ADDING_TO_PARTNER_QUEUE')
    await users.retirement.runStep(worker, name, 'partner_report')
    const say = (state: string, note: string) => users.retirement.move(worker, name, { state, note })
    await say(
      'RETIRING_LMS_MISC',
      'User ada-lovelace (ADA-LOVELACE@example.com, Augusta King) was told; mail to x@y.org',
    )
    await users.retirement.runStep(worker, name, 'misc')
    await say('RETIRING_LMS', 'ok')
    await users.retirement.runStep(worker, name, 'account')
    await say('COMPLETE', 'ok')
    await users.retirement.cleanUp(worker, [name])

    const [report] = await store.repository.select('partner_reports', {})
    expect(report).toMatchObject({ original_username: name })
    site.clock.advance(days(30))
    expect(await users.retirement.partnerReports.overdue(worker)).toMatchObject({ userIds: [user?.id] })
    const { batchId } = await users.retirement.partnerReports.take(worker)
    await users.retirement.partnerReports.finish(worker, [name], { batchId })

    const left = (await dump(store.repository)).toLowerCase()
    const originals = [
      ...['lovelace', 'augusta', 'engines', 'poetical', 'ockham', '441234', 'st james', 'enchantress', 'horse'],
      ...['countess', 'byron', 'imagination', 'flyology', '"zu"', '"gb"', 'hobby'],
    ]
    for (const value of originals) expect(left, value).not.toContain(value)
    expect(left).toContain('"username":"bob"')
  })

  it('7. a retired username or address cannot be registered unless released; the check needs no clear-text original', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const { users } = site
    await bringTo(site, 'ada', 'RETIRING_LMS')
    await users.retirement.runStep(worker, 'ada', 'account')
    await move(users, 'ada', 'COMPLETE')
    await users.retirement.cleanUp(worker, ['ada'])
    const create = (username: string, email: string) => users.accounts.create(system, { username, email, name: 'New' })
    const refused = await create('Ada', 'ADA@example.com').catch((error) => error)
    expect(refused.field_errors).toMatchObject({ username: { code: 'conflict' }, email: { code: 'conflict' } })
    const { replaced } = await users.accounts.replaceUsernames(system, [{ whom: 'bob', username: 'ada' }])
    expect(replaced).toEqual([{ whom: 'bob', username: expect.stringMatching(/^ada-/) }])
    const bob = { username: replaced[0]?.username ?? '' }
    await users.accounts.update(bob, bob.username, { email: 'ada@example.com' })
    expect((await drain(users)).filter(({ name }) => name === 'email_change_confirmation')).toEqual([])
    expect(await users.retired.isRetired(worker, 'email', 'Ada@Example.com')).toBe(true)
    expect(await users.retired.findUser(worker, 'ada')).toMatchObject({ username: expect.stringMatching(/^retired__/) })

    const [evidence] = await store.repository.select('retirement_requests', {})
    await users.retired.releaseEmail(chief, { id: evidence?.user_id ?? 0 })
    expect(await users.retired.isRetired(worker, 'email', 'ada@example.com')).toBe(false)
    await create('ada2', 'ada@example.com')
    expect(await outcomes([create('ada', 'other@example.com')])).toEqual(['account_validation_error'])
  })

  it('8. key rotation never makes a retired value free and never changes a value already stored', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    await bringTo(site, 'ada', 'RETIRING_LMS')
    await site.users.retirement.runStep(worker, 'ada', 'account')
    const stored = await store.repository.select('users', {})
    const rotated = site.another(store.second, { settings: { retired_identifier_keys: [...keys, nextKey] } })
    const isTaken = async (users: typeof rotated) => {
      const { username, email } = await users.accounts.validate({ username: 'ada', email: 'ada@example.com' })
      return [username?.valid, email?.valid]
    }
    expect(await isTaken(rotated)).toEqual([false, false])
    expect(await store.repository.select('users', {})).toEqual(stored)

    // An earlier key has become known: the forms that it made are wrapped, without the originals, and stay taken.
    const { changed } = await rotated.retired.rewrap(worker)
    expect(changed).toHaveLength(1)
    expect(await store.repository.select('users', {})).not.toEqual(stored)
    expect(await isTaken(rotated)).toEqual([false, false])
    expect(await rotated.retirement.get(worker, 'ada')).toMatchObject({
      user: { username: expect.stringMatching(/^retired__user_h1_k1_k2_/) },
    })
    expect((await rotated.retired.rewrap(worker)).changed).toEqual([])
    expect(await rotated.retired.findUser(worker, 'ada')).toMatchObject({ username: expect.stringMatching(/_k1_k2_/) })
  })

  it('9. cancel and start-of-erasure are mutually exclusive: exactly one of them wins', async () => {
    await using store = await open()
    const names = Array.from({ length: 10 }, (_, index) => `user${index}`)
    const site = await openSite(store.repository, names)
    const second = site.another(store.second)
    for (const name of names) await site.users.retirement.request(system, name)
    site.clock.advance(days(15))
    const cancel = (users: typeof second, username: string) => users.retirement.cancel(support, { username })
    const begin = (users: typeof second, username: string) => move(users, username, 'RETIRING_FORUMS')
    const race = async (username: string, index: number) => {
      const late = (rival: typeof cancel) => site.another(overtaken(store.repository, () => rival(second, username)))
      // Each overtakes the other once; then both run at once.
      if (index === 0) return [...(await outcomes([cancel(late(begin), username)])), 'ok']
      if (index === 1) return ['ok', ...(await outcomes([begin(late(cancel), username)]))]
      return outcomes([cancel(second, username), begin(site.users, username)])
    }
    for (const [index, username] of names.entries()) {
      const results = await race(username, index)
      expect(results.filter((result) => result === 'ok')).toHaveLength(1)
      const [row] = await store.repository.select('retirements', { original_username: username })
      const [user] = await store.repository.select('users', { username_key: identifierKey(username) })
      const wasCancelled = results[0] === 'ok'
      expect(results).toEqual(wasCancelled ? ['ok', 'not_found'] : ['retirement_state_error not_pending', 'ok'])
      expect(row?.current_state).toBe(wasCancelled ? undefined : 'RETIRING_FORUMS')
      expect(user?.email === `${username}@example.com`).toBe(wasCancelled)
    }
  })

  it('10. a partner is told about each learner at least once, and a batch is removed only after confirmation', async () => {
    await using store = await open()
    const names = Array.from({ length: 6 }, (_, index) => `user${index}`)
    const site = await openSite(store.repository, names)
    const second = site.another(store.second)
    const { partnerReports } = site.users.retirement
    for (const { id } of await store.repository.select('users', {}))
      site.enrolled.push({ user_id: id, course_id: 'course-v1:OrgX+C+R' })
    for (const name of names) await bringTo(site, name, 'ADDING_TO_PARTNER_QUEUE')
    for (const name of names) await site.users.retirement.runStep(worker, name, 'partner_report')
    const taken = await Promise.all(
      [partnerReports, second.retirement.partnerReports].map((reports) => reports.take(worker, { leaseHours: 1 })),
    )
    const told = (batches: typeof taken) =>
      batches.flatMap(({ reports }) => reports.map((one) => one.original_username))
    expect(told(taken).sort()).toEqual(names)
    expect((await partnerReports.take(worker)).reports).toEqual([])

    // The answer was lost: the same name gives the same batch.
    const [lost] = taken.filter(({ reports }) => reports.length > 0)
    expect(await partnerReports.take(worker, { batchId: lost?.batchId ?? '', leaseHours: 1 })).toEqual(lost)
    // No worker confirmed in time: the next one gets the reports, and the late one cannot remove them.
    site.clock.advance(3_600_001)
    const again: typeof taken = []
    const takeAgain = async () =>
      void again.push(await second.retirement.partnerReports.take(worker, { leaseHours: 1 }))
    const batch = { batchId: lost?.batchId ?? '' }
    const late = site.another(overtaken(store.repository, takeAgain)).retirement.partnerReports
    expect(await outcomes([late.finish(worker, told(lost === undefined ? [] : [lost]), batch)])).toEqual([
      'bad_request',
    ])
    expect(told(again).sort()).toEqual(names)
    expect(await store.repository.select('partner_reports', {})).toHaveLength(6)
    // Of two workers who take them at once, one gets them.
    site.clock.advance(3_600_001)
    const overtakenTake = site.another(overtaken(store.repository, takeAgain)).retirement.partnerReports
    expect((await overtakenTake.take(worker)).reports).toEqual([])
    const newest = again.at(-1)
    expect(told(newest === undefined ? [] : [newest]).sort()).toEqual(names)
    await partnerReports.finish(worker, names, { batchId: newest?.batchId ?? '' })
    expect(await store.repository.select('partner_reports', {})).toEqual([])
  })
})
