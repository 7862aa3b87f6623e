import type { SettingChange } from '../../outbox/told-change.ts'
import { requireHolderOr } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave, refusal, reportingAs, requireWithinBudget } from '../../runtime/core.ts'
import { idOfActor, loadAccount, userRef } from '../../runtime/load-account.ts'
import { readOnlyFor } from '../../runtime/read-only.ts'
import { type Actor, isStaff } from '../../site/actor.ts'
import type { Whom } from '../../site/whom.ts'
import { UserCoreError } from '../../values/errors.ts'
import { accountChange } from '../account-change.ts'
import { changeExtendedProfile } from '../extended-profile/change-extended-profile.ts'
import { readEdit } from '../extended-profile/edit.ts'
import { partWrittenBy } from '../extended-profile/owners.ts'

/** Options of `extendedProfile.update`. */
export interface UpdateExtendedProfileOptions {
  /**
   * Change the profile only while the account has this version; otherwise the call throws `conflict`. Without it, changes
   * of others that happen meanwhile are kept, and this one comes on top.
   */
  readonly expectedVersion?: number
}

/** The result of a change of one section of an extended profile. */
export interface UpdateExtendedProfileResult {
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
  { expectedVersion }: UpdateExtendedProfileOptions,
): Promise<UpdateExtendedProfileResult> {
  const target = await requireHolderOr(core, actor, whom, isStaff)
  requireWithinBudget(input, core)
  return reportingAs('account_update_error', () =>
    decideAndSave(core, async () => {
      const context = contextOf(core)
      const before = await loadAccount(core, target)
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
      return {
        people: [before.user],
        writes,
        result: { owner, version: writes.length > 0 ? version + 1 : version, changes, unconfigured, overruled },
      }
    }),
  )
}
