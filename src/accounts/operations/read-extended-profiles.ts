import { type Core, contextOf } from '../../runtime/core.ts'
import { loadAccount, loadAccounts } from '../../runtime/load-account.ts'
import { type Actor, isSelf, isStaff, requireAuthenticated } from '../../site/actor.ts'
import { UserCoreError } from '../../values/errors.ts'
import { type ExtendedProfilePart, readParts } from '../extended-profile/document.ts'
import { type ReadValues, readValues } from '../extended-profile/read-values.ts'
import { visibleExtendedNames } from '../extended-profile/visible-fields.ts'
import { readingOf } from '../visibility.ts'

/** What an actor sees of people's extended profiles, by username key; unknown people are left out. */
export async function readProfiles(
  core: Core,
  actor: Actor,
  usernames: readonly string[],
): Promise<Map<string, ReadValues>> {
  requireAuthenticated(actor)
  const context = contextOf(core)
  const reading = readingOf(actor, {}, core.settings)
  const found = new Map<string, ReadValues>()
  for (const record of (await loadAccounts(core, usernames)).values()) {
    const names = visibleExtendedNames(record, reading, context)
    found.set(record.user.username_key, await readValues(record, names, context))
  }
  return found
}

export async function readProfileParts(core: Core, actor: Actor, username: string): Promise<ExtendedProfilePart[]> {
  requireAuthenticated(actor)
  if (!isStaff(actor) && !isSelf(actor, username)) throw new UserCoreError('not_authorized')
  const context = contextOf(core)
  const record = await loadAccount(core, username)
  const names = new Set(visibleExtendedNames(record, readingOf(actor, {}, core.settings), context))
  return readParts(record.extended_profiles, context.extendedProfile).map((part) => ({
    ...part,
    document: Object.fromEntries(Object.entries(part.document).filter(([name]) => names.has(name))),
  }))
}
