import type { JsonObject } from 'usercore'
import { actorOf, users } from '../../../../../support/site.ts'
import { answeringErrors, type Context } from '../../../../lib/answering-errors.ts'

export const PATCH = answeringErrors(async (request: Request, { params }: Context) => {
  const { username } = await params
  // As it came: usercore checks every member.
  const patch = (await request.json()) as JsonObject
  await users.preferences.update(actorOf(request.headers.get('authorization')), username, patch)
  return new Response(null, { status: 204 })
})
