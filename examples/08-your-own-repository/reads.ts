import {
  type AccountRecord,
  type AccountSelector,
  accountPreferences,
  type Claim,
  type ClaimSelector,
  type OwnedTable,
  type PreferenceRecord,
  type PreferenceSelector,
  type RetirementPage,
  type RetirementRecord,
  type RetirementRow,
  type UserId,
  type UserRow,
  type Where,
} from 'usercore/port'
import { type Data, select } from './data.ts'

export function findAccounts(data: Data, by: AccountSelector): AccountRecord[] {
  const users = findUsers(data, by)
  const user_id = users.map(({ id }) => id)
  const profiles = byPerson(select(data, 'profiles', { user_id }))
  const images = byPerson(select(data, 'profile_images', { user_id }))
  const languages = byPerson(select(data, 'language_proficiencies', { user_id }))
  const links = byPerson(select(data, 'social_links', { user_id }))
  const documents = byPerson(select(data, 'extended_profiles', { user_id }))
  const preferences = byPerson(select(data, 'preferences', { user_id }))
  const recoveries = byPerson(select(data, 'account_recoveries', { user_id }))
  const names = byPerson(select(data, 'pending_name_changes', { user_id }))
  return users.map((user) => ({
    user,
    profile: profiles(user.id)[0],
    profile_image: images(user.id)[0],
    language_proficiencies: languages(user.id).sort((a, b) => compare(a.code, b.code)),
    social_links: links(user.id).sort((a, b) => compare(a.platform, b.platform)),
    extended_profiles: documents(user.id),
    preferences: preferences(user.id).filter(({ key }) => comesWithAccount(key)),
    account_recovery: recoveries(user.id)[0],
    pending_name_change: names(user.id)[0],
  }))
}

export function findPreferences(data: Data, { by, keys, org, course_id }: PreferenceSelector): PreferenceRecord[] {
  const wanted = keys === undefined ? {} : { key: keys }
  return findUsers(data, by).map((user) => {
    const all = select(data, 'preferences', { user_id: user.id })
    return {
      user,
      preferences: all.filter(({ key }) => keys?.includes(key) !== false),
      org_tags: org === undefined ? [] : select(data, 'org_tags', { user_id: user.id, org, ...wanted }),
      course_tags:
        course_id === undefined ? [] : select(data, 'course_tags', { user_id: user.id, course_id, ...wanted }),
      preference_count: all.filter(({ value }) => value !== null).length,
    }
  })
}

export function findClaims(data: Data, { username_keys, email_keys }: ClaimSelector): Claim[] {
  return [
    ...select(data, 'users', { username_key: username_keys }).map(
      ({ id, username_key }): Claim => ({ user_id: id, kind: 'username', key: username_key }),
    ),
    ...select(data, 'users', { email_key: email_keys }).map(
      ({ id, email_key }): Claim => ({ user_id: id, kind: 'email', key: email_key }),
    ),
    ...select(data, 'former_usernames', { username_key: username_keys }).map(
      ({ user_id, username_key: key }): Claim => ({ user_id, kind: 'former_username', key }),
    ),
    ...select(data, 'retirements', { original_username_key: username_keys }).map(
      ({ user_id, original_username_key: key }): Claim => ({ user_id, kind: 'original_username', key }),
    ),
    ...select(data, 'account_recoveries', { secondary_email_key: email_keys }).map(
      ({ user_id, secondary_email_key: key }): Claim => ({ user_id, kind: 'secondary_email', key }),
    ),
  ]
}

export function pageRetirements(data: Data, page: RetirementPage): RetirementRecord[] {
  const { states, from = '', before, after, limit } = page
  const isCursor = after === undefined || (isText(after.created_at) && isId(after.user_id))
  if (!isCursor || !isText(from) || !isText(before)) return []
  return select(data, 'retirements', { current_state: states })
    .filter(({ created_at }) => created_at >= from && created_at < before)
    .filter((row) => after === undefined || compareAge(row, after) > 0)
    .sort(compareAge)
    .slice(0, limit)
    .flatMap((retirement) => {
      const [user] = select(data, 'users', { id: retirement.user_id })
      const [profile] = select(data, 'profiles', { user_id: retirement.user_id })
      return user === undefined ? [] : [{ retirement, user, profile_name: profile?.name }]
    })
}

export function pageUsers<Name extends OwnedTable>(
  data: Data,
  table: Name,
  where: Where<Name>,
  { after, limit }: { readonly after?: UserId; readonly limit: number },
): UserId[] {
  if (after !== undefined && !isId(after)) return []
  const ids = new Set(select(data, table, where).map((row) => row.user_id))
  return [...ids]
    .filter((id) => after === undefined || compare(id, after) > 0)
    .sort(compare)
    .slice(0, limit)
}

/** Tells whether a value is an id or text: anything else would be compared by what it turns into. */
function isId(value: unknown): boolean {
  return typeof value === 'number' || isText(value)
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function findUsers(data: Data, by: AccountSelector): UserRow[] {
  if ('ids' in by) return select(data, 'users', { id: by.ids })
  return 'email_keys' in by
    ? select(data, 'users', { email_key: by.email_keys })
    : select(data, 'users', { username_key: by.username_keys })
}

/** Looks rows up by whose they are. */
function byPerson<Row extends { user_id: UserId }>(rows: readonly Row[]): (user_id: UserId) => Row[] {
  const groups = Map.groupBy(rows, (row) => row.user_id)
  return (user_id) => groups.get(user_id) ?? []
}

function compareAge(
  a: Pick<RetirementRow, 'created_at' | 'user_id'>,
  b: Pick<RetirementRow, 'created_at' | 'user_id'>,
) {
  return compare(a.created_at, b.created_at) || compare(a.user_id, b.user_id)
}

function compare(a: UserId, b: UserId): number {
  return a < b ? -1 : Number(a > b)
}

/** Tells whether a preference comes with its account. */
function comesWithAccount(key: string): boolean {
  return key === accountPreferences.key || key.startsWith(accountPreferences.prefix)
}
