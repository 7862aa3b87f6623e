import { message } from '../../outbox/messages.ts'
import { loadPreferences } from '../../preferences/operations/load-preferences.ts'
import { requireHolderOr } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { permitToStore, permitToWithdraw } from '../../runtime/permit.ts'
import { type Actor, isStaff, isSystem } from '../../site/actor.ts'
import type { Whom } from '../../site/whom.ts'
import { UserCoreError } from '../../values/errors.ts'
import { instantOf } from '../../values/instant.ts'
import { allowedOptIn, emailOptInKey, storedOptIn } from '../email-opt-in.ts'

/** The choice of a person about e-mail of one organisation. */
export interface EmailOptInChoice {
  /** Name of the organisation, at most 255 characters. */
  readonly org: string
  /** True: the person wants its e-mail. */
  readonly optIn: boolean
}

export async function setEmailOptIn(
  core: Core,
  actor: Actor,
  whom: Whom,
  { org, optIn }: EmailOptInChoice,
): Promise<{ optIn: boolean }> {
  const holder = await requireHolderOr(core, actor, whom, isSystem)
  return decideAndSave(core, async () => {
    const context = contextOf(core)
    const record = await loadPreferences(core, holder, { org, keys: [emailOptInKey] })
    const { user, org_tags } = record
    const [profile] = await core.repository.select('profiles', { user_id: user.id })
    if (profile === undefined && core.settings.email_optin_needs_profile) throw new UserCoreError('user_not_found')
    const allowed = allowedOptIn(optIn, profile?.year_of_birth ?? null, context)
    const permit = (allowed ? permitToStore : permitToWithdraw)(core, actor, [record])
    const [stored] = org_tags
    if (storedOptIn(stored) === allowed) return { writes: [], result: { optIn: allowed } }
    const now = instantOf(context.now)
    const row = {
      user_id: user.id,
      org,
      key: emailOptInKey,
      value: allowed ? 'True' : 'False',
      version: (stored?.version ?? 0) + 1,
      created_at: stored?.created_at ?? now,
      modified_at: now,
    }
    const changed = message('event', 'email_opt_in.changed', user.id, { org, opt_in: allowed }, context)
    return {
      permit,
      writes: [
        { put: 'org_tags', rows: [row] },
        { insert: 'outbox', rows: [changed] },
      ],
      result: { optIn: allowed },
    }
  })
}

export async function getEmailOptIn(core: Core, actor: Actor, whom: Whom, org: string): Promise<boolean | null> {
  const holder = await requireHolderOr(core, actor, whom, isStaff)
  const { org_tags } = await loadPreferences(core, holder, { org, keys: [emailOptInKey] })
  return storedOptIn(org_tags[0])
}
