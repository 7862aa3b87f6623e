import { expect, it } from 'vitest'
import { system } from '../../../src/site/actor.ts'
import { onEachStore } from '../../support/stores.ts'
import { bringTo, days, openSite, outcomes, type Site, support, worker } from '../site.ts'

const hour = 3_600_000

async function withLearners(site: Site, names: readonly string[]): Promise<void> {
  for (const [index, name] of names.entries()) {
    site.enrolled.push({ user_id: index + 1, course_id: 'course-v1:OrgX+C+R' })
    await bringTo(site, name, 'ADDING_TO_PARTNER_QUEUE')
    await site.users.retirement.runStep(worker, name, 'partner_report')
  }
}

onEachStore('partner reports', (open) => {
  it('name each organisation of the courses once, and no person without courses', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const courses = ['course-v1:OrgY+C+R', 'OrgX/Old/Run', 'course-v1:OrgX+D+R', 'outdated_entry/C/R', 'no course']
    for (const course_id of courses) site.enrolled.push({ user_id: 1, course_id })
    const { partnerReports } = site.users.retirement
    for (const name of ['ada', 'bob']) {
      await bringTo(site, name, 'ADDING_TO_PARTNER_QUEUE')
      await site.users.retirement.runStep(worker, name, 'partner_report')
      await site.users.retirement.runStep(worker, name, 'partner_report')
    }
    const { reports } = await partnerReports.take(worker)
    expect(reports).toEqual([
      {
        user_id: 1,
        original_username: 'ada',
        original_email: 'ada@example.com',
        original_name: 'ada the first',
        orgs: ['OrgX', 'OrgY'],
        created: '2024-06-30T12:00:00Z',
      },
    ])
  })

  it('belong to a batch until it ends or they are finished', async () => {
    await using store = await open()
    const site = await openSite(store.repository, ['ada', 'bob', 'cy'])
    await withLearners(site, ['ada', 'bob', 'cy'])
    const { partnerReports } = site.users.retirement
    const take = async (options: object = {}) => {
      const { batchId, reports } = await partnerReports.take(worker, { leaseHours: 2, ...options })
      return { batchId, names: reports.map(({ original_username }) => original_username) }
    }
    expect(await take({ limit: 2, batchId: 'monday' })).toEqual({ batchId: 'monday', names: ['ada', 'bob'] })
    expect((await take()).names).toEqual(['cy'])
    // A batch that is taken again before its end lasts longer.
    site.clock.advance(hour)
    expect((await take({ batchId: 'monday' })).names.sort()).toEqual(['ada', 'bob'])
    site.clock.advance(hour)
    expect((await take({ batchId: 'tuesday' })).names).toEqual(['cy'])
    site.clock.advance(hour)
    expect((await take({ batchId: 'tuesday' })).names).toEqual(['cy'])
    expect((await take({ batchId: 'noon' })).names).toEqual(['ada', 'bob'])
    const { finish } = partnerReports
    expect(
      await outcomes([
        finish(worker, ['ada', 'bob'], { batchId: 'monday' }),
        finish(worker, ['ada', 'cy'], { batchId: 'noon' }),
        finish(worker, ['ada', 'ada'], { batchId: 'noon' }),
        finish(worker, ['ADA'], { batchId: 'noon' }),
        finish(worker, [], { batchId: 'noon' }),
        finish(worker, 'ada' as never),
      ]),
    ).toEqual(Array(6).fill('bad_request'))
    expect(await store.repository.select('partner_reports', {})).toHaveLength(3)
    await finish(worker, ['bob', 'ada'], { batchId: 'noon' })
    // The call does not name a batch, as with drivers of Open edX.
    await finish(worker, ['cy'])
    expect(await store.repository.select('partner_reports', {})).toEqual([])
  })

  it('cannot be finished before they were given out', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    await withLearners(site, ['ada'])
    expect(await outcomes([site.users.retirement.partnerReports.finish(worker, ['ada'])])).toEqual(['bad_request'])
  })

  it('are overdue after `partner_report_days`, given out or not', async () => {
    await using store = await open()
    const site = await openSite(store.repository, ['ada', 'bob'], { settings: { partner_report_days: 5 } })
    await withLearners(site, ['ada', 'bob'])
    const { overdue, take } = site.users.retirement.partnerReports
    // Bob's report was made 15 days after Ada's.
    expect(await overdue(worker)).toEqual({ userIds: [1], oldest: '2024-06-30T12:00:00Z' })
    site.clock.advance(days(5) - 1)
    expect((await overdue(worker)).userIds).toEqual([1])
    await take(worker)
    site.clock.advance(1)
    expect((await overdue(worker)).userIds).toEqual([1, 2])
  })

  it('need the right to retire people, the state of their step, and the hook of enrollments', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    site.enrolled.push({ user_id: 1, course_id: 'course-v1:OrgX+C+R' })
    const { retirement } = site.users
    await bringTo(site, 'ada', 'RETIRING_FORUMS')
    const ofAda = (actor: typeof worker) => {
      const { take, finish, overdue } = retirement.partnerReports
      return outcomes([
        retirement.runStep(actor, 'ada', 'partner_report'),
        take(actor),
        finish(actor, ['ada']),
        overdue(actor),
      ])
    }
    expect(await ofAda(support)).toEqual(Array(4).fill('not_authorized'))
    expect((await ofAda(worker))[0]).toBe('retirement_state_error wrong_step')
    await retirement.move(worker, 'ada', { state: 'ADDING_TO_PARTNER_QUEUE', note: '' })
    const poor = site.another(store.repository, { enrollments: undefined as never })
    expect(await outcomes([poor.retirement.runStep(worker, 'ada', 'partner_report')])).toEqual(['config_error'])
    const wrong = [{ limit: -1 }, { limit: 'x' }, { leaseHours: 1.5 }]
    expect(await outcomes(wrong.map((options) => retirement.partnerReports.take(system, options as never)))).toEqual(
      Array(3).fill('bad_request'),
    )
  })
})
