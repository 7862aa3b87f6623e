import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect, replaceUsernames } from './stock-driver.ts'
import { client, openServer, type TestServer } from './support.ts'

const accounts = '/api/user/v1/accounts'

let server: TestServer
beforeAll(async () => {
  server = await openServer({ settings: { username_replacement_worker: 'RETIREMENT_SERVICE_USER' } })
})
afterAll(async () => {
  expect(server.failures).toEqual([])
  await server.close()
})

describe('the program that replaces usernames', () => {
  it('renames here and in every service, and writes its result', async () => {
    const lms = await connect(server.url, client)
    const results = await replaceUsernames(lms, [
      ['ada', 'lovelace'],
      ['bob', 'grace'],
    ])
    expect(results).toEqual([
      ['ada', 'lovelace', 'SUCCESS'],
      ['bob', expect.stringMatching(/^grace-[a-z0-9]{4}$/), 'SUCCESS'],
    ])
    expect((await server.as('ada')('GET', '/api/user/v1/me')).body).toEqual({ username: 'lovelace' })
  })

  it('alone may ask the services', async () => {
    const path = '/api/discussion/v1/accounts/replace_usernames/'
    const username_mappings = [{ ada: 'lovelace' }]
    for (const who of ['ada', 'grace', 'root'])
      expect((await server.as(who)('POST', path, { username_mappings })).status).toBe(403)
  })

  it.each([
    {},
    { username_mappings: 'x' },
    { username_mappings: [{ a: 'b', c: 'd' }] },
    { username_mappings: [{ a: 1 }] },
  ])('is refused with %j', async (body) => {
    const lms = await connect(server.url, client)
    const refused = lms.post('api/discussion/v1/accounts/replace_usernames', body)
    await expect(refused).rejects.toMatchObject({ status: 400 })
  })
})

describe('verifications', () => {
  it.each(['verification_status/', 'verifications/'])('of a person are none: %s', async (path) => {
    const status = async (who: string) => (await server.as(who)('GET', `${accounts}/lovelace/${path}`)).status
    expect([await status('ada'), await status('grace'), await status('bob'), await status('root')]).toEqual([
      404, 404, 403, 403,
    ])
  })

  it('by number are for staff', async () => {
    const status = async (who: string) => (await server.as(who)('GET', `${accounts}/verifications/1/`)).status
    expect([await status('grace'), await status('ada')]).toEqual([404, 403])
  })
})

describe('linked log-ins', () => {
  it('have left no error behind', async () => {
    const { status, body } = await server.as('ada')('GET', `${accounts}/third_party_auth_error/`)
    expect([status, body]).toEqual([200, { user_message: '' }])
  })
})
