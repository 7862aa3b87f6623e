import { sql } from 'kysely'
import { expect, it } from 'vitest'
import type { Claim } from '../../../src/retirement/operations/load-retirement.ts'
import { defaultPipeline, definePipeline, sortStates } from '../../../src/retirement/pipeline.ts'
import { system } from '../../../src/site/actor.ts'
import type { Whom } from '../../../src/site/whom.ts'
import { drain } from '../../support/host.ts'
import { spelled } from '../../support/spelled.ts'
import { onSite } from './site.ts'

const settings = {
  retired_identifier_scheme: 'sha1',
  retired_user_salts: ['abc', 'pepper'],
  minimum_cool_off_days: 0,
  settle_minutes: 0,
} as const

onSite('retirement in an Open edX database', (site) => {
  const users = () => site().users({ settings })
  const move = (state: string) => users().retirement.move(system, 'Ada', { state, note: 'ok' })
  const stateId = async (name: string) =>
    (await site().rows('user_api_retirementstate')).find((state) => state.state_name === name)?.id

  it('derives the meaning of states from their names', async () => {
    const states = sortStates(await site().repository.select('retirement_states', {}))
    const names = defaultPipeline.states.map((state) => ({
      ...state,
      // The original names no steps.
      step: state.step === null ? null : expect.any(String),
    }))
    expect(states).toEqual(names)
    for (const [index, state] of states.entries()) {
      if (state.kind === 'done') expect(states[index - 1]).toMatchObject({ kind: 'working', step: state.step })
    }
  })

  it('goes from the request to the clean-up in the original’s rows', async () => {
    await users().retirement.request(system, 'ada')
    const [status] = await site().rows('user_api_userretirementstatus')
    expect(status).toMatchObject({
      user_id: 4,
      original_username: 'Ada',
      original_email: 'Ada@Example.com',
      original_name: 'Ada Lovelace',
      retired_username: expect.stringMatching(/^retired__user_[0-9a-f]{40}$/),
      retired_email: expect.stringMatching(/^retired__user_[0-9a-f]{40}@retired.invalid$/),
      current_state_id: 21,
      last_state_id: 21,
      responses: '',
    })
    const moments = await sql<
      Record<string, unknown>
    >`select cast(s.created as char) as s, cast(r.created as char) as r,
      cast(r.modified as char) as m from user_api_userretirementstatus s join user_api_userretirementrequest r
      on r.user_id = s.user_id`.execute(site().original)
    const at = '2024-06-15 12:00:00.123000'
    expect(moments.rows).toEqual([{ s: at, r: at, m: at }])
    expect(await site().row('auth_user')).toMatchObject({ username: 'Ada', email: status?.retired_email, is_active: 1 })
    // Everything that could bring the old address back is deleted, the original's links among it.
    for (const table of ['auth_accountrecovery', 'student_pendingemailchange', 'student_pendingsecondaryemailchange']) {
      expect(await site().rows(table), table).toEqual([])
    }
    expect(await site().rows('auth_registration')).toMatchObject([{ user_id: 5 }])
    expect((await users().retirement.retiredUsers(system)).items).toEqual([])

    await move('RETIRING_LMS')
    expect(await site().row('user_api_userretirementstatus')).toMatchObject({ current_state_id: 32, last_state_id: 21 })
    expect((await users().retirement.retiredUsers(system)).items).toEqual([4])
    await users()
      .retirement.runStep(system, 'Ada', 'misc')
      .catch(() => {})
    await users().retirement.runStep(system, 'Ada', 'account')
    expect(await site().row('auth_user')).toMatchObject({
      username: status?.retired_username,
      email: status?.retired_email,
      first_name: '',
      last_name: '',
      is_active: 0,
    })
    expect(await site().row('auth_userprofile')).toMatchObject({
      name: '',
      meta: '',
      language: '',
      location: '',
      year_of_birth: null,
      gender: null,
      country: null,
      city: null,
      bio: null,
      goals: null,
      phone_number: null,
      profile_image_uploaded_at: null,
    })
    for (const table of [
      'student_sociallink',
      'student_languageproficiency',
      'student_pendingnamechange',
      'user_api_userorgtag',
      'user_api_usercoursetag',
    ]) {
      expect(await site().rows(table), table).toEqual([])
    }
    expect(await site().rows('user_api_userpreference')).toMatchObject([{ user_id: 5 }])

    await move('LMS_COMPLETE')
    await move('COMPLETE')
    await users().retirement.cleanUp(system, ['Ada'])
    expect(await site().rows('user_api_userretirementstatus')).toEqual([])
    expect(await site().rows('user_api_userretirementrequest')).toMatchObject([{ user_id: 4 }])
    expect(await site().rows('usercore_retirement_history')).toHaveLength(4)
    expect((await users().retirement.retiredUsers(system)).items).toEqual([4])
    // The name cannot be taken again, and is stored nowhere.
    const again = users().accounts.create(system, { username: 'ada', email: 'x@example.com', name: 'X' })
    await expect(again).rejects.toMatchObject({ field_errors: { username: {} } })
    const dump = JSON.stringify([
      await site().rows('auth_user'),
      await site().rows('auth_userprofile'),
      await site().rows('usercore_retirements'),
      await site().rows('usercore_pending_name_changes'),
    ])
    expect(dump).not.toMatch(spelled('ada|lovelace'))
  })

  it('drives retirements that the original began, and sees the moves of the original', async () => {
    await sql`insert into user_api_userretirementrequest (created, modified, user_id)
      values ('2024-06-01 00:00:00.5', '2024-06-01 00:00:00.5', 5)`.execute(site().original)
    await sql`insert into user_api_userretirementstatus (id, created, modified, original_username, original_email,
      original_name, retired_username, retired_email, responses, current_state_id, last_state_id, user_id)
      values (77, '2024-06-01 00:00:00.5', '2024-06-02 00:00:00', 'bob', 'bob@example.com', '', 'retired__user_x',
      'retired__user_x@retired.invalid', 'Created in state PENDING', 21, 21, 5)`.execute(site().original)
    const { retirement } = users()
    const { items } = await retirement.list(system, { states: ['PENDING'], coolOffDays: 7 })
    expect(items).toMatchObject([
      {
        id: 77,
        original_username: 'bob',
        current_state: { state_name: 'PENDING' },
        created: '2024-06-01T00:00:00.500000Z',
      },
    ])
    const [claim] = await retirement.claim(system, {})
    expect(claim?.retirement.id).toBe(77)
    expect(await retirement.claim(system, {})).toEqual([])
    expect(await site().rows('usercore_retirements')).toMatchObject([{ user_id: 5, lease: claim?.lease }])

    const moving = (target: Whom | Claim = 'bob') => retirement.move(system, target, { state: 'RETIRING_FORUMS' })
    await expect(moving()).rejects.toMatchObject({ code: 'conflict' })
    // The original keeps no leases: it has moved on, and a step back is refused.
    await sql`update user_api_userretirementstatus set last_state_id = 21, current_state_id = ${await stateId('FORUMS_COMPLETE')},
      responses = concat(responses, ' moved'), modified = now(6)`.execute(site().original)
    await expect(moving(claim)).rejects.toMatchObject({ params: { reason: 'not_later' } })
    await retirement.move(system, claim ?? '', { state: 'ERRORED', note: 'x' })
    expect(await site().row('user_api_userretirementstatus')).toMatchObject({
      id: 77,
      current_state_id: 34,
      responses: 'Created in state PENDING moved',
    })
    expect(await site().rows('usercore_retirements')).toMatchObject([{ user_id: 5, lease: null, leased_until: null }])
  })

  it('does not move a retirement that the original moved meanwhile', async () => {
    await users().retirement.request(system, 'ada')
    const [before] = await site().repository.select('retirements', { user_id: 4 })
    const { version = 0 } = before ?? {}
    await sql`update user_api_userretirementstatus set current_state_id = 22, modified = now(6)`.execute(
      site().original,
    )
    const late = await site().repository.commit([
      {
        update: 'retirements',
        set: { current_state: 'RETIRING_LMS', version: version + 1 },
        where: { user_id: 4, version },
        guarded: true,
      },
    ])
    expect(late).toBe(false)
    expect(await site().row('user_api_userretirementstatus')).toMatchObject({ current_state_id: 22 })
  })

  it('refuses unknown states', async () => {
    await users().retirement.request(system, 'ada')
    const nowhere = { current_state: 'NOWHERE' }
    expect(await site().repository.commit([{ update: 'retirements', set: nowhere, where: { user_id: 4 } }])).toBe(false)
    expect(await site().repository.commit([{ delete: 'retirement_states', where: { state_name: 'PENDING' } }])).toBe(
      false,
    )
  })

  it('cancels by the number of the row, and gives the address back', async () => {
    await users().retirement.request(system, 'ada')
    const [status] = await site().rows('user_api_userretirementstatus')
    const { id } = await users().retirement.get(system, 'Ada')
    expect(id).toBe(status?.id)
    await users().retirement.cancel(system, { id })
    expect(await site().rows('user_api_userretirementstatus')).toEqual([])
    expect(await site().rows('user_api_userretirementrequest')).toEqual([])
    expect(await site().row('auth_user')).toMatchObject({ email: 'Ada@Example.com' })
    await users().retirement.request(system, 'ada')
  })

  it('sets pipelines of a site, in any order and with any names', async () => {
    const pipeline = definePipeline([
      { step: 'mail', working: 'WRITING', done: 'WRITTEN' },
      { step: 'account', working: 'RETIRING_NOTES', done: 'NOTES_COMPLETE', action: 'account' },
      { step: 'notes', working: 'LOCKING_ACCOUNT', done: 'LOCKING_COMPLETE' },
    ])
    await users().retirement.setPipeline(system, pipeline)
    expect(sortStates(await site().repository.select('retirement_states', {}))).toEqual(pipeline.states)
    const rows = await site().rows('user_api_retirementstate')
    const names = rows.sort((a, b) => Number(a.state_execution_order) - Number(b.state_execution_order))
    expect(
      names.map(({ state_name, state_execution_order, is_dead_end_state, required }) => [
        state_name,
        state_execution_order,
        is_dead_end_state,
        required,
      ]),
    ).toEqual([
      ['PENDING', 1, 0, 1],
      ['WRITING', 11, 0, 0],
      ['WRITTEN', 21, 0, 0],
      ['RETIRING_NOTES', 31, 0, 0],
      ['NOTES_COMPLETE', 41, 0, 0],
      ['LOCKING_ACCOUNT', 51, 0, 0],
      ['LOCKING_COMPLETE', 61, 0, 0],
      ['ERRORED', 71, 1, 1],
      ['ABORTED', 81, 1, 1],
      ['COMPLETE', 91, 1, 1],
    ])
    // States that stayed are the same rows: work items refer to them.
    expect(rows.find(({ state_name }) => state_name === 'RETIRING_NOTES')?.id).toBe(30)
    await users().retirement.request(system, 'ada')
    await move('WRITING')
    await expect(users().retirement.runStep(system, 'Ada', 'account')).rejects.toMatchObject({
      params: { reason: 'wrong_step' },
    })
  })

  it('reports to partners through the original’s table, and does not take reports that the original took', async () => {
    const enrollments = {
      coursesOf: async () => [],
      async *enrolledIn() {},
      enrollmentsOf: async (ids: readonly (number | string)[]) =>
        ids.map((user_id) => ({ user_id, course_id: 'course-v1:OrgX+C+R' })),
    }
    const { retirement } = site().users({ settings, enrollments })
    await retirement.request(system, 'ada')
    await move('RETIRING_LMS')
    await retirement.runStep(system, 'Ada', 'partner_report')
    await sql`insert into user_api_userretirementpartnerreportingstatus (created, modified, original_username,
      original_email, original_name, is_being_processed, user_id) values (now(6), now(6), 'bob', 'bob@example.com', '', 1, 5)`.execute(
      site().original,
    )
    const table = 'user_api_userretirementpartnerreportingstatus'
    expect(await site().rows(table)).toMatchObject([
      { user_id: 4, original_username: 'Ada', original_name: 'Ada Lovelace', is_being_processed: 0 },
      { user_id: 5, is_being_processed: 1 },
    ])
    const { batchId, reports } = await retirement.partnerReports.take(system, {})
    expect(reports).toMatchObject([{ user_id: 4, orgs: ['OrgX'] }])
    expect(await site().row(table)).toMatchObject({ user_id: 4, is_being_processed: 1 })
    // An operator resets the report: it is free again.
    await sql`update user_api_userretirementpartnerreportingstatus set is_being_processed = 0`.execute(site().original)
    expect((await retirement.partnerReports.take(system, {})).reports.map(({ user_id }) => user_id).sort()).toEqual([
      4, 5,
    ])
    expect(batchId).toBeTypeOf('string')
    await retirement.partnerReports.finish(system, ['Ada', 'bob'], {})
    expect(await site().rows(table)).toEqual([])
    expect(await site().rows('usercore_partner_reports')).toEqual([])
  })

  it('sends the host every message', async () => {
    await users().retirement.request(system, 'ada')
    await move('RETIRING_LMS')
    await users().retirement.runStep(system, 'Ada', 'account')
    expect((await drain(users())).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['profile_image.removed', 'retire_account']),
    )
  })
})
