import { type AccountRecord, comesWithAccount } from '../port/account-record.ts'
import type { OrgTagRecord } from '../port/org-tag-record.ts'
import type { PreferenceRecord } from '../port/preference-record.ts'
import type {
  AccountSelector,
  Claim,
  ClaimSelector,
  OrgTagSelector,
  PreferenceSelector,
  RetirementCount,
  RetirementLease,
  RetirementPage,
  RowPage,
  RowSelection,
  Selected,
} from '../port/repository.ts'
import { isSamePipeline, personRetirement, type RetirementRecord } from '../port/retirement-record.ts'
import type { IdempotencyKeyRow, RetirementRow, TableName, Tables, UserId, UserRow } from '../port/tables.ts'
import { notNull, type OwnedTable, type Where } from '../port/write.ts'
import type { Instant } from '../values/instant.ts'
import { copyJson } from '../values/json.ts'
import type { MemoryStore } from './memory-store.ts'
import { matcher } from './memory-writes.ts'

export function select<Name extends TableName>(store: MemoryStore, table: Name, where: Where<Name>): Tables[Name][] {
  return [...store.table(table).rows.values()].filter(matcher(where)).map((row) => copyJson(row))
}

export function selectEach<const Selections extends readonly RowSelection[]>(
  store: MemoryStore,
  selections: Selections,
): Selected<Selections> {
  return selections.map(([table, where]) => select(store, table, where)) as Selected<Selections>
}

function findUsers(store: MemoryStore, by: AccountSelector): UserRow[] {
  if ('ids' in by) return select(store, 'users', { id: by.ids })
  return 'email_keys' in by
    ? select(store, 'users', { email_key: by.email_keys })
    : select(store, 'users', { username_key: by.username_keys })
}

export function findPreferences(
  store: MemoryStore,
  { by, keys, org, course_id, deactivations, counted = true }: PreferenceSelector,
): PreferenceRecord[] {
  const users = findUsers(store, by)
  const partsOf = partsOfPeople(store, users)
  const wanted = keys === undefined ? {} : { key: keys }
  const preferences = partsOf('preferences', wanted)
  const orgTags = org === undefined ? undefined : partsOf('org_tags', { org, ...wanted })
  const courseTags = course_id === undefined ? undefined : partsOf('course_tags', { course_id, ...wanted })
  const set = counted ? partsOf('preferences', { value: notNull }) : undefined
  const locked = deactivations === true ? partsOf('deactivations', { ended_at: null }) : undefined
  const requests = partsOf('retirement_requests', {})
  return users.map((user) => ({
    user,
    preferences: preferences.get(user.id) ?? [],
    org_tags: orgTags?.get(user.id) ?? [],
    course_tags: courseTags?.get(user.id) ?? [],
    preference_count: set?.get(user.id)?.length ?? 0,
    retirement: personRetirement(requests.get(user.id)?.[0]),
    deactivations: locked?.get(user.id) ?? [],
  }))
}

export function findOrgTags(store: MemoryStore, { ids, orgs, key }: OrgTagSelector): OrgTagRecord[] {
  const users = findUsers(store, { ids })
  const partsOf = partsOfPeople(store, users)
  const profiles = partsOf('profiles', {})
  const tags = partsOf('org_tags', { org: orgs, key })
  return users.flatMap(({ id: user_id, username, email }): OrgTagRecord[] => {
    const person = { user_id, username, email, profile_name: profiles.get(user_id)?.[0]?.name ?? null }
    const found = tags.get(user_id) ?? [{ value: null, modified_at: null }]
    return found.map(({ value, modified_at }) => ({ ...person, value, modified_at }))
  })
}

/** Returns a reader of the rows that belong to people, by person. */
function partsOfPeople(store: MemoryStore, users: readonly UserRow[]) {
  const user_id = users.map((user) => user.id)
  return <Name extends OwnedTable>(table: Name, where: Where<Name>) =>
    Map.groupBy<UserId, Tables[Name]>(select<Name>(store, table, { ...where, user_id }), (row) => row.user_id)
}

function compareIds(a: UserId, b: UserId): number {
  return a < b ? -1 : Number(a > b)
}

export function findAccounts(store: MemoryStore, by: AccountSelector): AccountRecord[] {
  const users = findUsers(store, by)
  const partsOf = partsOfPeople(store, users)
  const profiles = partsOf('profiles', {})
  const images = partsOf('profile_images', {})
  const languages = partsOf('language_proficiencies', {})
  const links = partsOf('social_links', {})
  const documents = partsOf('extended_profiles', {})
  const preferences = partsOf('preferences', {})
  const recoveries = partsOf('account_recoveries', {})
  const names = partsOf('pending_name_changes', {})
  const requests = partsOf('retirement_requests', {})
  return users.map((user) => ({
    user,
    profile: profiles.get(user.id)?.[0],
    profile_image: images.get(user.id)?.[0],
    language_proficiencies: (languages.get(user.id) ?? []).sort((a, b) => (a.code < b.code ? -1 : 1)),
    social_links: (links.get(user.id) ?? []).sort((a, b) => (a.platform < b.platform ? -1 : 1)),
    extended_profiles: documents.get(user.id) ?? [],
    preferences: (preferences.get(user.id) ?? []).filter(({ key }) => comesWithAccount(key)),
    account_recovery: recoveries.get(user.id)?.[0],
    pending_name_change: names.get(user.id)?.[0],
    retirement: personRetirement(requests.get(user.id)?.[0]),
  }))
}

export function findClaims(store: MemoryStore, { username_keys, email_keys }: ClaimSelector): Claim[] {
  const [usernames, emails] = [new Set(username_keys), new Set(email_keys)]
  const claims: Claim[] = [
    ...select(store, 'users', {}).flatMap(({ id: user_id, username_key, email_key }): Claim[] => [
      { user_id, kind: 'username', key: username_key },
      { user_id, kind: 'email', key: email_key },
    ]),
    ...select(store, 'former_usernames', {}).map(
      ({ user_id, username_key: key }): Claim => ({ user_id, kind: 'former_username', key }),
    ),
    ...select(store, 'retirements', {}).map(
      ({ user_id, original_username_key: key }): Claim => ({ user_id, kind: 'original_username', key }),
    ),
    ...select(store, 'account_recoveries', {}).map(
      ({ user_id, secondary_email_key: key }): Claim => ({ user_id, kind: 'secondary_email', key }),
    ),
    ...select(store, 'retired_identifiers', {}).map(
      ({ kind, form: key }): Claim => ({ user_id: null, kind: `retired_${kind}`, key }),
    ),
  ]
  return claims.filter(({ kind, key }) => (kind.endsWith('username') ? usernames : emails).has(key))
}

export function pageRetirements(
  store: MemoryStore,
  { states, from = '', before, after, limit }: RetirementPage,
): RetirementRecord[] {
  const isPlace = after === undefined || (typeof after.created_at === 'string' && isId(after.user_id))
  if (!isPlace || typeof from !== 'string' || typeof before !== 'string') return []
  return select(store, 'retirements', { current_state: states })
    .filter(({ created_at }) => created_at >= from && created_at < before)
    .sort(compareRetirements)
    .filter((row) => after === undefined || compareRetirements(row, after) > 0)
    .slice(0, limit)
    .flatMap((retirement) => recordOf(store, retirement))
}

/** Returns the retirements that are free, oldest first. */
export function freeRetirements(
  store: MemoryStore,
  { now, before, idle, working, limit, pipeline }: RetirementLease,
): RetirementRecord[] {
  if (typeof now !== 'string' || typeof before !== 'string') return []
  if (pipeline && !isSamePipeline(pipeline, select(store, 'retirement_states', {}))) return []
  const isFree = ({ leased_until, current_state }: RetirementRow) =>
    leased_until === null ? idle.includes(current_state) : leased_until <= now
  return select(store, 'retirements', { current_state: [...idle, ...working] })
    .filter((row) => row.created_at < before && isFree(row))
    .sort(compareRetirements)
    .slice(0, limit)
    .flatMap((retirement) => recordOf(store, retirement))
}

function recordOf(store: MemoryStore, retirement: RetirementRow): RetirementRecord[] {
  const [user] = select(store, 'users', { id: retirement.user_id })
  const [profile] = select(store, 'profiles', { user_id: retirement.user_id })
  const [request] = select(store, 'retirement_requests', { user_id: retirement.user_id })
  if (user === undefined) return []
  return [{ retirement, user, profile_name: profile?.name, generation: request?.generation ?? 1 }]
}

/** Tells whether a value can be an id; anything else would be compared by the text that it converts to. */
function isId(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'string'
}

export function expiredKeys(
  store: MemoryStore,
  { now, limit }: { readonly now: Instant; readonly limit: number },
): IdempotencyKeyRow[] {
  if (typeof now !== 'string') return []
  return select(store, 'idempotency_keys', {})
    .filter(({ expires_at }) => expires_at <= now)
    .sort((a, b) => (a.expires_at < b.expires_at ? -1 : 1))
    .slice(0, limit)
}

type RetirementPlace = Pick<RetirementRow, 'created_at' | 'user_id'>

function compareRetirements(a: RetirementPlace, b: RetirementPlace): number {
  if (a.created_at === b.created_at) return compareIds(a.user_id, b.user_id)
  return a.created_at < b.created_at ? -1 : 1
}

export function pageUsers<Name extends OwnedTable>(
  store: MemoryStore,
  table: Name,
  where: Where<Name>,
  { after, limit }: { readonly after?: UserId; readonly limit: number },
): UserId[] {
  if (after !== undefined && !isId(after)) return []
  const ids = new Set(select(store, table, where).map((row) => row.user_id))
  return [...ids]
    .sort(compareIds)
    .filter((id) => after === undefined || compareIds(id, after) > 0)
    .slice(0, limit)
}

export function countRetirements(store: MemoryStore, before: Instant): RetirementCount[] {
  const workOf = new Map(select(store, 'retirement_work', {}).map((work) => [work.user_id, work]))
  const counts = new Map<string, RetirementCount>()
  for (const { current_state, user_id, created_at } of select(store, 'retirements', {})) {
    const { stopped = null, code = null } = workOf.get(user_id) ?? {}
    const key = JSON.stringify([current_state, stopped, code])
    const { retirements = 0, late = 0, oldest_at = created_at } = counts.get(key) ?? {}
    counts.set(key, {
      current_state,
      stopped,
      code,
      retirements: retirements + 1,
      late: late + Number(created_at < before),
      oldest_at: created_at < oldest_at ? created_at : oldest_at,
    })
  }
  return [...counts.values()]
}

export function pageRows<Name extends TableName>(
  store: MemoryStore,
  table: Name,
  where: Where<Name>,
  { by, after, descending = false, limit }: RowPage<Name>,
): Tables[Name][] {
  const place = (row: Tables[Name]) => row[by] as string | number
  const compare = (a: string | number, b: string | number) => compareIds(a, b) * (descending ? -1 : 1)
  const rows = select(store, table, where).filter((row) => row[by] !== null)
  if (after !== undefined && rows.some((row) => typeof row[by] !== typeof after)) return []
  return rows
    .filter((row) => after === undefined || compare(place(row), after) > 0)
    .sort((a, b) => compare(place(a), place(b)))
    .slice(0, limit)
}
