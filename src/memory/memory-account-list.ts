import type { AccountFilter, AccountOrder, AccountPage, AccountPlace } from '../port/account-page.ts'
import type { UserRow } from '../port/tables.ts'
import { compareKeys } from './compare-keys.ts'
import { select } from './memory-reads.ts'
import type { MemoryStore } from './memory-store.ts'

export function pageAccounts(
  store: MemoryStore,
  { where, order, descending = false, after, limit }: AccountPage,
): AccountPlace[] {
  const isListed = listedBy(store, where)
  const searched = valuesBy(store, order)
  const sign = descending ? -1 : 1
  const compare = (a: AccountPlace, b: AccountPlace) => sign * compareKeys([a.value, a.id], [b.value, b.id])
  const places = select(store, 'users', {}).flatMap((user): AccountPlace[] => {
    const value = searched(user)
    return value === undefined || !isListed(user) ? [] : [{ id: user.id, value }]
  })
  if (after !== undefined && places.some(({ id }) => typeof id !== typeof after.id)) return []
  return places
    .filter((place) => after === undefined || compare(place, after) > 0)
    .sort(compare)
    .slice(0, limit)
}

/** Makes a test of the people of a list. */
function listedBy(store: MemoryStore, where: AccountFilter): (user: UserRow) => boolean {
  const { username, email, name, is_active, country, joined_from, joined_before, values = [] } = where
  const texts = [username, email, name, country, joined_from, joined_before, ...values.flatMap(Object.values)]
  if (texts.some((text) => text !== undefined && typeof text !== 'string')) return () => false
  const sealed = new Set(select(store, 'retirement_requests', { is_started: true }).map(({ user_id }) => user_id))
  const searched = searchValues(store)
  const countries =
    country === undefined ? undefined : new Set(select(store, 'profiles', { country }).map(({ user_id }) => user_id))
  return (user) =>
    !sealed.has(user.id) &&
    (username === undefined || user.username_key.startsWith(username)) &&
    (email === undefined || user.email_key.startsWith(email)) &&
    (name === undefined || searched(user, 'name')?.startsWith(name) === true) &&
    (is_active === undefined || user.is_active === is_active) &&
    countries?.has(user.id) !== false &&
    (joined_from === undefined || user.date_joined >= joined_from) &&
    (joined_before === undefined || user.date_joined < joined_before) &&
    values.every(({ field, value }) => searched(user, field) === value)
}

/** Makes a reader of the values by which people are ordered. */
function valuesBy(store: MemoryStore, order: AccountOrder): (user: UserRow) => string | undefined {
  const searched = searchValues(store)
  const readers: Readonly<Record<AccountOrder, (user: UserRow) => string | undefined>> = {
    id: () => '',
    username: (user) => user.username_key,
    email: (user) => user.email_key,
    name: (user) => searched(user, 'name'),
    date_joined: (user) => user.date_joined,
  }
  return readers[order]
}

function searchValues(store: MemoryStore): (user: UserRow, field: string) => string | undefined {
  const keyOf = (...key: unknown[]) => JSON.stringify(key)
  const rows = select(store, 'search_values', {})
  const values = new Map(rows.map(({ user_id, field, value }) => [keyOf(user_id, field), value]))
  return ({ id }, field) => values.get(keyOf(id, field))
}
