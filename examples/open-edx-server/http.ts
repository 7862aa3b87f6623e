import type { Context, Hono } from 'hono'
import type { Requester } from './authentication.ts'
import { detailed } from './errors.ts'

/** The variables of the context of a request. */
export interface Env {
  Variables: { requester: Requester }
}

export type App = Hono<Env>
type Handler = (c: Context<Env>) => Response | Promise<Response>
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * Declares the methods of a path and their readers. Where a log-in is needed, methods are told after it alone; other
 * methods get 405. OPTIONS tells the methods. Of two paths that fit, the one declared first is taken.
 */
export function route(
  app: App,
  path: string,
  access: 'everyone' | 'logged in',
  handlers: Partial<Record<Method, Handler>>,
): void {
  app.all(path, (c) => {
    if (!isUsername(c.req.param('username') ?? 'none')) throw detailed(404)
    if (access === 'logged in') requireLogIn(c)
    if (c.req.method === 'OPTIONS') return c.body(null, 200, allow(handlers))
    const wanted = c.req.method === 'HEAD' ? 'GET' : c.req.method
    const handler = Object.entries(handlers).find(([method]) => method === wanted)?.[1]
    if (handler === undefined) throw detailed(405, allow(handlers))
    return handler(c)
  })
}

function allow(handlers: Partial<Record<Method, Handler>>) {
  const methods = [...Object.keys(handlers), ...('GET' in handlers ? ['HEAD'] : []), 'OPTIONS']
  return { Allow: methods.join(', ') }
}

/** Refuses who has not logged in, and who may be sent by a page of another origin. */
export function requireLogIn(c: Context<Env>, status: 401 | 403 = 401): void {
  const { person, isForged } = c.get('requester')
  if (person === undefined) throw detailed(status)
  if (isForged) throw detailed(403)
}

/** Whether a part of a path can name a person: where it cannot, there is no such path. */
function isUsername(text: string): boolean {
  return /^[\p{L}\p{M}\p{N}_ .@+-]+$/u.test(text)
}

/** The person whom a path names. */
export function usernameIn(c: Context<Env>): string {
  return c.req.param('username') ?? ''
}

/** The username of the person who sent a request; `''` for an anonymous one, whose name finds no person. */
export function ownUsername(c: Context<Env>): string {
  return c.get('requester').person?.username ?? ''
}

/** The sender of a request, as an actor of usercore. */
export function actorOf(c: Context<Env>) {
  return c.get('requester').actor
}
