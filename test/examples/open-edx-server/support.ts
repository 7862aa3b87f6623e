import { manualClock } from 'usercore/testing'
import { deliver, type Mail } from '../../../examples/open-edx-server/deliver.ts'
import type { Grants } from '../../../examples/open-edx-server/people.ts'
import { addPerson, addRetirementWorker, enroll } from '../../../examples/open-edx-server/seed.ts'
import { type ServerOptions, startServer } from '../../../examples/open-edx-server/server.ts'
import type { Site } from '../../../examples/open-edx-server/site.ts'
import { createToken } from '../../../examples/open-edx-server/tokens.ts'

export const client = { client_id: 'retirement', client_secret: 'only the tests know it' }

/** The password of ada and bob; the others log in by token. */
export const password = 'engines and notes'

/** The media type of a merge patch, and that of everything else. */
export const mergePatch = 'application/merge-patch+json'
export const json = 'application/json'

/** An answer, read to its end. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON; undefined where there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape.
  readonly body: any
}

export type Send = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>

/** A server with people, on a clock that tests move. */
export interface TestServer {
  readonly url: string
  readonly site: Site
  readonly clock: ReturnType<typeof manualClock>
  readonly failures: unknown[]
  /** Sends requests as the person of an access token; `undefined`: as an anonymous visitor. */
  as(username: string | undefined): Send
  /** Delivers what is in the outbox, and answers the mails. */
  mails(): Promise<Mail[]>
  /** Lets days go by, and gives everybody who is still there another access token: the old ones have expired. */
  wait(days: number): Promise<void>
  close(): Promise<void>
}

const people: Record<string, Grants & { readonly year_of_birth?: number; readonly password?: string }> = {
  ada: { year_of_birth: 1990, password },
  bob: { year_of_birth: 1985, password },
  grace: { staff: true, permissions: ['cancel_retirement'] },
  root: { superuser: true },
  renamer: {},
}

/** Starts a server with ada and bob, grace (staff), root (superuser alone), renamer and the programs' account. */
export async function openServer(options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const clock = manualClock('2026-06-15T12:00:00Z')
  const ids = new Map<string, number>()
  const tokens = new Map<string | undefined, string>()
  const logIn = async (site: Site) => {
    for (const [username, id] of ids) tokens.set(username, await createToken(site, 'access', id))
  }
  const failures: unknown[] = []
  const { site, close } = await startServer({
    port: 0,
    clock: clock.now,
    onFailure: (error) => failures.push(error),
    ...options,
    settings: {
      retired_identifier_keys: [{ id: 'k1', secret: 'a secret that only this test knows of' }],
      username_replacement_worker: 'renamer',
      ...options.settings,
    },
    async seed(site) {
      for (const [username, { year_of_birth = 1980, password: secret, ...grants }] of Object.entries(people)) {
        const account = { username, email: `${username}@example.com`, name: `${username} example` }
        const more = { profile: { year_of_birth }, ...(secret !== undefined && { password: secret }) }
        const id = await addPerson(site, { ...account, ...more }, grants)
        ids.set(username, id)
        if (username === 'ada') await enroll(site, id, ['course-v1:OrgX+Engines+2026', 'OrgY/Notes/2025'])
      }
      await addRetirementWorker(site, client)
      await logIn(site)
      await deliver(site, () => {})
    },
  })
  return {
    url: site.url,
    site,
    clock,
    failures,
    as: (username) => {
      const token = tokens.get(username)
      return (method, path, body, headers) =>
        send(site.url, method, path, body, { ...(token && { Authorization: `Bearer ${token}` }), ...headers })
    },
    async mails() {
      const mails: Mail[] = []
      await deliver(site, (mail) => void mails.push(mail))
      return mails
    },
    async wait(days) {
      clock.advance(days * 86_400_000)
      await logIn(site)
    },
    close,
  }
}

/** Sends a request. A text or a form goes as it is, everything else as JSON; PATCH is a merge patch unless said otherwise. */
export async function send(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const isPlain = typeof body === 'string' || body instanceof FormData || body instanceof URLSearchParams
  const type =
    body === undefined || body instanceof FormData || body instanceof URLSearchParams
      ? {}
      : { 'Content-Type': method === 'PATCH' ? mergePatch : json }
  const response = await fetch(url + path, {
    method,
    redirect: 'manual',
    headers: { ...type, ...headers },
    ...(body === undefined ? {} : { body: isPlain ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith(json) === true
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson && text !== '' ? JSON.parse(text) : undefined,
  }
}

/** A form as browsers send it. */
export const form = (fields: Record<string, string>) => new URLSearchParams(fields)

/** Sends requests about accounts as the worker of retirements, with a token as its programs have it. */
export async function asWorker({ url }: TestServer): Promise<(...request: Parameters<Send>) => Promise<Answer>> {
  const request = form({ grant_type: 'client_credentials', ...client, token_type: 'jwt' })
  const { body } = await send(url, 'POST', '/oauth2/access_token', request)
  const headers = { Authorization: `JWT ${body.access_token}`, 'Content-Type': json }
  return (method, path, data) => send(url, method, `/api/user/v1/accounts${path}`, data, headers)
}
