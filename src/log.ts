import { isUserCoreError, type UserCoreErrorCode } from './errors.ts'

/** What the log gets to know of a call: nothing that anybody said. */
export interface LogRecord {
  /** Such as `accounts.update`. */
  readonly operation: string
  readonly duration_ms: number
  /** Why it failed; left out: it did not. */
  readonly code?: UserCoreErrorCode
  /** What the database's driver says of that, such as `40P01`. */
  readonly driver_code?: string
}

/** Writes a record of each call. What it throws makes no difference to the call, and is thrown outside of it. */
export type Logger = (record: LogRecord) => void

/** Runs an operation, and tells the log how it went. */
export function logged<Result>(
  logger: Logger | undefined,
  operation: string,
  run: () => Promise<Result>,
): Promise<Result> {
  return logger === undefined ? run() : observed(logger, operation, run)
}

async function observed<Result>(logger: Logger, operation: string, run: () => Promise<Result>): Promise<Result> {
  const start = performance.now()
  const log = (failure: Pick<LogRecord, 'code' | 'driver_code'>) => {
    try {
      logger({ operation, duration_ms: performance.now() - start, ...failure })
    } catch (error) {
      process.nextTick(() => {
        throw error
      })
    }
  }
  try {
    const result = await run()
    log({})
    return result
  } catch (error) {
    log(failureOf(error))
    throw error
  }
}

function failureOf(error: unknown): Pick<LogRecord, 'code' | 'driver_code'> {
  if (!isUserCoreError(error)) return { code: 'internal_error' }
  const { driver_code } = error.params
  return { code: error.code, ...(typeof driver_code === 'string' ? { driver_code } : {}) }
}
