/**
 * A moment in UTC as ISO 8601 text with microseconds: `2024-06-15T12:00:00.000000Z`.
 *
 * Always 27 characters, so that earlier sorts before later, in the code as in every database.
 */
export type Instant = string

const pattern = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/

/**
 * Reads a moment: a `Date`, milliseconds since 1970, or ISO 8601 text (also as databases write it; text without an
 * offset is UTC). Digits beyond microseconds are cut. Returns `undefined` for any other value.
 */
export function toInstant(value: Date | number | string): Instant | undefined {
  const text = typeof value === 'string' ? value : isoText(value)
  const [, day, time, fraction = '', offset = 'Z'] = pattern.exec(text ?? '') ?? []
  if (day === undefined || time === undefined) return undefined
  // Date shifts the whole seconds; the fraction is carried over as text, since Date would cut it to milliseconds.
  const whole = isoText(`${day}T${time}${/^[+-]\d\d$/.test(offset) ? `${offset}:00` : offset}`)
  return whole === undefined ? undefined : `${whole.slice(0, 19)}.${fraction.slice(0, 6).padEnd(6, '0')}Z`
}

function isoText(value: Date | number | string): string | undefined {
  const date = new Date(value)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

/** Returns the moment of a `Date`. */
export function instantOf(date: Date): Instant {
  return date.toISOString().replace('Z', '000Z')
}

/** Returns the moment some milliseconds after another; microseconds are kept. */
export function addMilliseconds(instant: Instant, milliseconds: number): Instant {
  const moved = new Date(Date.parse(instant) + milliseconds).toISOString()
  return moved.replace('Z', instant.slice(23))
}

/** Returns a moment as documents show it: with six digits of a second, or none for a whole second. Source: Open edX. */
export function showInstant(instant: Instant): string {
  return instant.endsWith('.000000Z') ? `${instant.slice(0, 19)}Z` : instant
}
