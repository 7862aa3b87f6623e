/** A clock that stands still until it is moved. */
export interface ManualClock {
  /** For the `clock` of a user core. */
  readonly now: () => Date
  /** Moves on by some milliseconds. */
  advance(milliseconds: number): void
}

/** Makes a clock that shows the given moment. */
export function manualClock(start: Date | string): ManualClock {
  let time = new Date(start).getTime()
  return {
    now: () => new Date(time),
    advance(milliseconds) {
      time += milliseconds
    },
  }
}
