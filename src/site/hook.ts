import { UserCoreError } from '../values/errors.ts'

/** The reason why a call of a hook failed: its result has another type than it says, or it came too late. */
type HookFailure = 'wrong_answer' | 'hook_timed_out'

/** The name of a hook of the host, such as `credentials.verify`, and the milliseconds for which a call waits for it. */
export interface Hook {
  readonly name: string
  readonly timeoutMs: number
}

/** Makes the error of a hook whose result has another type than it says. It holds nothing of the result. */
export function wrongAnswer(name: string): UserCoreError {
  return new UserCoreError('config_error', { params: { hook: name, reason: 'wrong_answer' satisfies HookFailure } })
}

/**
 * Calls a hook that may return a promise, with a signal that is aborted when it is late. Throws `config_error` unless
 * `isRight` holds for the result, and `internal_error` when there is none in time. An error of the hook is passed on,
 * unless it comes too late for that.
 */
export async function askInTime<Answer>(
  { name, timeoutMs }: Hook,
  isRight: (answer: unknown) => answer is Answer,
  ask: (signal: AbortSignal) => unknown,
  control = new AbortController(),
): Promise<Answer> {
  const asked = ask(control.signal)
  const answer = isThenable(asked) ? await inTime(name, timeoutMs, asked, control) : asked
  return rightAnswer(name, isRight, answer)
}

async function inTime(
  hook: string,
  timeoutMs: number,
  asked: PromiseLike<unknown>,
  control: AbortController,
): Promise<unknown> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const reason: HookFailure = 'hook_timed_out'
    const error = new UserCoreError('internal_error', { params: { hook, reason } })
    control.abort(error)
    reject(error)
  }, timeoutMs)
  try {
    return await Promise.race([asked, late])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Returns the result of a hook that must not return a promise. Throws `config_error` unless `isRight` holds for it,
 * which it does for no promise; the rejection of one is handled here.
 */
export function atOnce<Answer>(name: string, isRight: (answer: unknown) => answer is Answer, answer: unknown): Answer {
  try {
    return rightAnswer(name, isRight, answer)
  } catch (error) {
    Promise.resolve(answer).catch(() => {})
    throw error
  }
}

/** Returns a result for which `isRight` holds. It does not hold for one that cannot be read. */
function rightAnswer<Answer>(name: string, isRight: (answer: unknown) => answer is Answer, answer: unknown): Answer {
  try {
    if (isRight(answer)) return answer
  } catch {
    // Reading the result ran a getter or the trap of a proxy that threw.
  }
  throw wrongAnswer(name)
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return isObject && typeof Reflect.get(value, 'then') === 'function'
}
