import type { SettingChange } from '../../outbox/told-change.ts'
import { requireHolderOr } from '../../runtime/authorize.ts'
import { type Core, contextOf, refusal, reportingAs, requireWithinBudget } from '../../runtime/core.ts'
import { idOfActor, loadAccount, userRef } from '../../runtime/load-account.ts'
import { decideOnce, type OnceOptions, onceUnder, type Replayable } from '../../runtime/once.ts'
import { permitToStore } from '../../runtime/permit.ts'
import { readOnlyFor } from '../../runtime/read-only.ts'
import { type Actor, isStaff } from '../../site/actor.ts'
import type { Whom } from '../../site/whom.ts'
import { UserCoreError } from '../../values/errors.ts'
import { accountChange } from '../account-change.ts'
import { changeExtendedProfile } from '../extended-profile/change-extended-profile.ts'
import { readEdit } from '../extended-profile/edit.ts'
import { partWrittenBy } from '../extended-profile/owners.ts'

/** Options of `extendedProfile.update`. */
export interface UpdateExtendedProfileOptions extends OnceOptions {
  /**
   * Change the profile only while the account has this version; otherwise the call throws `conflict`. Without it, changes
   * of others that happen meanwhile are kept, and this one comes on top.
   */
  readonly expectedVersion?: number
}

/**
 * The result of a change of one section of an extended profile. Of a replay the version is the one that the first call
 * reached, and the lists are empty.
 */
export interface UpdateExtendedProfileResult extends Replayable {
  /** The owner of the section that was written: `user`, `staff` or `system:<name>`. */
  readonly owner: string
  /** Version of the account after the change, for `expectedVersion` of the next one. */
  readonly version: number
  /** Values that readers see differently. Empty while owners that count more have set the same fields. */
  readonly changes: readonly SettingChange[]
  /** Names of fields that were stored, but are shown to no reader until the site configures them. */
  readonly unconfigured: readonly string[]
  /** Names of fields that still show the value of another owner, which counts more. */
  readonly overruled: readonly string[]
}

export async function updateSection(
  core: Core,
  actor: Actor,
  whom: Whom,
  input: unknown,
  { expectedVersion, idempotencyKey: key }: UpdateExtendedProfileOptions,
): Promise<UpdateExtendedProfileResult> {
  const target = await requireHolderOr(core, actor, whom, isStaff)
  requireWithinBudget(input, core)
  const context = contextOf(core)
  const once = onceUnder<UpdateExtendedProfileResult>(
    core,
    { key, operation: 'extendedProfile.update', actor, whom, input: { input, expectedVersion } },
    ({ user }, { version }) => ({
      owner: partWrittenBy(actor, user),
      version: Number(version),
      changes: [],
      unconfigured: [],
      overruled: [],
      replayed: true,
    }),
    context,
  )
  return reportingAs('account_update_error', () =>
    decideOnce(core, once, async () => {
      const before = await loadAccount(core, target)
      const permit = permitToStore(core, actor, [before])
      const owner = partWrittenBy(actor, before.user)
      const version = before.profile?.version ?? 0
      if (expectedVersion !== undefined && expectedVersion !== version) {
        throw new UserCoreError('conflict', { params: { version, reason: 'version' } })
      }
      const isReadOnly = readOnlyFor(core, actor, userRef(before.user))
      const edit = (stored: Parameters<typeof readEdit>[1]) => readEdit(input, stored, context)
      const checked = await changeExtendedProfile(before, { owner, isNew: false, edit, isReadOnly }, context)
      if ('issues' in checked) throw refusal('account_validation_error', checked.issues, core)

      const { rows, changes: fieldChanges, unconfigured, overruled } = checked.value
      const after = { ...before, extended_profiles: rows }
      const isRemembered = fieldChanges.some(({ name }) => context.extendedProfile.fields[name]?.history === true)
      const changed_by = isRemembered ? await idOfActor(core, actor) : null
      const { writes, changes } = accountChange(before, after, { changed_by }, context)
      const reached = writes.length > 0 ? version + 1 : version
      return {
        permit,
        writes,
        result: { owner, version: reached, changes, unconfigured, overruled, replayed: false },
        remembered: { user_id: before.user.id, reference: { version: reached } },
      }
    }),
  )
}
