import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { errorStatus, isUserCoreError, type UserCoreError } from 'usercore'

/** Ends a request with a response: a JSON value, or an empty body. */
export function refusal(status: number, body?: unknown, headers: Record<string, string> = {}): HTTPException {
  const res = body === undefined ? new Response(null, { status, headers }) : Response.json(body, { status, headers })
  return new HTTPException(res.status as 400, { res })
}

const details: Readonly<Record<number, string>> = {
  400: 'This request cannot be understood.',
  401: 'Log in first.',
  403: 'You may not do this.',
  404: 'There is nothing here.',
  405: 'This method is not allowed here.',
  409: 'Another change came first. Try again.',
  413: 'This is too large.',
  415: 'This media type is not taken here.',
  500: 'Something went wrong here.',
}

/** The body that the framework of Open edX sends where no view sends one: `{ "detail": text }`. */
export function detailed(status: number, headers: Record<string, string> = {}): HTTPException {
  const challenge: Record<string, string> = status === 401 ? { 'WWW-Authenticate': 'JWT realm="api"' } : {}
  return refusal(status, { detail: details[status] ?? details[400] }, { ...challenge, ...headers })
}

/** The two texts of an error that concerns no field. */
export function texts(developer_message: string, user_message = details[400]) {
  return { developer_message, user_message }
}

const sentences: Partial<Record<UserCoreError['code'], string>> = {
  account_update_error: 'Your changes could not be saved.',
  preference_update_error: 'Your changes could not be saved.',
  conflict: 'Another change came first. Try again.',
}

/**
 * Returns the response to an error: one function for all routes. `errorStatus` of usercore gives the status, its
 * `field_errors` are the body that the stock pages read.
 */
export function answer(error: unknown, onFailure: (error: unknown) => void): Response {
  if (error instanceof HTTPException) return error.getResponse()
  const status = errorStatus(error)
  if (!isUserCoreError(error) || status >= 500) {
    onFailure(error)
    return detailed(500).getResponse()
  }
  switch (error.code) {
    case 'not_authenticated':
    case 'not_authorized':
    case 'user_not_found':
    case 'not_found':
      return detailed(status).getResponse()
    case 'account_validation_error':
    case 'preference_validation_error':
      return Response.json({ field_errors: error.field_errors }, { status })
    case 'rate_limited':
      return Response.json(
        { error: 'You asked too often. Try again later.' },
        { status, headers: { 'Retry-After': String(error.params.retry_after_seconds) } },
      )
    default: {
      const { code, message, params, issues } = error
      return Response.json({ ...texts(message, sentences[code]), params, issues }, { status })
    }
  }
}

type Handler = (c: Context) => Promise<Response>

/** For views that refuse with nothing in the body: who may not, and what is not there. */
export function refusingEmpty(handler: Handler): Handler {
  return async (c) => {
    try {
      return await handler(c)
    } catch (error) {
      if (isUserCoreError(error) && [403, 404].includes(errorStatus(error))) throw refusal(errorStatus(error))
      throw error
    }
  }
}

const wireNames: Readonly<Record<string, string>> = {
  coolOffDays: 'cool_off_days',
  from: 'start_date',
  to: 'end_date',
}

/** The message of an error, with the name that the argument has on the wire. */
function onTheWire(message: string): string {
  return message.replace(/\w+(?= must be )/, (name) => wireNames[name] ?? name)
}

/** For views that refuse with a text as JSON, and with nothing in the body where there is no such retirement. */
export function refusingInText(handler: Handler): Handler {
  return async (c) => {
    try {
      return await handler(c)
    } catch (error) {
      if (!isUserCoreError(error)) throw error
      const status = errorStatus(error)
      if (status === 404) throw refusal(404)
      throw status === 400 || status === 409 ? refusal(status, onTheWire(error.message)) : error
    }
  }
}
