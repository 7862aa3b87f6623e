import { isDeepStrictEqual } from 'node:util'
import {
  type AccountPage,
  type AccountPlace,
  type AccountRecord,
  type AccountSelector,
  accountPreferences,
  type Claim,
  type ClaimSelector,
  type IdempotencyKeyRow,
  type Instant,
  mayHold,
  type OrgTagRecord,
  type OrgTagSelector,
  type OwnedTable,
  type PersonRetirement,
  type PreferenceRecord,
  type PreferenceSelector,
  type RetirementLease,
  type RetirementPage,
  type RetirementRecord,
  type RetirementRow,
  type RowPage,
  type RowSelection,
  type SearchedRows,
  type Selected,
  type TableName,
  type Tables,
  type TextSearch,
  tables,
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
    retirement: retirementOf(data, user.id),
  }))
}

export function findPreferences(data: Data, request: PreferenceSelector): PreferenceRecord[] {
  const { by, keys, org, course_id, deactivations, counted = true } = request
  const wanted = keys === undefined ? {} : { key: keys }
  return findUsers(data, by).map((user) => {
    const all = select(data, 'preferences', { user_id: user.id })
    return {
      user,
      preferences: all.filter(({ key }) => keys?.includes(key) !== false),
      org_tags: org === undefined ? [] : select(data, 'org_tags', { user_id: user.id, org, ...wanted }),
      course_tags:
        course_id === undefined ? [] : select(data, 'course_tags', { user_id: user.id, course_id, ...wanted }),
      preference_count: counted ? all.filter(({ value }) => value !== null).length : 0,
      retirement: retirementOf(data, user.id),
      deactivations: deactivations === true ? select(data, 'deactivations', { user_id: user.id, ended_at: null }) : [],
    }
  })
}

/** Tells whether a retirement was asked for, and whether it has begun. */
function retirementOf(data: Data, user_id: UserId): PersonRetirement {
  const [request] = select(data, 'retirement_requests', { user_id })
  if (request === undefined) return 'none'
  return request.is_started ? 'sealed' : 'requested'
}

export function findOrgTags(data: Data, { ids, orgs, key }: OrgTagSelector): OrgTagRecord[] {
  return findUsers(data, { ids }).flatMap(({ id: user_id, username, email }): OrgTagRecord[] => {
    const person = { user_id, username, email, profile_name: select(data, 'profiles', { user_id })[0]?.name ?? null }
    const tags = select(data, 'org_tags', { user_id, org: orgs, key })
    if (tags.length === 0) return [{ ...person, value: null, modified_at: null }]
    return tags.map(({ value, modified_at }) => ({ ...person, value, modified_at }))
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
    ...select(data, 'retired_identifiers', { kind: 'username', form: username_keys }).map(
      ({ form: key }): Claim => ({ user_id: null, kind: 'retired_username', key }),
    ),
    ...select(data, 'retired_identifiers', { kind: 'email', form: email_keys }).map(
      ({ form: key }): Claim => ({ user_id: null, kind: 'retired_email', key }),
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
    .flatMap((retirement) => recordOf(data, retirement))
}

/** Tells whether the states of the site are these and no others. */
function isStored(data: Data, pipeline: NonNullable<RetirementLease['pipeline']>): boolean {
  const stored = select(data, 'retirement_states', {})
  return stored.length === pipeline.length && stored.every((row) => pipeline.some((one) => isDeepStrictEqual(one, row)))
}

/** Returns the retirements that no worker has, oldest first. */
export function freeRetirements(data: Data, request: RetirementLease): RetirementRecord[] {
  const { now, before, idle, working, limit, pipeline } = request
  if (!isText(now) || !isText(before)) return []
  if (pipeline && !isStored(data, pipeline)) return []
  return select(data, 'retirements', { current_state: [...idle, ...working] })
    .filter(({ created_at }) => created_at < before)
    .filter(({ leased_until, current_state }) =>
      leased_until === null ? idle.includes(current_state) : leased_until <= now,
    )
    .sort(compareAge)
    .slice(0, limit)
    .flatMap((retirement) => recordOf(data, retirement))
}

function recordOf(data: Data, retirement: RetirementRow): RetirementRecord[] {
  const [user] = select(data, 'users', { id: retirement.user_id })
  const [profile] = select(data, 'profiles', { user_id: retirement.user_id })
  const [request] = select(data, 'retirement_requests', { user_id: retirement.user_id })
  return user === undefined
    ? []
    : [{ retirement, user, profile_name: profile?.name, generation: request?.generation ?? 1 }]
}

export function selectEach<const Selections extends readonly RowSelection[]>(
  data: Data,
  selections: Selections,
): Selected<Selections> {
  return selections.map(([table, where]) => select(data, table, where)) as Selected<Selections>
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

export function pageRows<Name extends TableName>(
  data: Data,
  table: Name,
  where: Where<Name>,
  { by, after, descending = false, limit }: RowPage<Name>,
): Tables[Name][] {
  const place = (row: Tables[Name]) => row[by] as string | number
  const inOrder = (a: string | number, b: string | number) => compare(a, b) * (descending ? -1 : 1)
  const rows = select(data, table, where).filter((row) => row[by] !== null)
  if (after !== undefined && rows.some((row) => typeof row[by] !== typeof after)) return []
  return rows
    .filter((row) => after === undefined || inOrder(place(row), after) > 0)
    .sort((a, b) => inOrder(place(a), place(b)))
    .slice(0, limit)
}

export function expiredKeys(
  data: Data,
  { now, limit }: { readonly now: Instant; readonly limit: number },
): IdempotencyKeyRow[] {
  if (!isText(now)) return []
  return select(data, 'idempotency_keys', {})
    .filter((row) => row.expires_at <= now)
    .sort((a, b) => compare(a.expires_at, b.expires_at))
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

export function searchTexts<Name extends TableName>(
  data: Data,
  table: Name,
  { columns, texts, after, limit }: TextSearch<Name>,
): SearchedRows<Tables[Name]> {
  const place = (row: Tables[Name]) => JSON.stringify(tables[table].primary.map((column) => row[column]))
  const page = select<Name>(data, table, {})
    .filter((row) => after === undefined || place(row) > after)
    .sort((a, b) => (place(a) < place(b) ? -1 : 1))
    .slice(0, limit)
  const isFound = (value: unknown) =>
    value !== null && mayHold(typeof value === 'string' ? value : JSON.stringify(value), texts)
  const last = page.at(-1)
  return {
    rows: page.filter((row) => columns.some((column) => isFound(row[column]))),
    lookedAt: page.length,
    next: last === undefined || page.length < limit ? null : place(last),
  }
}

export function pageAccounts(
  data: Data,
  { where, order, descending = false, after, limit }: AccountPage,
): AccountPlace[] {
  const rows = select(data, 'search_values', {})
  const searched = (user: UserRow, field: string) =>
    rows.find((row) => row.user_id === user.id && row.field === field)?.value
  const countryOf = (user: UserRow) => select(data, 'profiles', { user_id: user.id })[0]?.country
  const begins = (text: string | undefined, beginning: string) => text?.startsWith(beginning) === true
  const { username, email, name, is_active, country, joined_from, joined_before, values = [] } = where
  const texts = [username, email, name, country, ...values.flatMap(({ field, value }) => [field, value])]
  if (texts.some((text) => text !== undefined && typeof text !== 'string')) return []
  if (after !== undefined && !isId(after.id)) return []
  const conditions: ((user: UserRow) => boolean)[] = [
    (user) => retirementOf(data, user.id) !== 'sealed',
    (user) => username === undefined || begins(user.username_key, username),
    (user) => email === undefined || begins(user.email_key, email),
    (user) => name === undefined || begins(searched(user, 'name'), name),
    (user) => is_active === undefined || user.is_active === is_active,
    (user) => country === undefined || countryOf(user) === country,
    (user) => joined_from === undefined || user.date_joined >= joined_from,
    (user) => joined_before === undefined || user.date_joined < joined_before,
    (user) => values.every(({ field, value }) => searched(user, field) === value),
  ]
  const placeOf = (user: UserRow) =>
    ({
      id: '',
      username: user.username_key,
      email: user.email_key,
      name: searched(user, 'name'),
      date_joined: user.date_joined,
    })[order]
  const direction = descending ? -1 : 1
  const compareOrder = (a: AccountPlace, b: AccountPlace) =>
    direction * (a.value === b.value ? compare(a.id, b.id) : compare(a.value, b.value))
  return select(data, 'users', {})
    .filter((user) => conditions.every((isMet) => isMet(user)))
    .flatMap((user): AccountPlace[] => {
      const value = placeOf(user)
      return value === undefined ? [] : [{ id: user.id, value }]
    })
    .filter((place) => after === undefined || compareOrder(place, after) > 0)
    .sort(compareOrder)
    .slice(0, limit)
}
