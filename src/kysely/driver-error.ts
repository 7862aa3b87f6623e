/** The members of a driver's error. */
export interface DriverError {
  readonly code?: unknown
  readonly errno?: unknown
  readonly errcode?: unknown
  readonly fatal?: unknown
  readonly message?: unknown
}

/**
 * Returns the members of a driver's error, and none of any other value. The class is not tested: errors of
 * better-sqlite3 only inherit from `Error`, and those of Node's own modules are of another realm in Jest and in `vm`
 * contexts.
 */
export function driverError(error: unknown): DriverError {
  return typeof error === 'object' && error !== null ? error : {}
}
