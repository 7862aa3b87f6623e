import { expect, it } from 'vitest'
import { system } from '../../src/actor.ts'
import { identifierKey } from '../../src/text.ts'
import { drain } from '../support/host.ts'
import { onEachStore } from '../support/stores.ts'
import { bringTo, chief, days, dump, keys, move, nextKey, openSite, outcomes, support, worker } from './site.ts'

const ada = { username: 'ada' }
const password = 'password of ada'

/** The invariants of ../shared/spec/retirement.md, 10.1, in their order and under their names. */
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
    // Whoever comes late finds the request, or that the password is gone.
    for (const result of results)
      expect(result).toMatch(/^(ok|retirement_state_error already_requested|not_authorized)$/)
    expect(await store.repository.select('retirements', {})).toHaveLength(1)
    site.clock.advance(days(15))
    await move(site.users, 'ada', 'RETIRING_LMS')
    await site.users.retirement.retireAccount(worker, 'ada')
    await move(site.users, 'ada', 'COMPLETE')
    await site.users.retirement.cleanUp(worker, ['ada'])
    expect(await store.repository.select('retirements', {})).toEqual([])
    const [evidence] = await store.repository.select('retirement_requests', {})
    expect(evidence).toMatchObject({ created_at: '2024-06-15T12:00:00.000000Z' })
    const [user] = await store.repository.select('users', { id: evidence?.user_id ?? 0 })
    expect(await outcomes([site.users.retirement.request(system, user?.username)])).toEqual([
      'retirement_state_error already_requested',
    ])
  })

  it('2. before Day 0 + minimum cool-off no erasure action can start, whatever the caller asks', async () => {
    await using store = await open()
    const { users, clock } = await openSite(store.repository)
    await users.retirement.request(system, 'ada')
    clock.advance(days(14) - 1)
    const queue = () => users.retirement.queue(worker, { cool_off_days: 0, states: ['PENDING'] })
    const force = (new_state: string) =>
      users.retirement.updateState(chief, 'ada', { new_state, response: '', force: true })
    expect((await queue()).items).toEqual([])
    expect(await users.retirement.claim(worker)).toEqual([])
    const early = ['RETIRING_FORUMS', 'FORUMS_COMPLETE', 'RETIRING_LMS', 'COMPLETE']
    for (const state of early) {
      expect(await outcomes([move(users, 'ada', state), force(state)])).toEqual(
        Array(2).fill('retirement_state_error cool_off'),
      )
    }
    // Even in a state that somebody wrote by hand.
    await store.repository.commit([{ update: 'retirements', set: { current_state: 'RETIRING_LMS' }, where: {} }])
    expect(await outcomes([users.retirement.retireAccount(worker, 'ada')])).toEqual(['retirement_state_error cool_off'])
    await store.repository.commit([{ update: 'retirements', set: { current_state: 'PENDING' }, where: {} }])
    clock.advance(1)
    await move(users, 'ada', 'RETIRING_LMS')
    await users.retirement.retireAccount(worker, 'ada')
  })

  it("3. a step's effects are all recorded or none; re-running a finished step changes nothing", async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    await site.users.accounts.update(ada, 'ada', { bio: 'Hello', extended_profile: { a: 1 } })
    await bringTo(site, 'ada', 'RETIRING_LMS')
    const before = await dump(store.repository)
    // The power goes after any number of the writes.
    let count = 0
    for (let done = 0; done <= count; done++) {
      const broken = site.another({
        ...store.repository,
        commit(writes) {
          count = writes.length
          return store.repository.commit(writes.slice(0, done), async () => {
            throw new Error('power cut')
          })
        },
      })
      expect(await outcomes([broken.retirement.retireAccount(worker, 'ada')])).toEqual(['internal_error'])
      expect(await dump(store.repository)).toBe(before)
    }
    expect(count).toBeGreaterThan(20)

    await site.users.retirement.retireAccount(worker, 'ada')
    await drain(site.users)
    const people = async () => [
      await store.repository.select('users', {}),
      await store.repository.select('profiles', {}),
    ]
    const once = await people()
    await site.users.retirement.retireAccount(worker, 'ada')
    expect(await people()).toEqual(once)
    expect((await drain(site.users)).map(({ name }) => name)).toEqual(['retire_account'])
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
    const step = (lease: string | undefined, new_state: string) =>
      site.users.retirement.updateState(worker, 'ada', {
        new_state,
        response: '',
        ...(lease === undefined ? {} : { lease }),
      })
    expect(await outcomes([step(undefined, 'RETIRING_LMS'), step('another', 'RETIRING_LMS')])).toEqual([
      'conflict',
      'conflict',
    ])
    await step(mine?.lease, 'RETIRING_LMS')
    expect(await site.users.retirement.claim(worker)).toEqual([])

    site.clock.advance(61_000)
    const again = await second.retirement.claim(worker, { limit: 10 })
    const theirs = again.find(({ retirement }) => retirement.original_username === 'ada')
    expect(theirs?.retirement.current_state.state_name).toBe('RETIRING_LMS')
    expect(
      await outcomes([
        site.users.retirement.retireAccount(worker, 'ada', { lease: mine?.lease ?? '' }),
        step(mine?.lease, 'LMS_COMPLETE'),
      ]),
    ).toEqual(['conflict', 'conflict'])
    await second.retirement.retireAccount(worker, 'ada', { lease: theirs?.lease ?? '' })
    await step(theirs?.lease, 'COMPLETE')
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
      users.retirement.updateState(actor, 'ada', { new_state: 'PENDING', response: 'retry', force: value as true })
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
    await users.accounts.requestNameChange(holder, 'Augusta Ada')
    await users.preferences.set(holder, name, 'motto', 'Imagination')
    await users.tags.setCourseTag(holder, name, { course_id: 'course-v1:OrgX+C+R', key: 'k', value: 'Flyology' })
    await users.tags.updateEmailOptIn(holder, name, { org: 'OrgX', opt_in: true })
    await users.accounts.setProfileImage(holder, name, { uploaded: true })
    const [user] = await store.repository.select('users', { username: name })
    site.enrolled.push({ user_id: user?.id ?? 0, course_id: 'course-v1:OrgX+C+R' })

    await bringTo(site, name, 'ADDING_TO_PARTNER_QUEUE')
    await users.retirement.partnerReports.create(worker, name)
    const say = (new_state: string, response: string) =>
      users.retirement.updateState(worker, name, { new_state, response })
    await say(
      'RETIRING_LMS_MISC',
      'User ada-lovelace (ADA-LOVELACE@example.com, Augusta King) was told; mail to x@y.org',
    )
    await users.retirement.retireMisc(worker, name)
    await say('RETIRING_LMS', 'ok')
    await users.retirement.retireAccount(worker, name)
    await say('COMPLETE', 'ok')
    await users.retirement.cleanUp(worker, [name])

    const [report] = await store.repository.select('partner_reports', {})
    expect(report).toMatchObject({ original_username: name })
    site.clock.advance(days(30))
    expect(await users.retirement.partnerReports.overdue(worker)).toMatchObject({ user_ids: [user?.id] })
    const { batch_id } = await users.retirement.partnerReports.take(worker)
    await users.retirement.partnerReports.finish(worker, [name], { batch_id })

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
    await users.retirement.retireAccount(worker, 'ada')
    await move(users, 'ada', 'COMPLETE')
    await users.retirement.cleanUp(worker, ['ada'])
    const create = (username: string, email: string) => users.accounts.create(system, { username, email, name: 'New' })
    const refused = await create('Ada', 'ADA@example.com').catch((error) => error)
    expect(refused.field_errors).toMatchObject({ username: { code: 'conflict' }, email: { code: 'conflict' } })
    const replaced = await users.accounts.replaceUsernames(system, [{ bob: 'ada' }])
    expect(replaced.successful_replacements).toEqual([{ bob: expect.stringMatching(/^ada-/) }])
    const bob = { username: replaced.successful_replacements[0]?.bob ?? '' }
    await users.accounts.update(bob, bob.username, { email: 'ada@example.com' })
    expect((await drain(users)).filter(({ name }) => name === 'email_change_confirmation')).toEqual([])
    expect(await users.retired.isRetired(worker, 'email', 'Ada@Example.com')).toBe(true)
    expect(await users.retired.findUser(worker, 'ada')).toMatchObject({ username: expect.stringMatching(/^retired__/) })

    const [evidence] = await store.repository.select('retirement_requests', {})
    await users.retired.releaseEmail(chief, evidence?.user_id ?? 0)
    expect(await users.retired.isRetired(worker, 'email', 'ada@example.com')).toBe(false)
    await create('ada2', 'ada@example.com')
    expect(await outcomes([create('ada', 'other@example.com')])).toEqual(['account_validation_error'])
  })

  it('8. key rotation never makes a retired value free and never changes a value already stored', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    await bringTo(site, 'ada', 'RETIRING_LMS')
    await site.users.retirement.retireAccount(worker, 'ada')
    const stored = await store.repository.select('users', {})
    const rotated = site.another(store.second, { settings: { retired_identifier_keys: [...keys, nextKey] } })
    const isTaken = async (users: typeof rotated) => {
      const { username, email } = await users.accounts.validate({ username: 'ada', email: 'ada@example.com' })
      return [username?.valid, email?.valid]
    }
    expect(await isTaken(rotated)).toEqual([false, false])
    expect(await store.repository.select('users', {})).toEqual(stored)

    // An earlier key got out: what it made is wrapped, without the originals, and stays taken.
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
    for (const username of names) {
      const results = await outcomes([
        second.retirement.cancel(support, { username }),
        move(site.users, username, 'RETIRING_FORUMS'),
      ])
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
    for (const name of names) await partnerReports.create(worker, name)
    const taken = await Promise.all(
      [partnerReports, second.retirement.partnerReports].map((reports) => reports.take(worker, { leaseHours: 1 })),
    )
    const told = (batches: typeof taken) =>
      batches.flatMap(({ reports }) => reports.map((one) => one.original_username))
    expect(told(taken).sort()).toEqual(names)
    expect((await partnerReports.take(worker)).reports).toEqual([])

    // The answer got lost: the same batch again.
    const [lost] = taken.filter(({ reports }) => reports.length > 0)
    expect(await partnerReports.take(worker, { batch_id: lost?.batch_id ?? '', leaseHours: 1 })).toEqual(lost)
    // Nobody confirmed in time: whoever asks next gets them, and the late one cannot remove them.
    site.clock.advance(3_600_001)
    const late = await partnerReports.take(worker, { leaseHours: 1 })
    expect(told([late]).sort()).toEqual(names)
    expect(
      await outcomes([partnerReports.finish(worker, told([lost as never]), { batch_id: lost?.batch_id ?? '' })]),
    ).toEqual(['bad_request'])
    expect(await store.repository.select('partner_reports', {})).toHaveLength(6)
    await partnerReports.finish(worker, names, { batch_id: late.batch_id })
    expect(await store.repository.select('partner_reports', {})).toEqual([])
  })
})
