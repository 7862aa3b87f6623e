import type { Logger, LogRecord } from '../site/host.ts'
import { isUserCoreError } from '../values/errors.ts'

/** Runs an operation, and logs its duration and its code of failure. */
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
  const { code, params } = error
  const isOfDriver = 'driver_code' in params && typeof params.driver_code === 'string'
  return { code, ...(isOfDriver ? { driver_code: params.driver_code } : {}) }
}
