import type { AccountPatch } from 'usercore'
import { actorOf, users } from '../../../../../support/site.ts'
import { answeringErrors, type Context } from '../../../../lib/answering-errors.ts'

export const GET = answeringErrors(async (request: Request, { params }: Context) => {
  const { username } = await params
  const account = await users.accounts.get(actorOf(request.headers.get('authorization')), username)
  return Response.json(account)
})

export const PATCH = answeringErrors(async (request: Request, { params }: Context) => {
  const { username } = await params
  const actor = actorOf(request.headers.get('authorization'))
  // As it came: usercore checks every member.
  const patch = (await request.json()) as AccountPatch
  const { account, ignored } = await users.accounts.update(actor, username, patch)
  return Response.json({ account, ignored })
})
