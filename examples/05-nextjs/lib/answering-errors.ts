import { errorStatus, isUserCoreError } from 'usercore'

/** The second argument that Next.js gives to a route below `[username]`. */
export interface Context {
  readonly params: Promise<{ username: string }>
}

/** A route handler of Next.js. */
type Handler = (request: Request, context: Context) => Promise<Response>

/** Returns the same handler, with errors of usercore as responses; of other errors Next.js makes a 500. */
export function answeringErrors(handle: Handler): Handler {
  return async (request, context) => {
    try {
      return await handle(request, context)
    } catch (error) {
      if (!isUserCoreError(error)) throw error
      const { code, message, params, issues, field_errors } = error
      return Response.json({ code, message, params, issues, field_errors }, { status: errorStatus(error) })
    }
  }
}
