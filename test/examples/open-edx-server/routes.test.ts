import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../../../examples/open-edx-server/app.ts'
import { openServer, type TestServer } from './support.ts'

const accounts = '/api/user/v1/accounts'

/** Every route of the specifications: path, methods, and who gets more than a refusal. */
const routes: readonly (readonly [path: string, methods: string, access: 'everyone' | 'logged in' | 'session'])[] = [
  // spec/accounts.md
  ['/api/user/v1/me', 'GET', 'logged in'],
  [accounts, 'GET', 'logged in'],
  [`${accounts}/ada`, 'GET, PATCH', 'logged in'],
  [`${accounts}/ada/image`, 'POST, DELETE', 'logged in'],
  [`${accounts}/ada/deactivate/`, 'POST', 'logged in'],
  [`${accounts}/name_change/`, 'POST', 'logged in'],
  [`${accounts}/name_change/ada/confirm/`, 'POST', 'logged in'],
  [`${accounts}/search_emails`, 'POST', 'logged in'],
  [`${accounts}/replace_usernames/`, 'POST', 'logged in'],
  ['/api/user/v1/modify/', 'POST, PATCH', 'logged in'],
  ['/api/user/v1/validation/registration/', 'POST', 'everyone'],
  [`${accounts}/third_party_auth_error/`, 'GET', 'logged in'],
  [`${accounts}/ada/verification_status/`, 'GET', 'logged in'],
  [`${accounts}/ada/verifications/`, 'GET', 'logged in'],
  [`${accounts}/verifications/1/`, 'GET', 'logged in'],
  ['/api/profile_images/v1/ada/upload', 'POST', 'logged in'],
  ['/api/profile_images/v1/ada/remove', 'POST', 'logged in'],
  ['/activate/0123456789abcdef', 'GET', 'everyone'],
  // spec/preferences.md
  ['/api/user/v1/preferences/ada', 'GET, PATCH', 'logged in'],
  ['/api/user/v1/preferences/ada/time_zone', 'GET, PUT, DELETE', 'logged in'],
  ['/api/user/v1/preferences/email_opt_in/', 'POST', 'everyone'],
  ['/user_api/v1/preferences/email_opt_in/', 'POST', 'everyone'],
  ['/api/user/v1/preferences/time_zones/', 'GET', 'everyone'],
  ['/user_api/v1/preferences/time_zones/', 'GET', 'everyone'],
  ...['/api/user/v1', '/user_api/v1'].flatMap((prefix) =>
    [
      'users/',
      'users/1/',
      'user_prefs/',
      'user_prefs/1-x/',
      'preferences/pref-lang/users/',
      'forum_roles/Moderator/users/',
    ].map((path) => [`${prefix}/${path}`, 'GET', 'everyone'] as const),
  ),
  // spec/retirement.md
  [`${accounts}/deactivate_logout/`, 'POST', 'logged in'],
  [`${accounts}/cancel_retirement/`, 'POST', 'logged in'],
  [`${accounts}/retirement_queue/`, 'GET', 'logged in'],
  [`${accounts}/retirements_by_status_and_date/`, 'GET', 'logged in'],
  [`${accounts}/ada/retirement_status/`, 'GET', 'logged in'],
  [`${accounts}/update_retirement_status/`, 'PATCH', 'logged in'],
  [`${accounts}/retire_misc/`, 'POST', 'logged in'],
  [`${accounts}/retire/`, 'POST', 'logged in'],
  [`${accounts}/retirement_partner_report/`, 'PUT, POST', 'logged in'],
  [`${accounts}/retirement_partner_report_cleanup/`, 'POST', 'logged in'],
  [`${accounts}/retirement_cleanup/`, 'POST', 'logged in'],
  ['/v1/accounts/bulk_retire_users', 'POST', 'logged in'],
  ['/oauth2/access_token', 'POST', 'everyone'],
  ['/api/enrollment/v1/unenroll/', 'POST', 'logged in'],
  // spec/clients.md
  ['/csrf/api/v1/token', 'GET', 'everyone'],
  ['/login_refresh', 'POST', 'session'],
  ['/api/user/v1/account/login_session/', 'POST', 'everyone'],
  ['/api/user/v2/account/login_session/', 'POST', 'everyone'],
  ...['/user_api/v1', '/api/user/v1', '/api/user/v2'].map(
    (prefix) => [`${prefix}/account/registration/`, 'GET, POST', 'everyone'] as const,
  ),
  ['/password_reset/', 'POST', 'everyone'],
  ['/password_reset_confirm/0123456789abcdef', 'GET, POST', 'everyone'],
  ['/', 'GET', 'everyone'],
  ['/login', 'GET, POST', 'everyone'],
  ['/logout', 'GET', 'everyone'],
  ['/account/settings', 'GET', 'everyone'],
  ['/dashboard', 'GET', 'everyone'],
  ['/u/ada', 'GET', 'everyone'],
  ['/i18n/setlang/', 'POST', 'everyone'],
  ['/api/third_party_auth/v0/providers/user_status', 'GET', 'logged in'],
  ['/api/certificates/v0/certificates/ada/', 'GET', 'logged in'],
  ['/api/discussion/v1/accounts/replace_usernames/', 'POST', 'logged in'],
  ['/api/v2/user_management/replace_usernames/', 'POST', 'logged in'],
  ['/api/v2/replace_usernames/', 'POST', 'logged in'],
  ['/api/v1/replace_usernames/', 'POST', 'logged in'],
]

/** Links of mails answer whatever the method. */
const links = ['/email_confirm/0123456789abcdef', '/activate_secondary_email/0123456789abcdef']

const every = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

let server: TestServer
beforeAll(async () => {
  server = await openServer({ bulkRetirement: true, apiKey: 'key' })
})
afterAll(() => server.close())

/** The paths that the app answers to, as it declares them. */
const declared = () =>
  [...new Set(createApp(server.site).routes.map(({ path }) => path))].filter((path) => path !== '/*')

describe('every route', () => {
  it('is tried here', () => {
    const tried = [...routes.map(([path]) => path), ...links, '/profile-images/x']
    const untried = declared().filter((path) => {
      const pattern = new RegExp(`^${path.replace(/:\w+(\{[^}]*\})?/g, '[^/]+')}$`)
      return !tried.some((one) => pattern.test(one))
    })
    expect(untried).toEqual([])
  })

  it('is in the README', () => {
    const readme = readFileSync(join(import.meta.dirname, '../../../examples/open-edx-server/README.md'), 'utf8')
    const told = [...readme.matchAll(/`([…/][^`]*)`/g)].map(([, path = '']) => path.replace('…', '/api/user/v1'))
    const untold = declared().filter((path) => {
      const named = path.replace(/:(\w+)(\{[^}]*\})?/g, '{$1}')
      const moved = named.replace(/^\/(user_api\/v1|api\/user\/v2)\//, '/api/user/v1/')
      return !told.includes(moved)
    })
    expect(untold).toEqual([])
  })

  it.each(routes)(
    '%s answers to %s, and tells nobody more who has not logged in where it wants that',
    async (path, methods, access) => {
      const there = methods.split(', ')
      const allow = [...there, ...(there.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')
      const told = await server.as('grace')('OPTIONS', path)
      expect([told.status, told.headers.get('allow')]).toEqual([200, allow])
      expect((await server.as(undefined)('OPTIONS', path)).status).toBe(access === 'logged in' ? 401 : 200)
      for (const method of every) {
        const anonymous = await server.as(undefined)(method, path)
        const isOpen = access === 'everyone' || (access === 'session' && !there.includes(method))
        expect([method, anonymous.status === 401]).toEqual([method, !isOpen])
        if (access === 'logged in') expect(anonymous.headers.get('www-authenticate')).toMatch(/^JWT /)
        if (there.includes(method)) continue
        const refused = await server.as('grace')(method, path)
        expect([method, refused.status, refused.headers.get('allow')]).toEqual([method, 405, allow])
      }
    },
  )

  it.each(links)('%s answers a page to every method, whoever asks', async (path) => {
    for (const method of every) {
      const { status, headers } = await server.as(undefined)(method, path)
      expect([method, status, headers.get('content-type')]).toEqual([method, 200, 'text/html; charset=UTF-8'])
    }
  })

  it.each([
    `${accounts}/ada/`,
    `${accounts}/a%2Fb`,
    `${accounts}/a*b`,
    `${accounts}/%E0%A4%A`,
    '/api/user/v1/me/',
    '/api/user/v1/preferences/ada/pref-lang',
    '/api/user/v1/accounts/retire_mailings/',
    '/api/discussion/v1/accounts/retire_forum/',
  ])('%s is no route', async (path) => {
    for (const method of [...every, 'OPTIONS']) {
      const { status, body } = await server.as('grace')(method, path)
      expect([method, status, Object.keys(body)]).toEqual([method, 404, ['detail']])
    }
  })

  it('answers HEAD as it answers GET, without a body', async () => {
    const { status, text } = await server.as('ada')('HEAD', `${accounts}/ada`)
    expect([status, text]).toEqual([200, ''])
  })

  it('has the bulk request for retirement only where it is switched on', async () => {
    const other = await openServer()
    const { status } = await other.as('root')('POST', '/v1/accounts/bulk_retire_users', { usernames: '' })
    expect(status).toBe(404)
    await other.close()
  })

  it('fails for nobody', () => expect(server.failures).toEqual([]))
})
