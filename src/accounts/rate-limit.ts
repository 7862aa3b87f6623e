import type { RateLimitRow } from '../port/tables.ts'
import { addMilliseconds, type Instant } from '../values/instant.ts'

const unitMilliseconds = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** So many times within a period that starts with the first of them. */
export interface RateLimit {
  readonly hits: number
  readonly periodMilliseconds: number
}

/** Reads a limit such as `5/d` (five a day); `''` is no limit. Units: `s`, `m`, `h`, `d`. */
export function parseRateLimit(text: string): RateLimit | undefined {
  const [, hits, unit] = /^(\d+)\/([smhd])$/.exec(text) ?? []
  if (hits === undefined || unit === undefined) return undefined
  return { hits: Number(hits), periodMilliseconds: unitMilliseconds[unit as keyof typeof unitMilliseconds] }
}

/** Returns the seconds until the period of a row is over, at least 1. */
export function secondsLeft({ period_start }: RateLimitRow, { periodMilliseconds }: RateLimit, now: Instant): number {
  return Math.max(1, Math.ceil((Date.parse(period_start) + periodMilliseconds - Date.parse(now)) / 1000))
}

/**
 * Counts one more time. Returns the row to store, and whether that time is still within the limit.
 */
export function countHit(
  stored: RateLimitRow | undefined,
  what: Pick<RateLimitRow, 'name' | 'subject'>,
  limit: RateLimit,
  now: Instant,
): { readonly row: RateLimitRow; readonly allowed: boolean } {
  const running = stored !== undefined && now < addMilliseconds(stored.period_start, limit.periodMilliseconds)
  const row = running ? { ...stored, hits: stored.hits + 1 } : { ...what, period_start: now, hits: 1 }
  return { row, allowed: row.hits <= limit.hits }
}
