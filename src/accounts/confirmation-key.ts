import { createHash } from 'node:crypto'
import type { RandomBytes } from '../context.ts'

/** Bytes of randomness in a key: 128 bits, as 32 hexadecimal digits. */
const keyBytes = 16

/** Draws a key that proves, by coming back, that a mail has arrived. */
export function drawKey(random: RandomBytes): string {
  return Buffer.from(random(keyBytes)).toString('hex')
}

/**
 * What is stored of a key. A plain hash is enough: the key is random, so nobody can try values.
 */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}
