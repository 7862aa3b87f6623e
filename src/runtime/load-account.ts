import type { AccountRecord } from '../port/account-record.ts'
import type { AccountSelector } from '../port/repository.ts'
import type { UserRow } from '../port/tables.ts'
import type { UserRef } from '../site/host.ts'
import { UserCoreError } from '../values/errors.ts'
import { identifierKey } from '../values/text.ts'
import type { Core } from './core.ts'

/** Which accounts, by username. */
export function byUsernames(usernames: readonly string[]): AccountSelector {
  return { username_keys: [...new Set(usernames.map(identifierKey))], usernames }
}

/** Loads one account by username. Throws `user_not_found`. */
export async function loadAccount(core: Core, username: string): Promise<AccountRecord> {
  const [record] = await core.repository.findAccounts(byUsernames([username]))
  if (record === undefined) throw new UserCoreError('user_not_found')
  return record
}

/** Loads accounts by username, in the order of the names; unknown names are left out, names given twice count once. */
export async function loadAccounts(core: Core, usernames: readonly string[]): Promise<AccountRecord[]> {
  const keys = [...new Set(usernames.map(identifierKey))]
  const records = await core.repository.findAccounts(byUsernames(usernames))
  const byKey = new Map(records.map((record) => [record.user.username_key, record]))
  return keys.flatMap((key) => byKey.get(key) ?? [])
}

/** A person as hooks get to know them. */
export function userRef(user: UserRow): UserRef {
  return { id: user.id, username: user.username }
}
