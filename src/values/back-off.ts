import { setTimeout as sleep } from 'node:timers/promises'

/** Waits a random while, longer the more often something was tried: on a busy database one try can take long. */
export function backOff(attempt: number): Promise<void> {
  return sleep(Math.random() * Math.min(1000, 2 ** attempt))
}
