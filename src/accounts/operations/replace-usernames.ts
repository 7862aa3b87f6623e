import type { AccountRecord } from '../../port/account-record.ts'
import type { RetirementRow, UserId } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { requireAllowed } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { loadAccount, userRef } from '../../runtime/load-account.ts'
import { permitToStore } from '../../runtime/permit.ts'
import { requireWritable } from '../../runtime/read-only.ts'
import { type Actor, isNamed, isSystem } from '../../site/actor.ts'
import type { Context } from '../../site/context.ts'
import { looksRetired } from '../../site/retired-formats.ts'
import type { Settings } from '../../site/settings.ts'
import type { Whom } from '../../site/whom.ts'
import { badArgument } from '../../values/arguments.ts'
import type { UserCoreErrorCode } from '../../values/error-params.ts'
import { errorStatus, isUserCoreError, UserCoreError } from '../../values/errors.ts'
import { identifierKey, isSameIdentifier } from '../../values/text.ts'
import { accountChange } from '../account-change.ts'
import { imageWrites, namedImage, uploadedImage } from '../fields/profile-image.ts'
import { isStorableUsername } from '../fields/username.ts'
import { drawUsernameSuffix } from '../fields/username-suffix.ts'
import { replaceUsernameWrites } from '../former-usernames.ts'
import { isReservedUsername } from '../reserved-usernames.ts'
import { retiredForm } from '../retired-identifier.ts'
import { loadClaims } from './load-claims.ts'

/** One replacement: whose username, and the one that they get. */
export interface UsernameReplacement<W extends Whom = Whom> {
  readonly whom: W
  readonly username: string
}

/** The outcome of each replacement. */
export interface ReplaceUsernamesResult<W extends Whom = Whom> {
  /** Replacements that hold now, with the username that was really given. */
  readonly replaced: readonly UsernameReplacement<W>[]
  /** People who could not be renamed, each with the code of the error: `user_not_found` for unknown people. */
  readonly failed: readonly { readonly whom: W; readonly code: UserCoreErrorCode }[]
}

/** The number of suffixes that are drawn at once. */
const suffixes = 20

export async function replaceUsernames<W extends Whom>(
  core: Core,
  actor: Actor,
  replacements: readonly UsernameReplacement<W>[],
): Promise<ReplaceUsernamesResult<W>> {
  requireReplacer(core, actor)
  if (!replacements.every(({ username }) => isStorableUsername(username)))
    throw badArgument('replacements', 'a list of objects, each with whom and a username of up to 150 characters')
  const replaced: UsernameReplacement<W>[] = []
  const failed: { readonly whom: W; readonly code: UserCoreErrorCode }[] = []
  for (const { whom, username } of replacements) {
    try {
      replaced.push({ whom, username: await replaceUsername(core, actor, whom, username) })
    } catch (error) {
      if (!isUserCoreError(error) || errorStatus(error) >= 500) throw error
      failed.push({ whom, code: error.code })
    }
  }
  return { replaced, failed }
}

/** Throws `not_authenticated` or `not_authorized` unless the actor may give people other usernames. */
export function requireReplacer({ settings, repository }: Core, actor: Actor): void {
  requireAllowed(actor, isSystem(actor) || isNamed(actor, settings.username_replacement_worker))
  if (repository.usernames === 'ids') throw new UserCoreError('config_error', { params: { usernames: 'ids' } })
}

/**
 * Gives one person another username, in a transaction of its own; with a random end when the wanted one is taken.
 * Returns the name that was given.
 */
function replaceUsername(core: Core, actor: Actor, whom: Whom, wanted: string): Promise<string> {
  return decideAndSave<unknown, string>(core, async () => {
    const context = contextOf(core)
    const before = await loadAccount(core, whom)
    const permit = permitToStore(core, actor, [before])
    const isOwn = isSameIdentifier(before.user.username, wanted)
    const isReserved = !isSystem(actor) && isReservedUsername(wanted, core.settings)
    const isFree = isOwn || (!isReserved && (await isClaimable(core, wanted, before.user.id)))
    const username = isFree ? wanted : await freeUsername(core, wanted)
    await requireWritable(core, actor, userRef(before.user), 'username')
    // The username of a retired person keeps their old name from being taken.
    if (looksRetired(before.user.username, core.settings))
      throw new UserCoreError('conflict', { params: { reason: 'retired' } })
    const user = { ...before.user, username, username_key: identifierKey(username) }
    const after = { ...before, user }
    const [retirement] = await core.repository.select('retirements', { user_id: user.id })
    const writes: Write[] = [
      ...accountChange(before, after, { changed_by: null }, context).writes,
      ...replaceUsernameWrites(before.user, user, context),
      ...keptImage(before, context),
      ...(retirement === undefined ? [] : [renamedRetirement(retirement, username, core.settings)]),
      { update: 'partner_reports', set: { original_username: username }, where: { user_id: user.id } },
    ]
    return { writes, permit, result: username }
  })
}

/** Tells whether no other person has a username, or had it. */
async function isClaimable(core: Core, username: string, by: UserId): Promise<boolean> {
  const { usernames } = await loadClaims(core, { usernames: [username], by })
  return usernames.size === 0
}

/** Returns the writes that keep the name of an image which is made of the old username. */
function keptImage(before: AccountRecord, { settings, random }: Context): Write[] {
  const isNamed = before.profile_image !== undefined || uploadedImage(before, settings) === undefined
  return isNamed ? [] : imageWrites(before, namedImage(before, settings, random))
}

/** Returns the write to the retirement of a person who is renamed while they wait: the new name will be retired. */
function renamedRetirement({ user_id, version }: RetirementRow, username: string, settings: Settings): Write {
  const set = {
    original_username: username,
    original_username_key: identifierKey(username),
    retired_username: retiredForm('username', username, settings),
    version: version + 1,
  }
  return { update: 'retirements', set, where: { user_id, version }, guarded: true }
}

async function freeUsername(core: Core, wanted: string): Promise<string> {
  const candidates = Array.from({ length: suffixes }, () => `${wanted}-${drawUsernameSuffix(contextOf(core).random)}`)
  const { usernames: taken } = await loadClaims(core, { usernames: candidates })
  const free = candidates.find((candidate) => !taken.has(identifierKey(candidate)))
  if (free === undefined) throw new UserCoreError('conflict', { params: { reason: 'username_taken' } })
  return free
}
