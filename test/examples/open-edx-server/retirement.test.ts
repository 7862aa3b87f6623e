import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  archiveAndCleanUp,
  connect,
  listLearners,
  reportToPartners,
  retireOneLearner,
  type Step,
  updateInBulk,
} from './stock-driver.ts'
import { asWorker, form, openServer, password, type TestServer } from './support.ts'

const accounts = '/api/user/v1/accounts'

const pipeline: readonly Step[] = [
  ['RETIRING_FORUMS', 'FORUMS_COMPLETE', 'retirement_retire_forum'],
  ['RETIRING_ENROLLMENTS', 'ENROLLMENTS_COMPLETE', 'retirement_unenroll'],
  ['ADDING_TO_PARTNER_QUEUE', 'PARTNER_QUEUE_COMPLETE', 'retirement_partner_queue'],
  ['RETIRING_LMS_MISC', 'LMS_MISC_COMPLETE', 'retirement_lms_retire_misc'],
  ['RETIRING_LMS', 'LMS_COMPLETE', 'retirement_lms_retire'],
]

let server: TestServer
beforeEach(async () => {
  server = await openServer({ bulkRetirement: true })
})
afterEach(async () => {
  expect(server.failures).toEqual([])
  await server.close()
})

const worker = () => asWorker(server)

const forget = (username: string) => server.as(username)('POST', `${accounts}/deactivate_logout/`, form({ password }))

describe('the programs that drive retirements', () => {
  it('retire a learner, tell the partners, archive and forget', async () => {
    await server.as('ada')('PATCH', `${accounts}/ada`, {
      bio: 'I write notes',
      extended_profile: [{ field_name: 'occupation', field_value: { name: 'Engineer' } }],
    })
    const id = (await server.as('ada')('GET', `${accounts}/ada`)).body.id
    expect((await forget('ada')).status).toBe(204)

    // The waiting time is the server's, whatever a program asks for.
    expect(await listLearners(await connect(server.url), pipeline, 0)).toEqual([])
    await server.wait(15)

    const lms = await connect(server.url)
    expect(await listLearners(lms, pipeline)).toEqual(['ada'])
    expect(await retireOneLearner(lms, 'ada', pipeline)).toBe(0)
    expect(await listLearners(lms, pipeline)).toEqual([])
    expect(await retireOneLearner(lms, 'ada', pipeline)).toBe(-2)
    expect(await lms.retirementState('ada')).toEqual({
      id,
      user: {
        id,
        username: expect.stringMatching(/^retired__user_/),
        email: expect.stringMatching(/^retired__user_.*@retired\.invalid$/),
        profile: { id, name: '' },
      },
      current_state: { id: expect.any(Number), state_name: 'COMPLETE', state_execution_order: expect.any(Number) },
      last_state: { id: expect.any(Number), state_name: 'LMS_COMPLETE', state_execution_order: expect.any(Number) },
      original_username: 'ada',
      original_email: 'ada@example.com',
      original_name: 'ada example',
      retired_username: expect.stringMatching(/^retired__user_/),
      retired_email: expect.stringMatching(/@retired\.invalid$/),
      created: '2026-06-15T12:00:00Z',
      modified: '2026-06-30T12:00:00Z',
    })
    expect((await server.as('grace')('GET', `${accounts}/ada`)).status).toBe(404)
    const [erased] = (await server.as('grace')('GET', `${accounts}?lms_user_id=${id}`)).body
    expect(erased).toMatchObject({ is_active: false, name: '', bio: null, year_of_birth: null })
    expect(erased.extended_profile[0].field_value).toBe('')

    const partners = { OrgX: ['X University'], OrgY: ['Y College', 'X University'] }
    const line = [String(id), 'ada', 'ada@example.com', 'ada example', '2026-06-30T12:00:00Z']
    expect(await reportToPartners(lms, partners)).toEqual({ 'X University': [line, line], 'Y College': [line] })
    expect(await reportToPartners(lms, partners)).toEqual({})

    const [record, ...others] = await archiveAndCleanUp(lms, server.clock.now())
    expect(others).toEqual([])
    expect(record).toMatchObject({
      user_id: id,
      original_username: 'ada',
      retirement_request_date: '2026-06-15 12:00:00',
      last_modified_date: '2026-06-30 12:00:00',
    })
    expect(await retireOneLearner(lms, 'ada', pipeline)).toBe(-5)

    const again = form({ username: 'Ada', email: 'other@example.com', name: 'Another', password: 'a phrase of length' })
    const { status, body } = await server.as(undefined)('POST', '/user_api/v1/account/registration/', again)
    expect([status, Object.keys(body)]).toEqual([409, ['username']])
  })

  it('stop where a step fails, and are put back by hand to try it again', async () => {
    await forget('ada')
    await server.wait(15)
    const lms = await connect(server.url)
    const broken: readonly Step[] = [
      ['RETIRING_FORUMS', 'FORUMS_COMPLETE', 'retirement_retire_forum'],
      ['RETIRING_EMAIL_LISTS', 'EMAIL_LISTS_COMPLETE', 'retirement_retire_mailings'],
      ['RETIRING_LMS', 'LMS_COMPLETE', 'retirement_lms_retire'],
    ]
    expect(await retireOneLearner(lms, 'ada', broken)).toBe(-4)
    expect((await lms.retirementState('ada')).current_state.state_name).toBe('ERRORED')
    expect(await retireOneLearner(lms, 'ada', broken)).toBe(-2)
    // No move leads out of an end; one by force does.
    await expect(lms.updateState('ada', 'COMPLETE', '')).rejects.toThrow('400')
    await updateInBulk(lms, 'ERRORED', server.clock.now())
    expect(await retireOneLearner(lms, 'ada', broken)).toBe(-3)
    await updateInBulk(lms, 'RETIRING_EMAIL_LISTS', server.clock.now(), 'EMAIL_LISTS_COMPLETE')
    expect(await retireOneLearner(lms, 'ada', broken)).toBe(0)
    expect(await retireOneLearner(lms, 'bob', broken)).toBe(-5)
  })

  it('do nothing outside of their step, and nothing twice that counts', async () => {
    const send = await worker()
    const erase = { retire: 'RETIRING_LMS', retire_misc: 'RETIRING_LMS_MISC' }
    for (const [path, body, status, text] of [
      ['retire', { username: 'nobody' }, 404, ''],
      ['retire', {}, 404, '{"message":"username is missing"}'],
      ['retire_misc', { username: '' }, 404, '{"message":"username is missing"}'],
      ['retirement_partner_report', {}, 404, '{"message":"username is missing"}'],
    ] as const) {
      const answer = await send(path === 'retirement_partner_report' ? 'PUT' : 'POST', `/${path}/`, body)
      expect([path, answer.status, answer.text]).toEqual([path, status, text])
    }
    await forget('ada')
    await server.wait(15)
    const again = await worker()
    for (const path of Object.keys(erase)) {
      const { status, body } = await again('POST', `/${path}/`, { username: 'ada' })
      expect([path, status, body]).toEqual([
        path,
        400,
        expect.stringMatching(/^retirement_state_error: .*no working state/),
      ])
    }
    for (const [path, working] of Object.entries(erase).reverse()) {
      await again('PATCH', '/update_retirement_status/', { username: 'ada', new_state: working, response: '' })
      for (let time = 0; time < 2; time++)
        expect([path, (await again('POST', `/${path}/`, { username: 'ada' })).status]).toEqual([path, 204])
    }
  })

  it('end enrolments once, and only in a working state', async () => {
    await forget('ada')
    await server.wait(15)
    const send = await worker()
    const { updateState } = await connect(server.url)
    const unenroll = () => send('POST', '/../../../enrollment/v1/unenroll/', { username: 'ada' })
    expect((await unenroll()).status).toBe(400)
    await updateState('ada', 'RETIRING_ENROLLMENTS', '')
    expect((await unenroll()).body.sort()).toEqual(['OrgX', 'OrgY'])
    expect((await unenroll()).status).toBe(204)
  })
})

describe('the queue', () => {
  it('gives everybody who has cooled off, oldest first, or as many as are asked for', async () => {
    await server.as('root')('POST', '/v1/accounts/bulk_retire_users', { usernames: 'bob,ada' })
    await server.wait(14)
    const names = async (query: string) => {
      const { body } = await (await worker())('GET', `/retirement_queue/?states=PENDING&${query}`)
      return body.map(({ original_username }: { original_username: string }) => original_username)
    }
    expect(await names('cool_off_days=0')).toEqual([])
    server.clock.advance(1)
    expect(await names('cool_off_days=%200')).toEqual(['ada', 'bob'])
    expect(await names('cool_off_days=14&limit=')).toEqual(['ada', 'bob'])
    expect(await names('cool_off_days=0&limit=1')).toEqual(['ada'])
    expect(await names('cool_off_days=0&limit=0')).toEqual([])
    expect(await names('cool_off_days=15')).toEqual([])
  })

  it('can be asked for by the days of the requests, both included', async () => {
    await forget('bob')
    await server.wait(2)
    const send = await worker()
    const found = async (from: string, to: string) =>
      (await send('GET', `/retirements_by_status_and_date/?start_date=${from}&end_date=${to}&state=PENDING`)).body
        .length
    expect(await found('2026-6-15', '2026-6-15')).toBe(1)
    expect(await found('2026-06-16', '2026-06-17')).toBe(0)
  })

  it('refuses moves that are incomplete, too early, or against the order of the states', async () => {
    await forget('ada')
    const send = await worker()
    for (const [move, status, text] of [
      [{}, 404, '{"message":"username is missing"}'],
      [{ username: 'nobody', new_state: 'LOCKING_ACCOUNT', response: '' }, 404, ''],
      [{ username: 'ada' }, 400, /^"bad_request: new_state must be /],
      [{ username: 'ada', new_state: 'LOCKING_ACCOUNT' }, 400, /^"bad_request: response must be /],
      [
        { username: 'ada', new_state: 'LOCKING_ACCOUNT', response: '', more: 1 },
        400,
        /^"bad_request: request must be /,
      ],
      [{ username: 'ada', new_state: 'NOWHERE', response: '' }, 400, /no such state/],
      [{ username: 'ada', new_state: 'PENDING', response: '' }, 400, /not later/],
      [{ username: 'ada', new_state: 'LOCKING_ACCOUNT', response: '' }, 400, /cool-off/],
      [{ username: 'ada', new_state: 'ABORTED', response: '' }, 204, ''],
    ] as const) {
      const answer = await send('PATCH', '/update_retirement_status/', move)
      expect([move, answer.status]).toEqual([move, status])
      expect(answer.text).toMatch(text instanceof RegExp ? text : new RegExp(`^${text}$`))
    }
  })
})

describe('partners', () => {
  it('are given a report again that was not finished within a day', async () => {
    await forget('ada')
    await server.wait(15)
    const lms = await connect(server.url)
    await lms.updateState('ada', 'ADDING_TO_PARTNER_QUEUE', '')
    await lms.doStep('retirement_partner_queue', await lms.retirementState('ada'))
    const [report] = await lms.partnerReport()
    expect(report).toMatchObject({ original_username: 'ada', orgs: ['OrgX', 'OrgY'] })
    expect(await lms.partnerReport()).toEqual([])
    await server.wait(2)
    expect(await (await connect(server.url)).partnerReport()).toEqual([report])
    const send = await worker()
    for (const body of [
      [],
      [{ original_username: 'bob' }],
      [{ original_username: 'ada' }, { original_username: 'ada' }],
      [{}],
    ]) {
      const { status, body: text } = await send('POST', '/retirement_partner_report_cleanup/', body)
      expect([body, status, typeof text]).toEqual([body, 400, 'string'])
    }
    expect((await send('POST', '/retirement_partner_report_cleanup/', [{ original_username: 'ada' }])).status).toBe(204)
  })
})

describe('a retirement', () => {
  it('is known by the address that was retired, and taken back by support', async () => {
    await server.as('bob')('PATCH', `${accounts}/bob`, { bio: 'stays' })
    await forget('bob')
    await server.wait(1)
    const known = await server.as('grace')('GET', `${accounts}?email=Bob@example.com`)
    const { retirement_id } = known.body
    expect([known.status, known.body]).toEqual([
      404,
      { error_msg: expect.any(String), can_cancel_retirement: true, retirement_id: expect.any(Number) },
    ])
    const cancel = (who: string, body: unknown) => server.as(who)('POST', `${accounts}/cancel_retirement/`, body)
    expect((await cancel('renamer', { retirement_id })).status).toBe(403)
    for (const body of [{}, { retirement_id: 999 }, { retirement_id: 'x' }]) {
      const refused = await cancel('grace', body)
      expect([body, refused.status, Object.keys(refused.body)]).toEqual([body, 400, ['message']])
    }
    const { status, body } = await cancel('grace', form({ retirement_id: String(retirement_id) }))
    expect([status, body]).toEqual([200, { success: true }])
    const [account] = (await server.as('grace')('GET', `${accounts}?email=bob@example.com`)).body
    expect(account).toMatchObject({ username: 'bob', bio: 'stays', is_active: true })
  })

  it('is not taken back once it was begun, nor told to be after the cool-off', async () => {
    await forget('bob')
    await server.wait(15)
    const lms = await connect(server.url)
    const { id } = (await lms.retirementState('bob')) as unknown as { id: number }
    await lms.updateState('bob', 'LOCKING_ACCOUNT', '')
    const refused = await server.as('grace')('POST', `${accounts}/cancel_retirement/`, { retirement_id: id })
    expect([refused.status, refused.body]).toEqual([
      400,
      { message: expect.stringMatching(/^retirement_state_error: .*has begun/) },
    ])
    const { body } = await server.as('grace')('GET', `${accounts}?email=bob@example.com`)
    expect(body).toMatchObject({ can_cancel_retirement: false, retirement_id: null })
  })

  it('cannot be asked for where the site does not let people go', async () => {
    const closed = await openServer({ settings: { enable_account_deletion: false } })
    const { status, text } = await closed.as('ada')('POST', `${accounts}/deactivate_logout/`, form({ password }))
    expect([status, text]).toEqual([403, ''])
    await closed.close()
  })

  it('is asked for many, with what became of each', async () => {
    const bulk = (who: string, body: unknown) => server.as(who)('POST', '/v1/accounts/bulk_retire_users', body)
    expect((await bulk('grace', { usernames: 'ada' })).status).toBe(403)
    expect((await bulk('root', { usernames: ['ada'] })).status).toBe(400)
    for (const body of [{}, { usernames: '' }])
      expect((await bulk('root', body)).body).toEqual({ successful_user_retirements: [], failed_user_retirements: [] })
    const { status, body } = await bulk('root', { usernames: 'renamer, bob,bob,nobody,' })
    expect([status, body]).toEqual([
      200,
      { successful_user_retirements: ['bob', 'renamer'], failed_user_retirements: ['nobody', ''] },
    ])
  })

  it('is cleaned up when it is complete, all or none', async () => {
    await forget('ada')
    await forget('bob')
    await server.wait(15)
    const lms = await connect(server.url)
    await retireOneLearner(lms, 'ada', pipeline)
    const send = await worker()
    for (const body of [{}, { usernames: 'ada' }, { usernames: ['ada', 'bob'] }, { usernames: ['ada', 'ada'] }]) {
      const { status, body: text } = await send('POST', '/retirement_cleanup/', body)
      expect([body, status, typeof text]).toEqual([body, 400, 'string'])
    }
    expect((await send('POST', '/retirement_cleanup/', { usernames: [] })).status).toBe(204)
    expect((await send('POST', '/retirement_cleanup/', { usernames: ['ada'] })).status).toBe(204)
    expect((await send('GET', '/ada/retirement_status/')).status).toBe(404)
  })
})

describe('usernames', () => {
  it('are replaced by the worker for that alone', async () => {
    const replace = (who: string, body: unknown) => server.as(who)('POST', `${accounts}/replace_usernames/`, body)
    for (const who of ['grace', 'root']) expect((await replace(who, { username_mappings: [] })).status).toBe(403)
    for (const body of [{}, { username_mappings: 'x' }, { username_mappings: [{ a: 'b', c: 'd' }] }])
      expect([body, (await replace('renamer', body)).status]).toEqual([body, 400])
    const { status, body } = await replace('renamer', { username_mappings: [{ ada: 'lovelace' }, { bob: 'grace' }] })
    expect([status, body]).toEqual([
      200,
      {
        successful_replacements: [{ ada: 'lovelace' }, { bob: expect.stringMatching(/^grace-[a-z0-9]{4}$/) }],
        failed_replacements: [],
      },
    ])
    expect((await server.as('ada')('GET', '/api/user/v1/me')).body).toEqual({ username: 'lovelace' })
  })
})
