import type { PersonNames } from '../../port/personal-data-store.ts'
import type { RetirementHoldRow } from '../../port/tables.ts'
import { requireRight } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { findUser } from '../../runtime/load-account.ts'
import { everyPage } from '../../runtime/pages.ts'
import { housekeeping } from '../../runtime/permit.ts'
import type { Actor } from '../../site/actor.ts'
import { instantOf } from '../../values/instant.ts'
import { partsErasure } from '../erasure.ts'
import { heldSources, holdable, sourcesOf, stands, withOwners } from '../hold.ts'
import { complete } from '../pipeline.ts'
import { eraseChosen } from './erase-sources.ts'
import { releasedReceipt } from './holds.ts'
import { heldTables, loadHolds } from './load-holds.ts'
import { namesOfPerson } from './person-names.ts'

/** The holds that a call closed. */
export interface ClosedHolds {
  readonly closed: number
}

export async function closeHolds(core: Core, actor: Actor): Promise<ClosedHolds> {
  requireRight(core, actor, 'retire_user')
  let closed = 0
  const open = everyPage<RetirementHoldRow>((last) =>
    core.repository.pageRows(
      'retirement_holds',
      { closed_at: null },
      { by: 'id', limit: 100, ...(last === undefined ? {} : { after: last.id }) },
    ),
  )
  for await (const holds of open) {
    for (const hold of holds) {
      if (!stands(hold, instantOf(contextOf(core).now)) && (await closeHold(core, hold))) closed++
    }
  }
  return { closed }
}

/**
 * Erases what a hold that has ended kept, where the erasure of its person has come so far, and closes it. Returns false where
 * that is to be decided yet.
 */
async function closeHold(core: Core, hold: RetirementHoldRow): Promise<boolean> {
  const { user_id } = hold
  const [request] = await core.repository.select('retirement_requests', { user_id })
  const [retirement] = await core.repository.select('retirements', { user_id })
  const user = await findUser(core, { id: user_id })
  const state =
    retirement && (await core.repository.select('retirement_states', { state_name: retirement.current_state }))[0]
  const isErased =
    retirement === undefined
      ? request !== undefined || user === undefined
      : state?.kind === 'working' || state?.kind === 'done' || retirement.current_state === complete
  const isWaiting = retirement !== undefined && state?.kind === 'end' && !isErased
  // A retirement that failed can have kept something, and can go on; the steps of one that did not begin erase all.
  if (isWaiting && hold.sources !== null) return false
  const kept = hold.sources !== null && isErased
  if (kept) {
    const person = user === undefined ? { user_id, usernames: [], emails: [] } : await namesOfPerson(core, user)
    await eraseKept(core, hold, person)
  }
  return decideAndSave(core, async () => {
    const context = contextOf(core)
    const now = instantOf(context.now)
    const others = (await loadHolds(core, user_id)).filter(({ id }) => id !== hold.id)
    const [record] = kept ? await core.repository.findAccounts({ ids: [user_id] }) : []
    const stillHeld = heldTables(others, context)
    const names = new Set(sourcesOf(hold))
    const isKept = (table: string) =>
      stillHeld.has(table as never) || !(holdable.some((name) => name === table) && names.has(`usercore_${table}`))
    const [current] = await core.repository.select('retirement_holds', { id: hold.id })
    if (current === undefined || current.closed_at !== null) return { writes: [], result: false }
    return {
      writes: [
        { update: 'retirement_holds', set: { closed_at: now }, where: { id: hold.id, closed_at: null }, guarded: true },
        ...(record === undefined ? [] : partsErasure([record], context, (_, table) => isKept(table))),
        ...(request === undefined ? [] : [releasedReceipt(hold, context)]),
      ],
      permit: housekeeping,
      erases: kept,
      result: true,
    }
  })
}

/** Erases rows of the host that a hold kept and no other hold keeps. */
async function eraseKept(core: Core, hold: RetirementHoldRow, person: PersonNames): Promise<void> {
  const { personalData } = core
  if (personalData === undefined) return
  const now = instantOf(contextOf(core).now)
  const held = withOwners(heldSources(await loadHolds(core, hold.user_id), now), personalData.sources)
  const kept = withOwners(new Set(sourcesOf(hold)), personalData.sources)
  await eraseChosen(core, personalData, person, (source) => kept.has(source) && !held.has(source))
}
