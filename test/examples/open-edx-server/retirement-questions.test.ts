import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asWorker, openServer, type TestServer } from './support.ts'

const accounts = '/api/user/v1/accounts'

let server: TestServer
beforeAll(async () => {
  server = await openServer()
})
afterAll(async () => {
  expect(server.failures).toEqual([])
  await server.close()
})

describe('the queue of retirements', () => {
  it('says in a text what is wrong with a question', async () => {
    const send = await asWorker(server)
    for (const [query, argument] of [
      ['', 'cool_off_days'],
      ['?cool_off_days=x&states=PENDING', 'cool_off_days'],
      ['?cool_off_days=-1&states=PENDING', 'cool_off_days'],
      ['?cool_off_days=7', 'states'],
      ['?cool_off_days=7&states=NOWHERE', 'states'],
      ['?cool_off_days=7&states=PENDING&states=PENDING', 'states'],
      ['?cool_off_days=7&states=PENDING&limit=x', 'limit'],
      ['?cool_off_days=7&states=PENDING&limit=-1', 'limit'],
    ] as const) {
      const { status, body } = await send('GET', `/retirement_queue/${query}`)
      expect([query, status]).toEqual([query, 400])
      expect(body).toMatch(new RegExp(`^bad_request: ${argument} must be `))
    }
  })

  it('says what is wrong with dates and state of a question', async () => {
    const send = await asWorker(server)
    for (const [query, argument] of [
      ['?end_date=2026-06-01&state=PENDING', 'start_date'],
      ['?start_date=2026-06-01&state=PENDING', 'end_date'],
      ['?start_date=x&end_date=2026-06-01&state=PENDING', 'start_date'],
      ['?start_date=2026-06-02&end_date=2026-06-01&state=PENDING', 'end_date'],
      ['?start_date=2026-06-01&end_date=2026-06-16&state=PENDING', 'end_date'],
      ['?start_date=2026-06-01&end_date=2026-06-15', 'state'],
      ['?start_date=2026-06-01&end_date=2026-06-15&state=NOWHERE', 'state'],
    ] as const) {
      const { status, body } = await send('GET', `/retirements_by_status_and_date/${query}`)
      expect([query, status]).toEqual([query, 400])
      expect(body).toMatch(new RegExp(`^bad_request: ${argument} must be `))
    }
  })

  it('is nobody’s business but the worker’s and that of superusers', async () => {
    const { body } = await server.as('root')('GET', `${accounts}/retirement_queue/?cool_off_days=7&states=PENDING`)
    expect(body).toEqual([])
    for (const [method, path] of [
      ['GET', 'retirement_queue/'],
      ['GET', 'retirements_by_status_and_date/'],
      ['GET', 'ada/retirement_status/'],
      ['PATCH', 'update_retirement_status/'],
      ['POST', 'retire_misc/'],
      ['POST', 'retire/'],
      ['PUT', 'retirement_partner_report/'],
      ['POST', 'retirement_partner_report/'],
      ['POST', 'retirement_partner_report_cleanup/'],
      ['POST', 'retirement_cleanup/'],
    ] as const) {
      for (const who of ['ada', 'grace']) {
        const { status, body: refused } = await server.as(who)(method, `${accounts}/${path}`)
        expect([path, status, Object.keys(refused)]).toEqual([path, 403, ['detail']])
      }
    }
  })
})
