import { setTimeout as sleep } from 'node:timers/promises'

/** Waits for a random time, which grows with the number of attempts: on a busy database one attempt can take long. */
export function backOff(attempt: number): Promise<void> {
  return sleep(Math.random() * Math.min(1000, 2 ** attempt))
}
