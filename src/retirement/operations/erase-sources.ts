import { retiredForm } from '../../accounts/retired-identifier.ts'
import type { PersonalDataStore, PersonNames } from '../../port/personal-data-store.ts'
import type { RetirementAction } from '../../port/retirement-record.ts'
import type { RetirementHoldRow, RetirementStateRow, UserId } from '../../port/tables.ts'
import { type Core, contextOf } from '../../runtime/core.ts'
import { findUser } from '../../runtime/load-account.ts'
import type { Whom } from '../../site/whom.ts'
import { nodeCrypto } from '../../values/built-ins.ts'
import { UserCoreError } from '../../values/errors.ts'
import { instantOf } from '../../values/instant.ts'
import { isPlainObject, type JsonValue } from '../../values/json.ts'
import { isBeyondStorage } from '../../values/text.ts'
import { inErasureOrder } from '../erasure-order.ts'
import { heldSources, withOwners } from '../hold.ts'
import { type Claim, loadForAction } from './load-retirement.ts'
import { namesOfPerson } from './person-names.ts'

/** The place that an erasure of sources has come to; null for its beginning. */
type SourcesCursor = { readonly source: string; readonly after: string | null } | null

/**
 * Erases the next chunk of the sources of the host that are chosen. Returns the place behind it; null once nothing is left. A
 * chunk that is erased once more changes nothing further.
 */
async function eraseNextChunk(
  core: Core,
  store: PersonalDataStore,
  person: PersonNames,
  at: SourcesCursor,
  isChosen: (source: string) => boolean,
): Promise<SourcesCursor> {
  const names = inErasureOrder(store.sources).map(({ source }) => source)
  // A source can have been held since the chunk before.
  const source = names.slice(Math.max(0, names.indexOf(at?.source ?? ''))).find(isChosen)
  if (source === undefined) return null
  const after = source === at?.source ? (at.after ?? undefined) : undefined
  const { next } = await store.erase(source, person, {
    pseudonym: (value) => pseudonymOf(core, value),
    ...(after !== undefined && { after }),
  })
  if (next !== null) return { source, after: next }
  const following = names.slice(names.indexOf(source) + 1).find(isChosen)
  return following === undefined ? null : { source: following, after: null }
}

/** Returns the pseudonym of a value under the key of the site. Throws `config_error` without `retired_identifier_keys`. */
function pseudonymOf({ settings }: Core, value: string): string {
  // A text that is no name has its digest in the place of it.
  const text = isBeyondStorage(value) ? nodeCrypto().createHash('sha256').update(value).digest('hex') : value
  return retiredForm('external_key', text, settings, { format: 'redacted_{}' })
}

/** Reads the place that an earlier piece came to. */
export function readCursor(cursor: JsonValue | undefined): SourcesCursor {
  if (!isPlainObject(cursor) || typeof cursor.source !== 'string') return null
  return { source: cursor.source, after: typeof cursor.after === 'string' ? cursor.after : null }
}

/**
 * Tells whether an action erases the sources of the host: `sources` does, and in a pipeline without it `account`, before it
 * takes the names by which rows are found.
 */
export function erasesSources(
  { personalData }: Core,
  states: readonly RetirementStateRow[],
  action: RetirementAction,
): boolean {
  const isBound = states.some((state) => state.action === 'sources')
  return personalData !== undefined && (action === 'sources' || (action === 'account' && !isBound))
}

/** Erases the next chunk of the sources of the host for a person that no hold keeps. Returns the place behind it; null once nothing is left. */
export async function eraseNextSources(
  core: Core,
  user_id: UserId,
  at: SourcesCursor,
  holds: readonly RetirementHoldRow[],
): Promise<SourcesCursor> {
  const { personalData } = core
  const user = await findUser(core, { id: user_id })
  if (user === undefined) throw new UserCoreError('not_found', { params: { what: 'retirement' } })
  if (personalData === undefined) return null
  const held = withOwners(heldSources(holds, instantOf(contextOf(core).now)), personalData.sources)
  return eraseNextChunk(core, personalData, await namesOfPerson(core, user), at, (source) => !held.has(source))
}

/**
 * Erases the sources of the host that no hold keeps, chunk by chunk, each in a transaction of its own. Looks before each
 * that the retirement is still in the state of the step, under the same lease: an overtaken worker ends with `conflict`.
 */
export async function eraseSources(core: Core, target: Whom | Claim, step: RetirementAction): Promise<void> {
  let at: SourcesCursor = null
  do {
    const { retirement, states, holds } = await loadForAction(core, target, step)
    if (!erasesSources(core, states, step)) return
    at = await eraseNextSources(core, retirement.user_id, at, holds)
  } while (at !== null)
}

/** Erases the sources of the host that are chosen, chunk by chunk. */
export async function eraseChosen(
  core: Core,
  store: PersonalDataStore,
  person: PersonNames,
  isChosen: (source: string) => boolean,
): Promise<void> {
  let at: SourcesCursor = null
  do at = await eraseNextChunk(core, store, person, at, isChosen)
  while (at !== null)
}
