import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPage, type StockPage } from './stock-page.ts'
import { openServer, password, type TestServer } from './support.ts'

/** The requests of the profile page (clients.md, sections 7 to 10), as it sends them. */
const account = '/api/user/v1/accounts/ada'
const preferences = '/api/user/v1/preferences/ada'

let server: TestServer
let page: StockPage
beforeAll(async () => {
  server = await openServer()
  page = await openPage(server, 'ada', password)
})
afterAll(async () => {
  expect(server.failures).toEqual([])
  await server.close()
})

/** A picture of 1 x 1 pixels, and then something to make it long enough. */
const picture = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(200)])

const upload = (name: string, type: string, content: Uint8Array) => {
  const body = new FormData()
  body.set('file', new File([new Uint8Array(content)], name, { type }))
  return body
}

describe('the profile page', () => {
  it('loads the own profile, and then makes its fields public one by one', async () => {
    const [own, , countries, chosen] = await Promise.all(
      [account, '/api/certificates/v0/certificates/ada/', '/user_api/v1/account/registration/', preferences].map(
        page.get,
      ),
    )
    expect(own?.body).toMatchObject({ account_privacy: 'all_users', profile_image: { has_image: false } })
    expect(countries?.body.fields.length).toBeGreaterThan(0)
    expect(chosen?.body).toEqual({})

    const visibility = {
      account_privacy: 'custom',
      'visibility.name': 'all_users',
      'visibility.bio': 'all_users',
      'visibility.course_certificates': 'all_users',
      'visibility.country': 'all_users',
      'visibility.date_joined': 'all_users',
      'visibility.level_of_education': 'all_users',
      'visibility.language_proficiencies': 'all_users',
      'visibility.social_links': 'all_users',
      'visibility.time_zone': 'all_users',
    }
    expect((await page.patch(preferences, visibility)).status).toBe(204)
    expect((await page.get(preferences)).body).toEqual(visibility)
    const seen = await (await openPage(server, 'bob', password)).get(account)
    expect(Object.keys(seen.body)).toHaveLength(12)
    expect(seen.body).toMatchObject({ account_privacy: 'custom', name: 'ada example' })
  })

  it('saves a text, then who may see it, then reads the preferences', async () => {
    expect((await page.patch(account, { bio: 'Hello' })).body).toMatchObject({ bio: 'Hello', username: 'ada' })
    const visibility = { 'visibility.bio': 'private', account_privacy: 'custom' }
    expect((await page.patch(preferences, visibility)).status).toBe(204)
    expect((await page.get(preferences)).body).toMatchObject(visibility)
    const seen = await (await openPage(server, 'bob', password)).get(account)
    expect(seen.body).not.toHaveProperty('bio')
  })

  it('shows the profile of somebody else, and that there is nobody of a name', async () => {
    expect((await page.get('/api/user/v1/accounts/bob')).body).toMatchObject({ username: 'bob', social_links: [] })
    expect((await page.get('/api/user/v1/accounts/nobody')).status).toBe(404)
  })

  it('gets the texts of every field that was refused', async () => {
    const { body } = await page.patch(account, { name: 'https://example.com', bio: 'x'.repeat(301) })
    expect(body.field_errors).toMatchObject({
      name: { user_message: 'A name cannot contain a web address.' },
      bio: { user_message: 'This must have 300 characters at most.' },
    })
  })

  it('takes what a plug-in sends of the extended profile', async () => {
    const extended_profile = [{ field_name: 'occupation', field_value: { name: 'Engineer', since: 1843 } }]
    const { body } = await page.patch(account, { extended_profile })
    expect(body.extended_profile).toContainEqual(extended_profile[0])
  })

  it('uploads a picture, shows it, and removes it with its files', async () => {
    const image = `${account}/image`
    const { status, text } = await page.send('POST', image, upload('me.PNG', 'image/png', picture))
    expect([status, text]).toEqual([204, ''])
    const { profile_image } = (await page.get(account)).body
    expect(profile_image.has_image).toBe(true)
    const file = await fetch(profile_image.image_url_full)
    expect(file.headers.get('content-type')).toBe('image/png')
    expect(Buffer.from(await file.arrayBuffer())).toEqual(picture)

    expect((await page.send('DELETE', image)).status).toBe(204)
    expect((await page.get(account)).body.profile_image.has_image).toBe(false)
    await server.mails()
    expect((await fetch(profile_image.image_url_full)).status).toBe(404)
  })

  it('takes a picture as the body, with its name in a header', async () => {
    const response = await server.as('bob')('POST', '/api/user/v1/accounts/bob/image', picture.toString('latin1'), {
      'Content-Type': 'image/png',
    })
    expect(response.status).toBe(400)
    const sent = await fetch(`${server.url}/api/profile_images/v1/ada/upload`, {
      method: 'POST',
      headers: {
        'Content-Type': 'image/png',
        'Content-Disposition': 'attachment; filename=me.png',
        Cookie: [...page.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        'X-CSRFToken': page.cookies.get('csrftoken') ?? '',
      },
      body: new Uint8Array(picture),
    })
    expect(sent.status).toBe(204)
    expect((await page.send('POST', '/api/profile_images/v1/ada/remove')).status).toBe(204)
  })

  it.each([
    ['nothing', undefined],
    ['a file that is too small', upload('a.png', 'image/png', picture.subarray(0, 99))],
    ['a file that is too large', upload('a.png', 'image/png', Buffer.concat([picture, Buffer.alloc(1_048_576)]))],
    ['a file that is no picture', upload('a.txt', 'text/plain', picture)],
    ['another type than the name says', upload('a.jpg', 'image/png', picture)],
    ['another content than the name says', upload('a.gif', 'image/gif', picture)],
  ])('is told in two texts why %s was refused', async (_what, body) => {
    const { status, body: error } = await page.send('POST', `${account}/image`, body)
    expect([status, Object.keys(error)]).toEqual([400, ['developer_message', 'user_message']])
  })

  it('has a picture of its own alone: others find nothing, staff may not', async () => {
    for (const method of ['POST', 'DELETE']) {
      expect((await page.send(method, '/api/user/v1/accounts/bob/image')).status).toBe(404)
      expect((await server.as('grace')(method, '/api/user/v1/accounts/bob/image')).status).toBe(403)
    }
  })
})
