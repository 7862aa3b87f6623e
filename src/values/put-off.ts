/** Milliseconds before the second try, and the longest time between two. */
export interface Delays {
  readonly first: number
  readonly longest: number
}

/**
 * Returns the milliseconds after which a try that failed is made again: the first delay, doubled with each try, up to the
 * longest; by chance up to half of it less, so that those which failed at once do not come back at once. `attempt` counts
 * from 1; `random` draws bytes.
 */
export function putOff(attempt: number, { first, longest }: Delays, random: (count: number) => Uint8Array): number {
  const whole = Math.min(2 ** (attempt - 1) * first, longest)
  const chance = Buffer.from(random(4)).readUInt32BE() / 2 ** 32
  return Math.round(whole * (1 - chance / 2))
}
