import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify<string, Uint8Array, number, Buffer>(scrypt)
const bytes = 32

/** The form in which a password is stored: salt and hash. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  return `${salt.toString('base64url')}.${(await derive(password, salt, bytes)).toString('base64url')}`
}

/** Tells whether a password is the stored one. Takes as long where none is stored. */
export async function isPassword(password: string, stored: string | null | undefined): Promise<boolean> {
  const [salt = '', hash = ''] = stored?.split('.') ?? []
  const [expected, derived] = [
    Buffer.from(hash, 'base64url'),
    await derive(password, Buffer.from(salt, 'base64url'), bytes),
  ]
  return expected.length === derived.length && timingSafeEqual(expected, derived)
}
