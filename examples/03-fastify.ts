/**
 * Behind Fastify 5: accounts and preferences as routes, errors by `errorStatus`.
 *
 * `node examples/03-fastify.ts` starts the server on a free port of this machine, visits it, and stops it.
 */
import fastify, { type FastifyRequest } from 'fastify'
import { type AccountPatch, errorStatus, isUserCoreError, type JsonObject } from 'usercore'
import { actorOf, users } from './support/site.ts'
import { visit } from './support/visit.ts'

/** Bodies have the types of patches here because usercore checks every member: no schema of Fastify's is needed. */
interface AccountRoute {
  Params: { username: string }
  Body: AccountPatch
}
interface PreferencesRoute {
  Params: { username: string }
  Body: JsonObject
}

const actor = (request: Pick<FastifyRequest, 'headers'>) => actorOf(request.headers.authorization)

const app = fastify()
app.addContentTypeParser(
  'application/merge-patch+json',
  { parseAs: 'string' },
  app.getDefaultJsonParser('error', 'error'),
)

app.get<AccountRoute>('/accounts/:username', async (request) => {
  const account = await users.accounts.get(actor(request), request.params.username)
  return account
})

app.patch<AccountRoute>('/accounts/:username', async (request) => {
  const { account, ignored } = await users.accounts.update(actor(request), request.params.username, request.body)
  return { account, ignored }
})

app.patch<PreferencesRoute>('/preferences/:username', async (request, reply) => {
  await users.preferences.update(actor(request), request.params.username, request.body)
  return reply.code(204).send()
})

app.setErrorHandler((error, _request, reply) => {
  if (!isUserCoreError(error)) throw error
  const { code, message, params, issues, field_errors } = error
  return reply.code(errorStatus(error)).send({ code, message, params, issues, field_errors })
})

const origin = await app.listen({ host: '127.0.0.1', port: 0 })
await visit((path, init) => fetch(origin + path, init))
await app.close()
