import type { AccountRecord } from '../port/account-record.ts'
import { emptyProfile } from '../port/empty-profile.ts'
import type { LanguageProficiencyRow, ProfileRow, UserId } from '../port/tables.ts'
import type { Write } from '../port/write.ts'
import { isEqual } from '../values/json.ts'
import { recoveryErasure } from './account-recovery.ts'
import { nameValues, searchWrites } from './search-values.ts'

/**
 * Returns the writes that turn one state of an account into another: only the differences, guarded by the version of
 * the profile, which grows by one. Returns none where nothing differs.
 *
 * A person without a profile gets one with the first change of it.
 */
export function accountWrites(before: AccountRecord, after: AccountRecord): Write[] {
  const user = userWrites(before, after)
  const parts = partWrites(before, after)
  const blank = emptyProfile(before.user.id)
  const columns = changedColumns(before.profile ?? blank, after.profile ?? blank)
  const touchesProfile = parts.length > 0 || Object.keys(columns).length > 0
  if (user.length === 0 && !touchesProfile) return []
  if (before.profile === undefined && !touchesProfile) return user
  // The guard comes first: it takes the lock of the row, and stops the unit before anything else is tried.
  return [profileWrite(before, columns), ...user, ...parts]
}

function profileWrite(before: AccountRecord, columns: Partial<ProfileRow>): Write {
  const user_id = before.user.id
  if (before.profile === undefined) {
    return { insert: 'profiles', rows: [{ ...emptyProfile(user_id), ...columns, version: 1 }] }
  }
  const { version } = before.profile
  return { update: 'profiles', set: { ...columns, version: version + 1 }, where: { user_id, version }, guarded: true }
}

/** Returns the write of the user row, guarded by the old values as well: a person without a profile has no version. */
function userWrites(before: AccountRecord, after: AccountRecord): Write[] {
  const set = changedColumns(before.user, after.user)
  if (Object.keys(set).length === 0) return []
  const old = changedColumns(after.user, before.user)
  return [{ update: 'users', set, where: { ...old, id: before.user.id }, guarded: true }]
}

function partWrites(before: AccountRecord, after: AccountRecord): Write[] {
  const user_id = before.user.id
  const writes: Write[] = []

  const languages = difference(before.language_proficiencies, after.language_proficiencies, ({ code }) => code)
  writes.push(...languageWrites(user_id, languages))

  const links = difference(before.social_links, after.social_links, ({ platform }) => platform)
  if (links.gone.length > 0) writes.push({ delete: 'social_links', where: { user_id, platform: links.gone } })
  if (links.put.length > 0) writes.push({ upsert: 'social_links', rows: links.put })

  const documents = difference(before.extended_profiles, after.extended_profiles, ({ owner }) => owner)
  if (documents.put.length > 0) writes.push({ upsert: 'extended_profiles', rows: documents.put })

  writes.push(...searchWrites(user_id, nameValues(before), nameValues(after)))

  const preferences = difference(before.preferences, after.preferences, ({ key }) => key)
  if (preferences.put.length > 0) writes.push({ put: 'preferences', rows: preferences.put })

  if (after.account_recovery === undefined) {
    if (before.account_recovery !== undefined) writes.push(...recoveryErasure(user_id))
  } else if (!isEqual(before.account_recovery, after.account_recovery)) {
    writes.push({ upsert: 'account_recoveries', rows: [after.account_recovery] })
  }
  return writes
}

/** Returns the writes of languages: one for a language in the place of another, at most two for any other change. */
function languageWrites(
  user_id: UserId,
  { gone, put }: { readonly gone: readonly string[]; readonly put: readonly LanguageProficiencyRow[] },
): Write[] {
  const [old, fresh] = [gone[0], put[0]]
  if (gone.length === 1 && put.length === 1 && old !== undefined && fresh !== undefined) {
    return [{ update: 'language_proficiencies', set: { code: fresh.code }, where: { user_id, code: old } }]
  }
  return [
    ...(gone.length > 0 ? [{ delete: 'language_proficiencies', where: { user_id, code: gone } } as const] : []),
    ...(put.length > 0 ? [{ insert: 'language_proficiencies', rows: put } as const] : []),
  ]
}

function changedColumns<Row extends object>(before: Row, after: Row): Partial<Row> {
  const changed: Partial<Row> = {}
  for (const column of Object.keys(after) as (keyof Row)[]) {
    if (after[column] !== before[column]) changed[column] = after[column]
  }
  return changed
}

/** Returns the rows that are new or differ, and the keys of those that are gone. */
function difference<Row>(before: readonly Row[], after: readonly Row[], keyOf: (row: Row) => string) {
  const stored = new Map(before.map((row) => [keyOf(row), row]))
  const kept = new Set(after.map(keyOf))
  return {
    put: after.filter((row) => !isEqual(stored.get(keyOf(row)), row)),
    gone: [...stored.keys()].filter((key) => !kept.has(key)),
  }
}
