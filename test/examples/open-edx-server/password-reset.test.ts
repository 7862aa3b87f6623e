import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deliver } from '../../../examples/open-edx-server/deliver.ts'
import { openPage } from './stock-page.ts'
import { form, openServer, password, type TestServer } from './support.ts'

const accounts = '/api/user/v1/accounts'
const another = 'notes and engines'

let server: TestServer
beforeAll(async () => {
  server = await openServer({ passwordResetLimit: 100 })
})
afterAll(async () => {
  expect(server.failures).toEqual([])
  await server.close()
})

const anonymously = (method: string, path: string, body?: unknown) => server.as(undefined)(method, path, body)
const ask = (email: string) => anonymously('POST', '/password_reset/', form({ email }))

/** Asks for a link and takes it from the mail; undefined where no mail comes. */
async function linkFor(email: string): Promise<string | undefined> {
  const { status, body } = await ask(email)
  expect([status, body]).toEqual([200, { success: true }])
  const mails = (await server.mails()).filter(({ name }) => name === 'password_reset')
  expect(mails.length).toBeLessThanOrEqual(1)
  return mails[0]?.link?.slice(server.url.length)
}

const change = (link: string | undefined, new_password: string) =>
  anonymously('POST', link ?? '', form({ new_password }))

describe('a forgotten password', () => {
  it('is changed by a link that works once, and ends whatever was logged in', async () => {
    const page = await openPage(server, 'ada', password)
    const link = await linkFor(' ADA@example.com ')
    expect((await anonymously('GET', link ?? '')).text).toContain('name="new_password"')
    const refused = await change(link, 'short')
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('8 characters')])
    expect((await change(link, another)).status).toBe(200)
    expect((await page.get(`${accounts}/ada`)).status).toBe(401)
    await expect(openPage(server, 'ada', password)).rejects.toThrow('400')
    await openPage(server, 'ada', another)
    const used = await change(link, password)
    expect([used.status, used.text]).toEqual([400, expect.stringContaining('used up')])
    await server.wait(0)
  })

  it('is answered alike for an unknown address, a username and a person without a password', async () => {
    for (const email of ['nobody@example.com', 'bob', 'grace@example.com', ''])
      expect(await linkFor(email)).toBeUndefined()
  })

  it.each([
    ['time', async () => server.clock.advance(3_600_000)],
    [
      'another address',
      () => server.site.users.accounts.updateAsOperator({ system: true }, 'bob', { email: 'bob@new.example' }),
    ],
    [
      'another password',
      () => server.site.users.accounts.updateAsOperator({ system: true }, 'bob', { password: 'yet another one' }),
    ],
    ['a lock-out', () => server.as('root')('POST', `${accounts}/bob/deactivate/`)],
  ])('is not changed by a link that %s has ended', async (_, end) => {
    const { email } = (await server.as('grace')('GET', `${accounts}/bob`)).body
    const link = await linkFor(email)
    expect(link).toBeDefined()
    await end()
    expect((await change(link, another)).status).toBe(400)
    await server.wait(0)
  })

  it('is not mailed after a lock-out, which support alone takes back', async () => {
    expect(await linkFor('bob@new.example')).toBeUndefined()
  })

  it('is not changed by a link once a retirement is asked for, nor is one mailed', async () => {
    const link = await linkFor('ada@example.com')
    await ask('ada@example.com')
    await server.site.users.retirement.request({ system: true }, 'ada')
    expect((await server.mails()).map(({ name }) => name)).toEqual(['retirement_requested'])
    expect((await change(link, another)).status).toBe(400)
    expect(await linkFor('ada@example.com')).toBeUndefined()
  })

  it('can be asked for a few times in an hour', async () => {
    const limited = await openServer({ passwordResetLimit: 1 })
    const request = () => limited.as(undefined)('POST', '/password_reset/', form({ email: 'ada@example.com' }))
    expect([(await request()).status, (await request()).status]).toEqual([200, 403])
    limited.clock.advance(3_600_000)
    expect((await request()).status).toBe(200)
    await limited.close()
  })

  it('is mailed later when the mail could not be sent', async () => {
    const failures: unknown[] = []
    const other = await openServer({ onFailure: (error) => failures.push(error) })
    await other.as(undefined)('POST', '/password_reset/', form({ email: 'ada@example.com' }))
    const broken = new Error('no mail today')
    await deliver(other.site, () => Promise.reject(broken))
    expect(failures).toEqual([broken])
    expect((await other.mails()).map(({ name, to }) => [name, to])).toEqual([['password_reset', 'ada@example.com']])
    await other.close()
  })
})
