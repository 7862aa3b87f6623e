import { message } from '../../outbox/messages.ts'
import type { PreferenceRecord } from '../../port/preference-record.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { byUsernames } from '../../runtime/load-account.ts'
import { type Actor, isSelf, isStaff, isSystem, namedOrOwn, requireAuthenticated } from '../../site/actor.ts'
import { badArgument, requireName, requireText } from '../../values/arguments.ts'
import { orgOfCourse } from '../../values/course-id.ts'
import { UserCoreError } from '../../values/errors.ts'
import { instantOf } from '../../values/instant.ts'
import { isPlainObject } from '../../values/json.ts'
import { allowedOptIn, emailOptInKey, readOptIn, storedOptIn } from '../email-opt-in.ts'

/** What somebody chose: as values, or as the form of the stock pages sends it. */
export type EmailOptInChoice =
  | { readonly org: string; readonly opt_in: boolean }
  | {
      /** Only its organisation counts; the course need not exist. */
      readonly course_id: string
      /** `true` in any letter case is yes, everything else is no. */
      readonly email_opt_in: string
    }

export async function updateEmailOptIn(
  core: Core,
  actor: Actor,
  username: string | null | undefined,
  choice: EmailOptInChoice,
): Promise<{ opt_in: boolean }> {
  const name = targetOf(actor, username, isSystem)
  const { org, opt_in } = readChoice(choice)
  return decideAndSave(core, async () => {
    const context = contextOf(core)
    const { user, org_tags } = await loadOptIn(core, name, org)
    const [profile] = await core.repository.select('profiles', { user_id: user.id })
    if (profile === undefined && core.settings.email_optin_needs_profile) throw new UserCoreError('user_not_found')
    const allowed = allowedOptIn(opt_in, profile?.year_of_birth ?? null, context)
    const [stored] = org_tags
    if (storedOptIn(stored) === allowed) return { writes: [], result: { opt_in: allowed } }
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
      people: [user],
      writes: [
        { put: 'org_tags', rows: [row] },
        { insert: 'outbox', rows: [changed] },
      ],
      result: { opt_in: allowed },
    }
  })
}

export async function getEmailOptIn(
  core: Core,
  actor: Actor,
  username: string | null | undefined,
  org: string,
): Promise<boolean | null> {
  const name = targetOf(actor, username, isStaff)
  const { org_tags } = await loadOptIn(core, name, org)
  return storedOptIn(org_tags[0])
}

/** Whose tags a call is about: the named person's, or the actor's own. `others` says who may deal with other people's. */
export function targetOf(actor: Actor, username: string | null | undefined, others: (actor: Actor) => boolean): string {
  requireAuthenticated(actor)
  const name = namedOrOwn(actor, username)
  if (!isSelf(actor, name) && !others(actor)) throw new UserCoreError('not_authorized')
  return name
}

async function loadOptIn(core: Core, username: string, org: string): Promise<PreferenceRecord> {
  const by = byUsernames([username])
  const [record] = await core.repository.findPreferences({ by, keys: [emailOptInKey], org })
  if (record === undefined) throw new UserCoreError('user_not_found')
  return record
}

function readChoice(choice: EmailOptInChoice): { org: string; opt_in: boolean } {
  if (!isPlainObject(choice)) throw badArgument('choice')
  if ('course_id' in choice) {
    const org = typeof choice.course_id === 'string' ? orgOfCourse(choice.course_id) : undefined
    return { org: requireName(org, 'course_id'), opt_in: readOptIn(requireText(choice.email_opt_in, 'email_opt_in')) }
  }
  const { org, opt_in } = choice
  if (typeof opt_in !== 'boolean') throw badArgument('opt_in')
  return { org: requireName(org, 'org'), opt_in }
}
