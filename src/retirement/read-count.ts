import { UserCoreError } from '../errors.ts'

/** Reads a number of things, or text that says one, as from a query string. Throws `bad_request`. */
export function readCount(value: unknown, argument: string): number {
  const isText = typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value)
  const count = isText ? Number(value) : value
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0 || count > 1_000_000) {
    throw new UserCoreError('bad_request', { params: { argument } })
  }
  return count
}
