import type { PreferenceRecord } from '../../port/preference-record.ts'
import type { UserId } from '../../port/tables.ts'
import { notNull } from '../../port/write.ts'
import { requireStaff } from '../../runtime/authorize.ts'
import type { Core } from '../../runtime/core.ts'
import { byWhom } from '../../runtime/load-account.ts'
import { afterUser, nextOf, type Page, type PageOptions } from '../../runtime/pages.ts'
import type { Actor } from '../../site/actor.ts'
import type { PreferenceSchemas, Preferences } from '../../site/define-preferences.ts'
import type { Whom } from '../../site/whom.ts'
import { preferenceValues } from '../change-preferences.ts'

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

type Definitions = Preferences<PreferenceSchemas>['definitions']

/** A selection of preferences, page by page; `limit` counts people, each of whom is on a page with all that is selected. */
export interface PreferenceFilter extends PageOptions {
  /** Selects those under one key. Default: all. */
  readonly key?: string
  /** Selects those of one person. Default: those of all people. */
  readonly whom?: Whom
}

export async function listPreferences(
  core: Core,
  definitions: Definitions,
  actor: Actor,
  { key, whom, ...page }: PreferenceFilter,
): Promise<Page<PreferenceItem>> {
  requireStaff(actor)
  const keys = key === undefined ? {} : { keys: [key] }
  const { items, ...next } =
    whom === undefined ? await loadPage(core, key, page, keys) : await loadPerson(core, whom, page, keys)
  return { items: items.flatMap((record) => itemsOf(record, definitions)), ...next }
}

export async function listUsersByPreference(
  core: Core,
  definitions: Definitions,
  actor: Actor,
  key: string,
  page: PageOptions,
): Promise<Page<PreferenceUser>> {
  requireStaff(actor)
  const { items, ...next } = await loadPage(core, key, page)
  const profiles = await core.repository.select('profiles', { user_id: items.map(({ user }) => user.id) })
  const names = new Map(profiles.map((profile) => [profile.user_id, profile.name]))
  const people = items.map(({ user: { id, username, email }, preferences }) => {
    return { id, username, email, name: names.get(id) ?? '', preferences: preferenceValues(preferences, definitions) }
  })
  return { items: people, ...next }
}

function itemsOf({ user, preferences }: PreferenceRecord, definitions: Definitions): PreferenceItem[] {
  return Object.entries(preferenceValues(preferences, definitions))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ({ username: user.username, key, value }))
}

/** Loads the only page of one person. Its cursor is checked all the same. */
async function loadPerson(
  core: Core,
  whom: Whom,
  { after }: PageOptions,
  keys: { readonly keys?: readonly string[] },
): Promise<Page<PreferenceRecord>> {
  afterUser(core, after)
  return { items: await core.repository.findPreferences({ by: byWhom(core, whom), ...keys, counted: false }) }
}

/** Loads a page of the people who have a preference, or one under a key, in the order of their ids. */
async function loadPage(
  core: Core,
  key: string | undefined,
  { after, limit = 100 }: PageOptions,
  keys: { readonly keys?: readonly string[] } = {},
): Promise<Page<PreferenceRecord>> {
  const ids = await core.repository.pageUsers(
    'preferences',
    { value: notNull, ...(key === undefined ? {} : { key }) },
    { limit, ...afterUser(core, after) },
  )
  const found = await core.repository.findPreferences({ by: { ids }, ...keys, counted: false })
  const byId = new Map(found.map((record) => [record.user.id, record]))
  return { items: ids.flatMap((id) => byId.get(id) ?? []), ...nextOf(ids, limit, (id) => [id]) }
}
