import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { form, json, mergePatch, openServer, type TestServer } from './support.ts'

const preferences = '/api/user/v1/preferences'

let server: TestServer
beforeAll(async () => {
  server = await openServer({ apiKey: 'a key for servers' })
})
afterAll(async () => {
  expect(server.failures).toEqual([])
  await server.close()
})

const get = (username: string | undefined, path: string) => server.as(username)('GET', preferences + path)
const patch = (username: string, target: string, body: unknown, type = mergePatch) =>
  server.as(username)('PATCH', `${preferences}/${target}`, body, { 'Content-Type': type })

describe('the preferences of a person', () => {
  it('are created, changed and deleted by one merge patch, and read as texts', async () => {
    expect((await get('ada', '/ada')).body).toEqual({})
    const first = await patch('ada', 'ada', { new_pref: 'new', count: 10, flag: true, list: [1, 'a', null] })
    expect([first.status, first.text]).toEqual([204, ''])
    expect((await get('ada', '/ada')).body).toEqual({
      new_pref: 'new',
      count: '10',
      flag: 'True',
      list: '[1,"a",null]',
    })
    expect((await patch('ada', 'ada', { new_pref: 'updated', count: null, ghost: null })).status).toBe(204)
    expect((await get('ada', '/ada')).body).toEqual({ new_pref: 'updated', flag: 'True', list: '[1,"a",null]' })
  })

  it('name every key that is refused, and then stay as they are', async () => {
    const before = (await get('ada', '/ada')).body
    const long = 'k'.repeat(256)
    const { status, body } = await patch('ada', 'ada', { ok: 'v', empty: '', time_zone: 'Asia/Africa', [long]: 'v' })
    expect(status).toBe(400)
    expect(Object.keys(body.field_errors).sort()).toEqual(['empty', long, 'time_zone'])
    expect(body.field_errors.time_zone).toMatchObject({
      developer_message: expect.any(String),
      user_message: expect.any(String),
    })
    expect((await get('ada', '/ada')).body).toEqual(before)
  })

  it('cannot be changed by nothing', async () => {
    for (const [body, type] of [
      ['{}', mergePatch],
      ['[]', mergePatch],
      ['"x"', mergePatch],
      ['null', mergePatch],
      ['', mergePatch],
      ['', json],
    ] as const) {
      const { status, body: error } = await patch('ada', 'ada', body, type)
      expect([body, status, Object.keys(error)]).toEqual([body, 400, ['developer_message', 'user_message']])
    }
    expect((await patch('ada', 'ada', '{"a":')).body).toEqual({ detail: expect.any(String) })
  })

  it('are changed by a merge patch and nothing else, whose media type may have parameters here', async () => {
    for (const type of [json, 'text/plain']) expect((await patch('ada', 'ada', { a: '1' }, type)).status).toBe(415)
    expect((await patch('ada', 'ada', { a: '1' }, `${mergePatch}; charset=utf-8`)).status).toBe(204)
  })

  it.each([
    ['alice reads somebody', 'bob', 'GET', 'ada', 403],
    ['alice reads nobody', 'bob', 'GET', 'nobody', 403],
    ['staff read somebody', 'grace', 'GET', 'ada', 200],
    ['staff read nobody', 'grace', 'GET', 'nobody', 404],
    ['a superuser reads somebody', 'root', 'GET', 'ada', 403],
    ['staff change somebody', 'grace', 'PATCH', 'ada', 403],
    ['staff change nobody', 'grace', 'PATCH', 'nobody', 403],
    ['alice changes somebody', 'bob', 'PATCH', 'ada', 403],
  ])('are guarded: %s', async (_what, requester, method, target, status) => {
    const answer = await server.as(requester)(
      method,
      `${preferences}/${target}`,
      method === 'PATCH' ? { a: '1' } : undefined,
    )
    expect([answer.status, status === 200 || answer.text === '']).toEqual([status, true])
  })

  it('tell staff of an empty patch before they tell them that they may not; others never', async () => {
    expect((await patch('grace', 'ada', {})).status).toBe(400)
    expect((await patch('bob', 'ada', {})).status).toBe(403)
  })

  it('are all kept when many are written at once', async () => {
    const keys = Array.from({ length: 8 }, (_, index) => `parallel-${index}`)
    await Promise.all(keys.map((key) => patch('bob', 'bob', { [key]: key })))
    expect(Object.keys((await get('bob', '/bob')).body).sort()).toEqual(keys)
  })
})

describe('one preference', () => {
  const answer = '/grace/answer'
  const put = (body: string, type = json) =>
    server.as('grace')('PUT', preferences + answer, body, { 'Content-Type': type })

  it('is set to any JSON value, read as a text, and deleted once', async () => {
    expect((await get('grace', answer)).status).toBe(404)
    for (const [body, text] of [
      ['42', '42'],
      ['"x"', 'x'],
      ['true', 'True'],
      ['{"a":1}', '{"a":1}'],
    ] as const) {
      expect([(await put(body)).status, (await get('grace', answer)).body]).toEqual([204, text])
    }
    expect((await server.as('grace')('DELETE', preferences + answer)).status).toBe(204)
    const gone = await server.as('grace')('DELETE', preferences + answer)
    expect([gone.status, gone.text]).toEqual([404, ''])
  })

  it('is refused in two texts when it is nothing', async () => {
    for (const body of ['null', '"   "']) {
      const { status, body: error } = await put(body)
      expect([body, status, Object.keys(error)]).toEqual([body, 400, ['developer_message', 'user_message']])
    }
    expect((await put('')).status).toBe(400)
    expect((await put('x', 'text/plain')).status).toBe(415)
  })

  it('belongs to its person: staff read it, others do not', async () => {
    await patch('ada', 'ada', { seen: 'yes' })
    expect((await get('grace', '/ada/seen')).body).toBe('yes')
    for (const [requester, method, target] of [
      ['bob', 'GET', 'ada'],
      ['bob', 'GET', 'nobody'],
      ['grace', 'PUT', 'ada'],
      ['grace', 'DELETE', 'ada'],
    ] as const) {
      const { status, text } = await server.as(requester)(
        method,
        `${preferences}/${target}/seen`,
        method === 'PUT' ? '1' : undefined,
      )
      expect([status, text]).toEqual([403, ''])
    }
    expect((await get('grace', '/nobody/seen')).status).toBe(404)
  })
})

describe('e-mail of an organisation', () => {
  const path = `${preferences}/email_opt_in/`
  const course_id = 'course-v1:OrgX+Engines+2026'
  const choose = (fields: Record<string, string>, requester = 'ada') => server.as(requester)('POST', path, form(fields))
  const chosen = () => server.site.users.emailOptIns.get({ username: 'ada' }, 'ada', 'OrgX')

  it('is wanted or not, as a form says', async () => {
    for (const [email_opt_in, wanted] of [
      ['TrUe', true],
      ['Banana', false],
      ['true', true],
      ['1', false],
    ] as const) {
      const { status, text, headers } = await choose({ course_id, email_opt_in })
      expect([status, text]).toEqual([200, ''])
      expect(headers.getSetCookie().join()).toContain('csrftoken=')
      expect(await chosen()).toBe(wanted)
    }
  })

  it('has to be named in full, in a form', async () => {
    const answers = [
      await choose({ course_id }),
      await choose({ email_opt_in: 'true' }),
      await choose({ course_id: 'no course', email_opt_in: 'true' }),
      await server.as('ada')('POST', path, { course_id, email_opt_in: 'true' }),
    ]
    expect(answers.map(({ status, headers }) => [status, headers.get('content-type')])).toEqual(
      answers.map(() => [400, 'text/plain; charset=UTF-8']),
    )
  })

  it('is for those who have logged in, who else gets 403', async () => {
    expect((await server.as(undefined)('POST', path, form({ course_id, email_opt_in: 'true' }))).status).toBe(403)
  })
})

describe('time zones', () => {
  it('are those of a country, or all where it is unknown or has none', async () => {
    for (const prefix of ['/api/user/v1', '/user_api/v1']) {
      const zones = async (query: string) => {
        const { body } = await server.as(undefined)('GET', `${prefix}/preferences/time_zones/${query}`)
        return body.length
      }
      const all = await zones('')
      expect(await Promise.all(['?country_code=es', '?country_code=JP'].map(zones))).toEqual([3, 1])
      for (const query of ['?country_code=', '?country_code=BV', '?country_code=Spain'])
        expect(await zones(query)).toBe(all)
    }
  })
})

describe('lists for servers', () => {
  const list = (path: string, key = 'a key for servers') =>
    server.as(undefined)('GET', `/user_api/v1/${path}`, undefined, { 'X-Edx-Api-Key': key })

  it('are for those who have the key', async () => {
    expect((await list('users/', 'another')).status).toBe(403)
    expect((await server.as('root')('GET', '/user_api/v1/users/')).status).toBe(403)
    const closed = await openServer()
    expect((await closed.as('root')('GET', '/user_api/v1/users/')).status).toBe(403)
    await closed.close()
  })

  it('have numbered pages, with links to those around', async () => {
    const first = (await list('users/?page_size=4')).body
    expect(first).toMatchObject({ count: 6, num_pages: 2, current_page: 1, start: 0, previous: null })
    expect(first.next).toBe(`${server.url}/user_api/v1/users/?page_size=4&page=2`)
    const last = (await list('users/?page_size=4&page=last')).body
    expect(last).toMatchObject({ current_page: 2, start: 4, next: null })
    expect(last.previous).toBe(`${server.url}/user_api/v1/users/?page_size=4`)
    expect([...first.results, ...last.results].map(({ username }) => username)).toEqual([
      ...['ada', 'bob', 'grace', 'root', 'renamer', 'RETIREMENT_SERVICE_USER'],
    ])
    expect((await list('users/?page=3')).status).toBe(404)
    expect((await list('users/?page_size=x')).body.results).toHaveLength(6)
  })

  it('show people with their preferences, and preferences with their people', async () => {
    await server.as('root')('PATCH', `${preferences}/root`, { 'pref-lang': 'it', theme: 'dark' })
    const [root] = (await list('preferences/pref-lang/users/')).body.results
    expect(root).toEqual({
      id: root.id,
      url: `${server.url}/user_api/v1/users/${root.id}/`,
      email: 'root@example.com',
      name: 'root example',
      username: 'root',
      preferences: { 'pref-lang': 'it', theme: 'dark' },
    })
    const { results } = (await list(`user_prefs/?key=theme&user=${root.id}`)).body
    expect(results).toEqual([{ user: root, key: 'theme', value: 'dark', url: results[0].url }])
    expect((await list(results[0].url.slice(`${server.url}/user_api/v1/`.length))).body).toEqual(results[0])
    expect((await list(`users/${root.id}/`)).body).toEqual(root)
    for (const path of ['users/999/', 'users/x/', 'user_prefs/999-theme/', 'user_prefs/x/'])
      expect([path, (await list(path)).status]).toEqual([path, 404])
  })

  it('need a course to ask for roles in its forum', async () => {
    expect((await list('forum_roles/Moderator/users/')).status).toBe(400)
    const { body } = await list('forum_roles/Moderator/users/?course_id=course-v1:OrgX%2BEngines%2B2026')
    expect(body).toMatchObject({ count: 0, results: [] })
  })
})
