import { checkedOperations } from '../runtime/checked-operations.ts'
import type { Core } from '../runtime/core.ts'
import type { Actor } from '../site/actor.ts'
import type { ExtendedFields } from '../site/define-extended-profile.ts'
import type { Whom } from '../site/whom.ts'
import { UserCoreError } from '../values/errors.ts'
import { extendedProfileArguments } from './extended-profile/arguments.ts'
import type { ExtendedProfileSection } from './extended-profile/document.ts'
import type { ExtendedProfileInput, ExtendedProfileValues } from './extended-profile/typed-values.ts'
import { type FieldChange, listFieldHistory } from './operations/list-field-history.ts'
import {
  type MigrateProfilesOptions,
  type MigrateProfilesProgress,
  migrateProfiles,
} from './operations/migrate-extended-profiles.ts'
import { readProfiles, readSections } from './operations/read-extended-profiles.ts'
import {
  type UpdateExtendedProfileOptions,
  type UpdateExtendedProfileResult,
  updateSection,
} from './operations/update-extended-profile.ts'

/** An extended profile as one reader sees it. */
export interface ExtendedProfileView<Fields extends ExtendedFields> {
  /** The values that count, of the fields that the reader sees; a field that is not stored is left out. */
  readonly values: ExtendedProfileValues<Fields>
  /** Declared fields whose stored value their schema does not take: they are left out of the values. */
  readonly invalid: readonly string[]
}

/**
 * Extended profiles: the fields that a site adds to accounts.
 *
 * A profile has a section for each of its owners: `user`, `staff` and `system:<name>`. Where several have set a field,
 * the value of the first counts, in the order of `precedence` (see `defineExtendedProfile`); `sections` returns them
 * all. Besides the codes it names, every operation can throw `not_authenticated`, `not_authorized`, `user_not_found`,
 * `bad_request` for an argument that is not of its type, and `internal_error`.
 */
export interface ExtendedProfileOperations<Fields extends ExtendedFields> {
  /**
   * Returns the extended profile of one person as the actor sees it. One statement.
   *
   * ```ts
   * const { values } = await users.extendedProfile.get(ada, ada)
   * ```
   */
  get(actor: Actor, whom: Whom): Promise<ExtendedProfileView<Fields>>

  /**
   * Returns the extended profiles of many people, each as the actor sees it. One statement.
   *
   * ```ts
   * const views = await users.extendedProfile.getMany(staff, ['ada', 'bob'])
   * const values = views.get('ada')?.values
   * ```
   */
  getMany<W extends Whom>(actor: Actor, whom: readonly W[]): Promise<Map<W, ExtendedProfileView<Fields>>>

  /**
   * Returns the sections of an extended profile, those that count more first, each with the fields that the actor sees.
   * For the holder, staff and trusted code.
   *
   * ```ts
   * const owners = (await users.extendedProfile.sections(staff, 'ada')).map(({ owner }) => owner)
   * ```
   */
  sections(actor: Actor, whom: Whom): Promise<ExtendedProfileSection[]>

  /**
   * Changes the actor's section of an extended profile, and no other: holders write `user`, named systems
   * `system:<name>`, staff the section of that name; code without a name writes as the holder. A list sets the fields
   * it names; an object is a merge patch.
   *
   * ```ts
   * const { version } = await users.extendedProfile.update(ada, ada, { motto: 'Onward' })
   * ```
   *
   * Throws `account_validation_error` with every issue at once, under pointers `/extended_profile/<field>/…`;
   * `conflict` when `expectedVersion` does not hold; `idempotency_key_reused`; `account_update_error` when storing
   * failed. Source: RFC 7396 for the object.
   */
  update(
    actor: Actor,
    whom: Whom,
    input: ExtendedProfileInput<Fields>,
    options?: UpdateExtendedProfileOptions,
  ): Promise<UpdateExtendedProfileResult>

  /**
   * Returns the remembered changes of fields that were declared with `history`, oldest first, as far as the actor sees
   * the fields. For the holder, staff and trusted code.
   *
   * ```ts
   * const changes = await users.extendedProfile.history(staff, 'ada')
   * ```
   */
  history(actor: Actor, whom: Whom, options?: { readonly field?: string }): Promise<FieldChange[]>

  /**
   * Brings every stored document up to the version of the site, in batches, for trusted code. Documents that cannot be
   * brought there are listed and stay. It can run beside writers, be broken off, and go on where it was.
   *
   * ```ts
   * const { stuck } = await users.extendedProfile.migrate(system, { dryRun: true })
   * ```
   */
  migrate(actor: Actor, options?: MigrateProfilesOptions): Promise<MigrateProfilesProgress>
}

export function extendedProfileOperations<Fields extends ExtendedFields>(
  core: Core,
): ExtendedProfileOperations<Fields> {
  /** Values that schemas gave have the types of the schemas: the one place that says so. */
  const getMany = async <W extends Whom>(actor: Actor, whom: readonly W[]) =>
    (await readProfiles(core, actor, whom)) as Map<W, ExtendedProfileView<Fields>>

  return checkedOperations<ExtendedProfileOperations<Fields>>(core, 'extendedProfile', extendedProfileArguments, {
    async get(actor, whom) {
      const view = (await getMany(actor, [whom])).get(whom)
      if (view === undefined) throw new UserCoreError('user_not_found')
      return view
    },
    getMany,
    sections: (actor, whom) => readSections(core, actor, whom),
    update: (actor, whom, input, options = {}) => updateSection(core, actor, whom, input, options),
    history: (actor, whom, { field } = {}) => listFieldHistory(core, actor, whom, field),
    migrate: (actor, options = {}) => migrateProfiles(core, actor, options),
  })
}
