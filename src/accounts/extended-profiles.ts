import { checkedOperations } from '../runtime/checked-operations.ts'
import type { Core } from '../runtime/core.ts'
import { type Actor, namedOrOwn } from '../site/actor.ts'
import type { ExtendedFields } from '../site/define-extended-profile.ts'
import { UserCoreError } from '../values/errors.ts'
import { identifierKey } from '../values/text.ts'
import { extendedProfileArguments } from './extended-profile/arguments.ts'
import type { ExtendedProfilePart } from './extended-profile/document.ts'
import type { ExtendedProfileInput, ExtendedProfileValues } from './extended-profile/typed-values.ts'
import { type FieldHistoryEntry, listFieldHistory } from './operations/list-field-history.ts'
import {
  type MigrateProfilesOptions,
  type MigrateProfilesProgress,
  migrateProfiles,
} from './operations/migrate-extended-profiles.ts'
import { readProfileParts, readProfiles } from './operations/read-extended-profiles.ts'
import { type UpdateExtendedProfileResult, updatePart } from './operations/update-extended-profile.ts'

/** An extended profile as one reader sees it. */
export interface ExtendedProfileReading<Fields extends ExtendedFields> {
  /** The values that count, of the fields that the reader sees; a field that is not stored is left out. */
  readonly values: ExtendedProfileValues<Fields>
  /** Declared fields whose stored value their schema does not take: they are left out of the values. */
  readonly invalid: readonly string[]
}

/**
 * Extended profiles: the fields that a site adds to accounts.
 *
 * A profile has a part for each of its owners: `user`, `staff` and `system:<name>`. Where several have set a field, the
 * value of the first counts, in the order of `precedence` (see `defineExtendedProfile`); `parts` shows them all.
 * Besides the codes it names, every operation can throw `not_authenticated`, `not_authorized`, `user_not_found`,
 * `bad_request` for an argument that is not what its type says, and `internal_error`.
 */
export interface ExtendedProfileOperations<Fields extends ExtendedFields> {
  /** What the actor sees of one person's extended profile. Without username: the actor's own. One statement. */
  get(actor: Actor, username?: string | null): Promise<ExtendedProfileReading<Fields>>

  /** The same of many people, by username in the order of the call; unknown people are left out. One statement. */
  getMany(actor: Actor, usernames: readonly string[]): Promise<Map<string, ExtendedProfileReading<Fields>>>

  /**
   * The parts of an extended profile, those that count more first, each with the fields that the actor sees. For the
   * holder, staff and trusted code.
   */
  parts(actor: Actor, username: string): Promise<ExtendedProfilePart[]>

  /**
   * Changes the actor's part of an extended profile, and no other: holders write `user`, named systems
   * `system:<name>`, staff the part of that name; code without a name writes as the holder. A list sets the fields it
   * names; an object is a merge patch.
   *
   * Throws `account_validation_error` with every issue at once, under pointers `/extended_profile/<field>/…`;
   * `account_update_error` when storing failed. Source: RFC 7396 for the object.
   */
  update(actor: Actor, username: string, input: ExtendedProfileInput<Fields>): Promise<UpdateExtendedProfileResult>

  /**
   * The remembered changes of fields that were declared with `history`, oldest first, as far as the actor sees the
   * fields. For the holder, staff and trusted code.
   */
  history(actor: Actor, username: string, options?: { readonly field?: string }): Promise<FieldHistoryEntry[]>

  /**
   * Brings every stored document up to the version of the site, in batches, for trusted code. Documents that cannot be
   * are listed and stay. It can run beside writers, be broken off, and go on where it was.
   */
  migrateExtendedProfiles(actor: Actor, options?: MigrateProfilesOptions): Promise<MigrateProfilesProgress>
}

export function extendedProfileOperations<Fields extends ExtendedFields>(
  core: Core,
): ExtendedProfileOperations<Fields> {
  /** What schemas gave has their types: the one place that says so. */
  async function getMany(actor: Actor, usernames: readonly string[]) {
    const found = await readProfiles(core, actor, usernames)
    return new Map(
      usernames.flatMap((username) => {
        const reading = found.get(identifierKey(username))
        return reading === undefined ? [] : [[username, reading as ExtendedProfileReading<Fields>] as const]
      }),
    )
  }

  return checkedOperations<ExtendedProfileOperations<Fields>>(core, 'extendedProfile', extendedProfileArguments, {
    async get(actor, username) {
      const name = namedOrOwn(actor, username)
      const reading = (await getMany(actor, [name])).get(name)
      if (reading === undefined) throw new UserCoreError('user_not_found')
      return reading
    },
    getMany,
    parts: (actor, username) => readProfileParts(core, actor, username),
    update: (actor, username, input) => updatePart(core, actor, username, input),
    history: (actor, username, { field } = {}) => listFieldHistory(core, actor, username, field),
    migrateExtendedProfiles: (actor, options = {}) => migrateProfiles(core, actor, options),
  })
}
