import type { UserRow } from '../port/tables.ts'
import type { Core } from '../runtime/core.ts'
import { userRef } from '../runtime/load-account.ts'
import type { CheckedCredentials } from '../site/checked-host.ts'
import { normalizePassword } from './fields/password.ts'

/** Asks the host whether a password is the person's; one that is far too long is no password. */
export async function isPasswordOf<Transaction>(
  credentials: CheckedCredentials<Transaction>,
  user: UserRow,
  password: string,
  { settings }: Core<Transaction>,
): Promise<boolean> {
  const normalized = normalizePassword(password, settings)
  return normalized !== undefined && (await credentials.verify(userRef(user), normalized))
}
