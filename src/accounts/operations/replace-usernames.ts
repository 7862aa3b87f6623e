import type { AccountRecord } from '../../port/account-record.ts'
import type { RetirementRow, UserId } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { type Core, contextOf, untilSaved } from '../../runtime/core.ts'
import { byUsernames, userRef } from '../../runtime/load-account.ts'
import { requireWritable } from '../../runtime/read-only.ts'
import { type Actor, isSelf, isSystem, requireAuthenticated } from '../../site/actor.ts'
import type { Context } from '../../site/context.ts'
import { looksRetired } from '../../site/retired-formats.ts'
import type { Settings } from '../../site/settings.ts'
import { badArgument } from '../../values/arguments.ts'
import { UserCoreError } from '../../values/errors.ts'
import { isPlainObject } from '../../values/json.ts'
import { identifierKey, isSameIdentifier } from '../../values/text.ts'
import { accountChange } from '../account-change.ts'
import { imageWrites, namedImage, uploadedImage } from '../fields/profile-image.ts'
import { isStorableUsername } from '../fields/username.ts'
import { drawUsernameSuffix } from '../fields/username-suffix.ts'
import { replaceUsernameWrites } from '../former-usernames.ts'
import { isReservedUsername } from '../reserved-usernames.ts'
import { retiredForm } from '../retired-identifier.ts'
import { loadClaims } from './load-claims.ts'

/** One replacement: the username now, and the one it gets. */
export type UsernameMapping = Readonly<Record<string, string>>

/** What became of each pair. */
export interface ReplaceUsernamesResult {
  /** Pairs that hold now, with the username that was really given; also those whose old name nobody had. */
  readonly successful_replacements: readonly UsernameMapping[]
  /** Pairs that could not be replaced, as they were asked for. */
  readonly failed_replacements: readonly UsernameMapping[]
  /** Old names among the successful ones that nobody had. */
  readonly unknown: readonly string[]
}

/** So many suffixes are drawn at once. */
const suffixes = 20

export async function replaceUsernames(
  core: Core,
  actor: Actor,
  mappings: readonly UsernameMapping[],
): Promise<ReplaceUsernamesResult> {
  requireReplacer(core, actor)
  const pairs = readMappings(mappings)

  const successful_replacements: UsernameMapping[] = []
  const failed_replacements: UsernameMapping[] = []
  const unknown: string[] = []
  for (const [from, wanted] of pairs) {
    try {
      const { username, known } = await replaceUsername(core, actor, from, wanted)
      successful_replacements.push({ [from]: username })
      if (!known) unknown.push(from)
    } catch {
      failed_replacements.push({ [from]: wanted })
    }
  }
  return { successful_replacements, failed_replacements, unknown }
}

/** Throws `not_authenticated` or `not_authorized` unless the actor may give people other usernames. */
export function requireReplacer({ settings, repository }: Core, actor: Actor): void {
  requireAuthenticated(actor)
  if (!isSystem(actor) && !isSelf(actor, settings.username_replacement_worker))
    throw new UserCoreError('not_authorized')
  if (repository.usernames === 'ids') throw new UserCoreError('config_error', { params: { usernames: 'ids' } })
}

function readMappings(mappings: unknown): [from: string, to: string][] {
  const pairs = Array.isArray(mappings)
    ? mappings.map((mapping) => (isPlainObject(mapping) ? Object.entries(mapping) : []))
    : []
  const valid =
    Array.isArray(mappings) && pairs.every((entries) => entries.length === 1 && isStorableUsername(entries[0]?.[1]))
  if (!valid) throw badArgument('mappings', 'a list of objects, each with one username and the one that replaces it')
  return pairs.flat() as [string, string][]
}

/** Gives one person another username, in a transaction of its own; with a random end when the wanted one is taken. */
function replaceUsername(
  core: Core,
  actor: Actor,
  from: string,
  wanted: string,
): Promise<{ username: string; known: boolean }> {
  return untilSaved<{ username: string; known: boolean }>(async () => {
    const context = contextOf(core)
    const [before] = await core.repository.findAccounts(byUsernames([from]))
    const isOwn = isSameIdentifier(from, wanted)
    const isReserved = !isSystem(actor) && isReservedUsername(wanted, core.settings)
    const isFree = isOwn || (!isReserved && (await isClaimable(core, wanted, before?.user.id)))
    const username = isFree ? wanted : await freeUsername(core, wanted)
    if (before === undefined) return { result: { username, known: false } }
    await requireWritable(core, actor, userRef(before.user), 'username')
    // What a retired person is called keeps their old name from being taken.
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
    return (await core.repository.commit(writes)) ? { result: { username, known: true } } : { stopped: writes }
  })
}

/** Whether nobody else has a username, or had it. */
async function isClaimable(core: Core, username: string, by: UserId | undefined): Promise<boolean> {
  const { usernames } = await loadClaims(core, { usernames: [username], ...(by === undefined ? {} : { by }) })
  return usernames.size === 0
}

/** An image that is called by the old username goes on being called so. */
function keptImage(before: AccountRecord, { settings, random }: Context): Write[] {
  const isNamed = before.profile_image !== undefined || uploadedImage(before, settings) === undefined
  return isNamed ? [] : imageWrites(before, namedImage(before, settings, random))
}

/** The retirement of somebody whose name changes while they wait: it is the new name that will be retired. */
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
