import assert from 'node:assert/strict'

/**
 * Visits a site as its clients would, prints each request with its response, and throws at a response that is not the one
 * expected. The four web examples give the same responses to the same requests.
 */
export async function visit(send: (path: string, init: RequestInit) => Promise<Response>): Promise<void> {
  const ada = 'token-of-ada'
  const bob = 'token-of-bob'

  assert.deepEqual(await call(401, 'GET', '/accounts/ada'), {
    code: 'not_authenticated',
    message: 'not_authenticated: the call needs an actor who is logged in',
    params: {},
    issues: [],
    field_errors: {},
  })

  const seenByBob = await call(200, 'GET', '/accounts/ada', { token: bob })
  assert.equal(seenByBob.username, 'ada')
  assert.ok(!('email' in seenByBob), 'others do not see the address')
  await call(404, 'GET', '/accounts/nobody', { token: bob })

  const patch = { bio: 'I write notes on engines.', extended_profile: { occupation: { name: 'Farmer' } } }
  const accepted = await call(200, 'PATCH', '/accounts/ada', { token: ada, body: patch })
  assert.deepEqual(accepted.ignored, [])
  const changed = Object(accepted.account)
  assert.equal(changed.bio, 'I write notes on engines.')
  assert.equal(changed.email, 'ada@example.com')
  assert.deepEqual(changed.extended_profile, [{ field_name: 'occupation', field_value: { name: 'Farmer' } }])

  const mistakes = { name: '<b>Ada</b>', country: 'XY', bio: 'not stored' }
  const refused = await call(400, 'PATCH', '/accounts/ada', { token: ada, body: mistakes })
  assert.equal(refused.code, 'account_validation_error')
  assert.deepEqual(Object.keys(Object(refused.field_errors)).sort(), ['country', 'name'])
  assert.equal((await call(200, 'GET', '/accounts/ada', { token: ada })).bio, 'I write notes on engines.')
  await call(403, 'PATCH', '/accounts/ada', { token: bob, body: { bio: 'by another person' } })

  await call(204, 'PATCH', '/preferences/ada', { token: ada, body: { time_zone: 'Europe/London', theme: 'dark' } })
  const zone = await call(400, 'PATCH', '/preferences/ada', { token: ada, body: { time_zone: 'Mars/Olympus' } })
  assert.equal(zone.code, 'preference_validation_error')

  /** Sends a request, prints it, checks the status, and returns the body. */
  async function call(
    status: number,
    method: string,
    path: string,
    { token, body }: { token?: string; body?: object } = {},
  ): Promise<Record<string, unknown>> {
    const headers = new Headers()
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
    if (body !== undefined) headers.set('content-type', 'application/merge-patch+json')
    const response = await send(path, { method, headers, body: body === undefined ? null : JSON.stringify(body) })
    const text = await response.text()
    console.log(`${method} ${path} (${token ?? 'anonymous'}) ${body === undefined ? '' : JSON.stringify(body)}`)
    console.log(`  ${response.status} ${text}`)
    assert.equal(response.status, status)
    return text === '' ? {} : JSON.parse(text)
  }
}
