/**
 * Behind Express 5: accounts and preferences as routes, errors by `errorStatus`.
 *
 * `node examples/02-express.ts` starts the server on a free port of this machine, visits it, and stops it.
 */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express, { type ErrorRequestHandler, type Request } from 'express'
import { errorStatus, isUserCoreError } from 'usercore'
import { actorOf, users } from './support/site.ts'
import { visit } from './support/visit.ts'

const actor = (request: Request) => actorOf(request.header('authorization'))

const app = express()
app.use(express.json({ type: ['application/json', 'application/merge-patch+json'] }))

app.get('/accounts/:username', async (request, response) => {
  const account = await users.accounts.get(actor(request), request.params.username)
  response.json(account)
})

app.patch('/accounts/:username', async (request, response) => {
  const { account, ignored } = await users.accounts.update(actor(request), request.params.username, request.body)
  response.json({ account, ignored })
})

app.patch('/preferences/:username', async (request, response) => {
  await users.preferences.update(actor(request), request.params.username, request.body)
  response.sendStatus(204)
})

const answerErrors: ErrorRequestHandler = (error, _request, response, next) => {
  if (!isUserCoreError(error)) return next(error)
  const { code, message, params, issues, field_errors } = error
  response.status(errorStatus(error)).json({ code, message, params, issues, field_errors })
}
app.use(answerErrors)

const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo
await visit((path, init) => fetch(`http://127.0.0.1:${port}${path}`, init))
server.close()
