/** What a driver's error can say of itself. */
export interface DriverError {
  readonly code?: unknown
  readonly errno?: unknown
  readonly errcode?: unknown
  readonly fatal?: unknown
  readonly message?: unknown
}

/**
 * The members of what a driver threw; none of anything else. It is not asked for its class: errors of better-sqlite3 only
 * inherit from `Error`, and those of Node's own modules are of another realm in Jest and in `vm` contexts.
 */
export function driverError(error: unknown): DriverError {
  return typeof error === 'object' && error !== null ? error : {}
}
