import type { UserId } from '../../port/tables.ts'
import { notNull } from '../../port/write.ts'
import { requireStaff } from '../../runtime/authorize.ts'
import type { Core } from '../../runtime/core.ts'
import { byUsernames } from '../../runtime/load-account.ts'
import type { Actor } from '../../site/actor.ts'
import type { PreferenceSchemas, Preferences } from '../../site/define-preferences.ts'
import { preferenceValues } from '../change-preferences.ts'

/** Which people to list, page by page. */
export interface PageOptions {
  /** `next` of the page before; left out for the first page. */
  readonly after?: UserId
  /** People of a page. Default 100, at most 1000. */
  readonly limit?: number
}

/** A page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[]
  /** For `after` of the next page; left out behind the last one. */
  readonly next?: UserId
}

/** One preference of one person. */
export interface PreferenceItem {
  readonly username: string
  readonly key: string
  readonly value: string
}

/** A person with all their preferences. */
export interface PreferenceUser {
  readonly id: UserId
  readonly username: string
  readonly email: string
  /** `''` for a person without a profile. */
  readonly name: string
  readonly preferences: Readonly<Record<string, string>>
}

const largestPage = 1000

type Definitions = Preferences<PreferenceSchemas>['definitions']

/** Which preferences to list. */
export interface PreferenceFilter {
  /** Those under one key. Default: all. */
  readonly key?: string
  /** Those of one person, who fits on a page. Default: everybody's. */
  readonly username?: string
}

export async function listPreferences(
  core: Core,
  definitions: Definitions,
  actor: Actor,
  { key, username }: PreferenceFilter,
  page: PageOptions,
): Promise<Page<PreferenceItem>> {
  requireStaff(actor)
  const keys = key === undefined ? undefined : [key]
  const { records, next } =
    username === undefined ? await loadPage(core, key, page, keys) : await loadPerson(core, username, keys)
  const items = records.flatMap(({ user, preferences }) =>
    Object.entries(preferenceValues(preferences, definitions))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => ({ username: user.username, key, value })),
  )
  return { items, ...next }
}

export async function listUsersByPreference(
  core: Core,
  definitions: Definitions,
  actor: Actor,
  key: string,
  page: PageOptions,
): Promise<Page<PreferenceUser>> {
  requireStaff(actor)
  const { records, next } = await loadPage(core, key, page)
  const profiles = await core.repository.select('profiles', { user_id: records.map(({ user }) => user.id) })
  const names = new Map(profiles.map((profile) => [profile.user_id, profile.name]))
  const items = records.map(({ user: { id, username, email }, preferences }) => {
    return { id, username, email, name: names.get(id) ?? '', preferences: preferenceValues(preferences, definitions) }
  })
  return { items, ...next }
}

async function loadPerson(core: Core, username: string, keys: readonly string[] | undefined) {
  const by = byUsernames([username])
  const records = await core.repository.findPreferences({ by, ...(keys === undefined ? {} : { keys }) })
  return { records, next: {} }
}

async function loadPage(
  core: Core,
  key: string | undefined,
  { after, limit = 100 }: PageOptions,
  keys?: readonly string[],
) {
  const size = Math.min(limit, largestPage)
  const ids = await core.repository.pageUsers(
    'preferences',
    { value: notNull, ...(key === undefined ? {} : { key }) },
    {
      limit: size,
      ...(after === undefined ? {} : { after }),
    },
  )
  const found = await core.repository.findPreferences({ by: { ids }, ...(keys === undefined ? {} : { keys }) })
  const byId = new Map(found.map((record) => [record.user.id, record]))
  const last = ids.at(-1)
  return {
    records: ids.flatMap((id) => byId.get(id) ?? []),
    next: ids.length < size || last === undefined ? {} : { next: last },
  }
}
