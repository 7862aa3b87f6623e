import type { RandomBytes } from '../../site/context.ts'
import { nodeCrypto } from '../../values/built-ins.ts'

/** Bytes of randomness in a key: 128 bits, as 32 hexadecimal digits. */
const keyBytes = 16

/** Draws a key that proves, by coming back, that a mail has arrived. */
export function drawKey(random: RandomBytes): string {
  return Buffer.from(random(keyBytes)).toString('hex')
}

/**
 * Returns the stored form of a key. A plain hash is enough: the key is random, so that values cannot be tried.
 */
export function hashKey(key: string): string {
  return nodeCrypto().createHash('sha256').update(key).digest('hex')
}

/** Ties a key to the address that it was mailed to. It says nothing of the address to those who do not know the key. */
export function proofHash(key: string, address: string): string {
  return hashKey(`${key} ${address}`)
}
