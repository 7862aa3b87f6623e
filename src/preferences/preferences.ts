import type { StandardSchemaV1 } from '@standard-schema/spec'
import { checkedOperations } from '../runtime/checked-operations.ts'
import type { Core } from '../runtime/core.ts'
import type { Page, PageOptions } from '../runtime/pages.ts'
import type { Actor } from '../site/actor.ts'
import type { PreferenceSchemas, Preferences, UndeclaredPreferences } from '../site/define-preferences.ts'
import type { Whom } from '../site/whom.ts'
import type { JsonValue } from '../values/json.ts'
import { preferenceArguments } from './arguments.ts'
import { preferenceValue, preferenceValues } from './change-preferences.ts'
import type { ResolvedPreference } from './declared-values.ts'
import { getPreferencesOfMany, getStored } from './operations/get-preferences.ts'
import {
  listPreferences,
  listUsersByPreference,
  type PreferenceFilter,
  type PreferenceItem,
  type PreferenceUser,
} from './operations/list-preferences.ts'
import { resolvePreferences, resolvePreferencesOfMany } from './operations/resolve-preferences.ts'
import {
  type UpdatePreferencesOptions,
  type UpdatePreferencesResult,
  updatePreferences,
} from './operations/update-preferences.ts'
import type { PreferenceScope } from './scope.ts'

/** The keys that preferences of a site have by themselves: they are never refused for not being declared. */
export type KnownPreference = 'account_privacy' | 'time_zone' | 'pref-lang' | 'dark-lang' | `visibility.${string}`

/** The key of a preference: a declared one or a known one; where the site stores undeclared ones, any other too. */
export type PreferenceKey<
  Schemas extends PreferenceSchemas,
  Undeclared extends UndeclaredPreferences = UndeclaredPreferences,
> = (keyof Schemas & string) | KnownPreference | ('store' extends Undeclared ? string & {} : never)

/**
 * A change of preferences, as a merge patch: a key gets the value, null deletes it. A key that is neither declared nor
 * known does not compile where the site rejects undeclared preferences.
 */
export type PreferencePatch<
  Schemas extends PreferenceSchemas,
  Undeclared extends UndeclaredPreferences = UndeclaredPreferences,
> = {
  readonly [Key in keyof Schemas]?: StandardSchemaV1.InferInput<Schemas[Key]> | null
} & ('store' extends Undeclared
  ? { readonly [key: string]: JsonValue }
  : { readonly [Key in KnownPreference]?: JsonValue })

/** The value of a resolved preference: that of its schema, or the text of one that is not declared. */
export type PreferenceValue<Schemas extends PreferenceSchemas, Key> = Key extends keyof Schemas
  ? StandardSchemaV1.InferOutput<Schemas[Key]>
  : string | null

/** Resolved preferences of one person. */
export type ResolvedPreferences<Schemas extends PreferenceSchemas, Key extends string> = {
  readonly [K in Key]: ResolvedPreference<PreferenceValue<Schemas, K>>
}

/**
 * Preferences: small texts under a key that people choose for themselves.
 *
 * Holders read and write their own, staff read those of all people, trusted code reads and writes; to other people known
 * and unknown names look the same. Besides the codes it names, every operation can throw `not_authenticated`,
 * `not_authorized`, `user_not_found` (only to those who may read), `bad_request` for an argument that is not what its
 * type says, and `internal_error`.
 */
export interface PreferenceOperations<
  Schemas extends PreferenceSchemas,
  Undeclared extends UndeclaredPreferences = UndeclaredPreferences,
> {
  /**
   * Returns one preference as its text; null where there is none. One statement.
   *
   * ```ts
   * const theme = await users.preferences.get(ada, ada, 'theme')
   * ```
   */
  get(actor: Actor, whom: Whom, key: PreferenceKey<Schemas, Undeclared>): Promise<string | null>

  /**
   * Returns all preferences that are stored, as texts by key: the choices of the person, without defaults. One statement.
   *
   * ```ts
   * const texts = await users.preferences.getAll(ada, ada)
   * ```
   */
  getAll(actor: Actor, whom: Whom): Promise<Record<string, string>>

  /**
   * Returns preferences of many people, as texts by key. For staff and trusted code. One statement, however many people
   * and keys; one more where some are named by id and others by username.
   *
   * ```ts
   * const texts = await users.preferences.getMany(staff, ['ada', 'bob'], ['theme'])
   * const theme = texts.get('ada')?.theme
   * ```
   */
  getMany<W extends Whom>(
    actor: Actor,
    whom: readonly W[],
    keys: readonly PreferenceKey<Schemas, Undeclared>[],
  ): Promise<Map<W, Record<string, string>>>

  /**
   * Sets one preference. Null and blank text are no values: `delete` deletes. For the holder and trusted code.
   *
   * ```ts
   * await users.preferences.set(ada, ada, 'theme', 'dark')
   * ```
   *
   * Throws `preference_validation_error`; `idempotency_key_reused`; `preference_update_error` when storing failed.
   */
  set<Key extends PreferenceKey<Schemas, Undeclared>>(
    actor: Actor,
    whom: Whom,
    key: Key,
    value: Key extends keyof Schemas ? StandardSchemaV1.InferInput<Schemas[Key]> : JsonValue,
    options?: UpdatePreferencesOptions,
  ): Promise<UpdatePreferencesResult>

  /**
   * Changes preferences by a merge patch: each key gets its value, null deletes it, also one that is not there. All or
   * nothing; every key that is refused is named. For the holder and trusted code.
   *
   * Text is stored as it is, `true` and `false` as `True` and `False`, other JSON as its text; text of a declared key
   * that spells another value is stored in quotes, so that it comes back as text. With `org` or `courseId` declared
   * preferences are set in that scope alone. Of parallel updates of one key the last one counts; updates of different
   * keys do not affect each other.
   *
   * ```ts
   * const { changes } = await users.preferences.update(ada, ada, { theme: 'dark', draft: null })
   * ```
   *
   * Throws `bad_request` for a patch that is no object or names nothing; `preference_validation_error`;
   * `idempotency_key_reused`; `preference_update_error` when storing failed. Source: RFC 7396; Open edX, `update_user_preferences`.
   */
  update(
    actor: Actor,
    whom: Whom,
    patch: PreferencePatch<Schemas, Undeclared>,
    options?: UpdatePreferencesOptions,
  ): Promise<UpdatePreferencesResult>

  /**
   * Deletes one preference, and returns whether there was one. The key can be any: those that were stored before the site
   * rejected undeclared ones can go. For the holder and trusted code.
   *
   * ```ts
   * const existed = await users.preferences.delete(ada, ada, 'theme')
   * ```
   *
   * Throws `preference_update_error` when storing failed.
   */
  delete(actor: Actor, whom: Whom, key: string, scope?: PreferenceScope): Promise<boolean>

  /**
   * Returns the values that apply to a person: of the course, else of the organisation, else the person's own, else the
   * default, each with its source. Declared keys have the type of their schema; others are texts, null by default. For
   * the holder, staff and trusted code. One statement.
   *
   * ```ts
   * const { theme } = await users.preferences.resolve(ada, ada, ['theme'], { org: 'OrgX' })
   * ```
   */
  resolve<const Key extends PreferenceKey<Schemas, Undeclared>>(
    actor: Actor,
    whom: Whom,
    keys: readonly Key[],
    scope?: PreferenceScope,
  ): Promise<ResolvedPreferences<Schemas, Key>>

  /**
   * Returns the values that apply to each of many people. For staff and trusted code, and for one's own. One statement;
   * one more where some are named by id and others by username.
   *
   * ```ts
   * const resolved = await users.preferences.resolveMany(staff, ['ada', 'bob'], ['theme'])
   * const theme = resolved.get('ada')?.theme.value
   * ```
   */
  resolveMany<W extends Whom, const Key extends PreferenceKey<Schemas, Undeclared>>(
    actor: Actor,
    whom: readonly W[],
    keys: readonly Key[],
    scope?: PreferenceScope,
  ): Promise<Map<W, ResolvedPreferences<Schemas, Key>>>

  /**
   * Returns preferences of all people or of one, all or those under one key, page by page in the order of the ids of
   * people; none for an unknown person. For staff and trusted code.
   *
   * ```ts
   * const { items, next } = await users.preferences.list(staff, { key: 'theme' })
   * ```
   */
  list(actor: Actor, options?: PreferenceFilter): Promise<Page<PreferenceItem>>

  /**
   * Returns the people who have a preference under a key, with all their preferences, page by page by id. For staff and
   * trusted code.
   *
   * ```ts
   * const { items, next } = await users.preferences.usersByKey(staff, 'theme', { limit: 50 })
   * ```
   */
  usersByKey(actor: Actor, key: string, page?: PageOptions): Promise<Page<PreferenceUser>>
}

export function preferenceOperations<Schemas extends PreferenceSchemas, Undeclared extends UndeclaredPreferences>(
  core: Core,
  declared: Preferences<Schemas, Undeclared>,
): PreferenceOperations<Schemas, Undeclared> {
  // Inside, the types of one site do not matter; the interface above keeps them.
  const site = declared as unknown as Preferences<PreferenceSchemas>
  const { definitions } = site
  type Operations = PreferenceOperations<Schemas, Undeclared>

  return checkedOperations<Operations>(core, 'preferences', preferenceArguments, {
    get: async (actor, whom, key) => preferenceValue(await getStored(core, actor, whom, [key]), key, definitions),
    getAll: async (actor, whom) => preferenceValues(await getStored(core, actor, whom), definitions),
    getMany: (actor, whom, keys) => getPreferencesOfMany(core, definitions, actor, whom, keys),
    set: (actor, whom, key, value, options = {}) =>
      // A patch would take null for a deletion; undefined stands for "no value" all the same.
      updatePreferences(core, site, actor, whom, { [key]: value ?? '' }, options),
    update: (actor, whom, patch, options = {}) => updatePreferences(core, site, actor, whom, patch, options),
    async delete(actor, whom, key, scope = {}) {
      const { changes } = await updatePreferences(core, site, actor, whom, { [key]: null }, scope)
      return changes.length > 0
    },
    resolve: async (actor, whom, keys, scope = {}) =>
      (await resolvePreferences(core, definitions, actor, whom, keys, scope)) as never,
    resolveMany: async (actor, whom, keys, scope = {}) =>
      (await resolvePreferencesOfMany(core, definitions, actor, whom, keys, scope)) as never,
    list: (actor, options = {}) => listPreferences(core, definitions, actor, options),
    usersByKey: (actor, key, page = {}) => listUsersByPreference(core, definitions, actor, key, page),
  })
}
