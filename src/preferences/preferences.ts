import type { StandardSchemaV1 } from '@standard-schema/spec'
import { checkedOperations } from '../runtime/checked-operations.ts'
import type { Core } from '../runtime/core.ts'
import { byUsernames } from '../runtime/load-account.ts'
import { type Actor, isStaff, requireAuthenticated } from '../site/actor.ts'
import type { PreferenceSchemas, Preferences } from '../site/define-preferences.ts'
import { UserCoreError } from '../values/errors.ts'
import type { JsonValue } from '../values/json.ts'
import { identifierKey } from '../values/text.ts'
import { preferenceArguments } from './arguments.ts'
import { preferenceValue, preferenceValues } from './change-preferences.ts'
import type { ResolvedPreference } from './declared-values.ts'
import {
  listPreferences,
  listUsersByPreference,
  type Page,
  type PageOptions,
  type PreferenceFilter,
  type PreferenceItem,
  type PreferenceUser,
} from './operations/list-preferences.ts'
import { loadPreferences, targetOf } from './operations/load-preferences.ts'
import { resolvePreferences } from './operations/resolve-preferences.ts'
import {
  type PreferencePlace,
  type UpdatePreferencesOptions,
  type UpdatePreferencesResult,
  updatePreferences,
} from './operations/update-preferences.ts'

/** A change of preferences, as a merge patch: a key gets the value, null deletes it. */
export type PreferencePatch<Schemas extends PreferenceSchemas> = {
  readonly [Key in keyof Schemas]?: StandardSchemaV1.InferInput<Schemas[Key]> | null
} & { readonly [key: string]: JsonValue }

/** The value that a preference has once it is resolved: that of its schema, or the text of one not declared. */
export type PreferenceValue<Schemas extends PreferenceSchemas, Key> = Key extends keyof Schemas
  ? StandardSchemaV1.InferOutput<Schemas[Key]>
  : string | null

/** Resolved preferences of one person. */
export type ResolvedPreferences<Schemas extends PreferenceSchemas, Key extends string> = {
  readonly [K in Key]: ResolvedPreference<PreferenceValue<Schemas, K>>
}

/** The key of a preference: a declared one, or any other. */
export type PreferenceKey<Schemas extends PreferenceSchemas> = (keyof Schemas & string) | (string & {})

/**
 * Preferences: small settings of people, each a text under a key.
 *
 * Holders read and write their own, staff read everybody's; to anybody else known and unknown names look the same.
 * Without username the actor's own are meant. Besides the codes it names, every operation can throw
 * `not_authenticated`, `not_authorized`, `user_not_found` (only to those who may read), `bad_request` for an argument
 * that is not what its type says, and `internal_error`.
 */
export interface PreferenceOperations<Schemas extends PreferenceSchemas> {
  /** One preference as its text; null where there is none. */
  get(actor: Actor, username: string | null | undefined, key: string): Promise<string | null>

  /** All preferences that are stored, as texts by key: what the person chose, without defaults. One statement. */
  getAll(actor: Actor, username?: string | null): Promise<Record<string, string>>

  /**
   * Preferences of many people, as texts by key, by username in the order of the call; unknown people are left out.
   * For staff. One statement, however many people and keys.
   */
  getMany(
    actor: Actor,
    usernames: readonly string[],
    keys: readonly string[],
  ): Promise<Map<string, Record<string, string>>>

  /**
   * Sets one preference. Null and blank text are no values: see `delete`.
   *
   * Throws `preference_validation_error`; `preference_update_error` when storing failed.
   */
  set<Key extends PreferenceKey<Schemas>>(
    actor: Actor,
    username: string | null | undefined,
    key: Key,
    value: Key extends keyof Schemas ? StandardSchemaV1.InferInput<Schemas[Key]> : JsonValue,
    options?: UpdatePreferencesOptions,
  ): Promise<UpdatePreferencesResult>

  /**
   * Changes preferences by a merge patch: each key gets its value, null deletes it (also one that is not there). All or
   * nothing; every key that is refused is named. Text is stored as it is, `true` and `false` as `True` and `False`,
   * other JSON as its text; text of a declared key that spells another value in quotes, so that it comes back as text. With `org` or `course_id` it sets declared preferences for that place alone.
   *
   * Of parallel updates of one key the last one counts; those of different keys never meet.
   *
   * Throws `bad_request` for a patch that is no object or names nothing; `preference_validation_error`;
   * `preference_update_error` when storing failed. Source: RFC 7396; Open edX, `update_user_preferences`.
   */
  update(
    actor: Actor,
    username: string | null | undefined,
    patch: PreferencePatch<Schemas>,
    options?: UpdatePreferencesOptions,
  ): Promise<UpdatePreferencesResult>

  /** Deletes one preference. Answers whether there was one. Throws `preference_update_error` when storing failed. */
  delete(actor: Actor, username: string | null | undefined, key: string, place?: PreferencePlace): Promise<boolean>

  /**
   * The values that apply to a person: of the course, else of the organisation, else the person's own, else the default,
   * each with where it comes from. Declared keys have the type of their schema; others are texts, null by default.
   */
  resolve<const Key extends PreferenceKey<Schemas>>(
    actor: Actor,
    username: string,
    keys: readonly Key[],
    place?: PreferencePlace,
  ): Promise<ResolvedPreferences<Schemas, Key>>

  /** The same for many people, by username in the order of the call; unknown people are left out. One statement. */
  resolveMany<const Key extends PreferenceKey<Schemas>>(
    actor: Actor,
    usernames: readonly string[],
    keys: readonly Key[],
    place?: PreferencePlace,
  ): Promise<Map<string, ResolvedPreferences<Schemas, Key>>>

  /**
   * Preferences of everybody or of one person, all or those under one key, page by page in the order of people's ids;
   * none of an unknown person. For staff.
   */
  list(actor: Actor, options?: PageOptions & PreferenceFilter): Promise<Page<PreferenceItem>>

  /** The people who have a preference under a key, with all their preferences, page by page by id. For staff. */
  usersByKey(actor: Actor, key: string, options?: PageOptions): Promise<Page<PreferenceUser>>
}

export function preferenceOperations<Schemas extends PreferenceSchemas>(
  core: Core,
  declared: Preferences<Schemas>,
): PreferenceOperations<Schemas> {
  // Inside, the types of one site do not matter; the interface above keeps them.
  const site = declared as unknown as Preferences<PreferenceSchemas>
  const { definitions } = site

  async function stored(actor: Actor, username: string | null | undefined, keys?: readonly string[]) {
    const name = targetOf(actor, username, 'read')
    return (await loadPreferences(core, name, keys === undefined ? {} : { keys })).preferences
  }

  async function getMany(actor: Actor, usernames: readonly string[], keys: readonly string[]) {
    requireAuthenticated(actor)
    if (!isStaff(actor)) throw new UserCoreError('not_authorized')
    const records = await core.repository.findPreferences({ by: byUsernames(usernames), keys })
    const byKey = new Map(
      records.map((record) => [record.user.username_key, preferenceValues(record.preferences, definitions)]),
    )
    return new Map(
      usernames.flatMap((username): [string, Record<string, string>][] => {
        const values = byKey.get(identifierKey(username))
        return values === undefined ? [] : [[username, values]]
      }),
    )
  }

  return checkedOperations<PreferenceOperations<Schemas>>(core, 'preferences', preferenceArguments, {
    get: async (actor, username, key) => preferenceValue(await stored(actor, username, [key]), key, definitions),
    getAll: async (actor, username) => preferenceValues(await stored(actor, username), definitions),
    getMany,
    set: (actor, username, key, value, options = {}) =>
      // A patch would take null for a deletion; undefined stands for "no value" all the same.
      updatePreferences(core, site, actor, username, { [key]: value ?? '' }, options),
    update: (actor, username, patch, options = {}) => updatePreferences(core, site, actor, username, patch, options),
    async delete(actor, username, key, place = {}) {
      const { changes } = await updatePreferences(core, site, actor, username, { [key]: null }, place)
      return changes.length > 0
    },
    async resolve(actor, username, keys, place = {}) {
      const resolved = (await resolvePreferences(core, site, actor, [username], keys, place)).get(username)
      if (resolved === undefined) throw new UserCoreError('user_not_found')
      return resolved as never
    },
    resolveMany: async (actor, usernames, keys, place = {}) =>
      (await resolvePreferences(core, site, actor, usernames, keys, place)) as never,
    list: (actor, options = {}) => listPreferences(core, definitions, actor, options, options),
    usersByKey: (actor, key, page = {}) => listUsersByPreference(core, definitions, actor, key, page),
  })
}
