import { normalizePassword } from './accounts/password.ts'
import type { CheckedCredentials } from './checked-host.ts'
import type { Core } from './core.ts'
import { userRef } from './load-account.ts'
import type { UserRow } from './tables.ts'

/** Asks the host whether a password is the person's; one that is far too long is nobody's. */
export async function isPasswordOf<Transaction>(
  credentials: CheckedCredentials<Transaction>,
  user: UserRow,
  password: string,
  { settings }: Core<Transaction>,
): Promise<boolean> {
  const normalized = normalizePassword(password, settings)
  return normalized !== undefined && (await credentials.verify(userRef(user), normalized))
}
