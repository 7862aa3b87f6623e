import { UserCoreError } from '../values/errors.ts'

/** Why a call of a hook failed: it answered what its type does not say, or nothing in time. */
export type HookFailure = 'wrong_answer' | 'hook_timed_out'

/** What a hook of the host is called, such as `credentials.verify`, and for how many milliseconds it is waited for. */
export interface Hook {
  readonly name: string
  readonly timeoutMs: number
}

/** The error of a hook that answered something else than its type says. It tells nothing of the answer. */
export function wrongAnswer(name: string): UserCoreError {
  return new UserCoreError('config_error', { params: { hook: name, reason: 'wrong_answer' satisfies HookFailure } })
}

/**
 * Asks a hook that may answer later, with a signal that is aborted when it is late. Throws `config_error` unless the answer
 * is what `isRight` says, and `internal_error` when there is none in time; what the hook throws is passed on, unless it
 * comes too late for that.
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
 * The answer of a hook that has to answer at once. Throws `config_error` unless it is what `isRight` says; a promise is
 * not, and what it rejects with is heard here.
 */
export function atOnce<Answer>(name: string, isRight: (answer: unknown) => answer is Answer, answer: unknown): Answer {
  try {
    return rightAnswer(name, isRight, answer)
  } catch (error) {
    Promise.resolve(answer).catch(() => {})
    throw error
  }
}

/** An answer that is what `isRight` says. One that cannot be read is not. */
function rightAnswer<Answer>(name: string, isRight: (answer: unknown) => answer is Answer, answer: unknown): Answer {
  try {
    if (isRight(answer)) return answer
  } catch {
    // A getter, or the trap of a proxy.
  }
  throw wrongAnswer(name)
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return isObject && typeof Reflect.get(value, 'then') === 'function'
}
