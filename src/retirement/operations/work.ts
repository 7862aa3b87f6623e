import { setTimeout as sleep } from 'node:timers/promises'
import { isStorageError } from '../../port/repository.ts'
import type { UserId } from '../../port/tables.ts'
import { requireRight } from '../../runtime/authorize.ts'
import type { Core } from '../../runtime/core.ts'
import type { Actor } from '../../site/actor.ts'
import { isUserCoreError } from '../../values/errors.ts'
import { type Advance, workableStates } from '../next-piece.ts'
import { advanceUntil } from './advance.ts'
import { claimIn, releaseRetirement } from './claim.ts'
import { closeHolds } from './close-holds.ts'
import { heartbeat } from './heartbeat.ts'
import type { Claim } from './load-retirement.ts'
import { runnableBy } from './load-work.ts'
import { sealReceipts } from './receipts.ts'

/** A piece of work that has ended. */
export type RetirementProgress = { readonly user_id: UserId } & (
  | Advance
  /** Another worker has taken the person, or storage failed: what the piece did is not stored, and it is done again. */
  | { readonly status: 'lost'; readonly error: unknown }
)

/** Options of the worker. */
export interface WorkOptions {
  /** The most people to work on at once. Default 4. */
  readonly concurrency?: number
  /**
   * Seconds after which another worker takes up a person whose worker is gone. They are renewed while it is not, so that a
   * step can take longer. Default 600.
   */
  readonly leaseSeconds?: number
  /** Seconds after which a step is aborted, and its attempt has failed (`timed_out`). Default 3600. */
  readonly stepSeconds?: number
  /** Ends the work: no person is taken from then on, and those under way are brought to the end of their piece. */
  readonly signal?: AbortSignal
  /** Seconds for which a step that is under way at the end may go on before its signal is aborted. Default 30. */
  readonly graceSeconds?: number
  /** `wait`: waits for more until `signal` is aborted. `return`: ends once nothing is due. Default `wait`. */
  readonly idle?: 'wait' | 'return'
  /** Seconds between two looks for people while none is due. Default 5. */
  readonly pollSeconds?: number
  /** Gets every piece that has ended. An error that it throws ends the work. */
  readonly onProgress?: (progress: RetirementProgress) => void
}

/** The numbers of pieces, and of people by the last piece that the worker did for them. */
export interface WorkSummary {
  readonly pieces: number
  readonly complete: number
  readonly waiting: number
  readonly stopped: number
  readonly lost: number
}

/** A person at work. */
interface Driven {
  readonly claim: Claim
  readonly control: AbortController
  readonly ended: Promise<void>
}

export async function work(core: Core, actor: Actor, options: WorkOptions): Promise<WorkSummary> {
  requireRight(core, actor, 'retire_user')
  const { concurrency = 4, leaseSeconds = 600, graceSeconds = 30, idle = 'wait', pollSeconds = 5 } = options
  const { signal = new AbortController().signal, stepSeconds = 3600, onProgress } = options
  const summary = { pieces: 0, complete: 0, waiting: 0, stopped: 0, lost: 0 }
  const driven = new Map<UserId, Driven>()
  /** Errors that end the work: those of `onProgress`, and of the search for people. */
  const broken: unknown[] = []
  const stop = new AbortController()
  const stopping = AbortSignal.any([signal, stop.signal])
  const end = (error: unknown) => {
    broken.push(error)
    stop.abort()
  }
  const drive = (claim: Claim) => {
    const { id } = claim.retirement.user
    const control = new AbortController()
    const driving = driveOne(core, actor, claim, { leaseSeconds, stepSeconds, stopping, control, summary, onProgress })
    const ended = driving.catch(end).finally(() => driven.delete(id))
    driven.set(id, { claim, control, ended })
  }
  const beat = setInterval(() => void renew(core, actor, [...driven.values()], leaseSeconds), (leaseSeconds * 1000) / 3)
  while (!stopping.aborted) {
    const room = concurrency - driven.size
    const claims = room > 0 ? await claimDue(core, { limit: room, leaseSeconds, idle }).catch(end) : []
    for (const claim of claims ?? []) drive(claim)
    const isIdle = driven.size === 0
    if (room > 0 && claims?.length === 0) await settle(core, actor, idle).catch(end)
    if (isIdle && idle === 'return') break
    // A full house waits for the first to leave; with room left it looks again after a while, too.
    const hasRoom = driven.size < concurrency
    await untilFirst(
      [...driven.values()].map(({ ended }) => ended),
      hasRoom ? pollSeconds : undefined,
      stopping,
    )
  }
  await bringToEnd([...driven.values()], graceSeconds)
  clearInterval(beat)
  if (broken.length > 0) throw broken[0]
  return summary
}

/**
 * Erases what holds kept that have ended, and seals receipts. While the worker waits for more, storage that fails is no end,
 * nor is a race that others won.
 */
async function settle(core: Core, actor: Actor, idle: 'wait' | 'return'): Promise<void> {
  try {
    await closeHolds(core, actor)
    await sealReceipts(core, actor)
  } catch (error) {
    const passes = isStorageError(error) || isUserCoreError(error, 'conflict')
    if (idle === 'return' || !passes) throw error
  }
}

/** Waits for the first of some promises, but no longer than some seconds, and not once the signal is aborted. */
async function untilFirst(
  promises: readonly Promise<unknown>[],
  seconds: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  const first = new AbortController()
  const naps = seconds === undefined ? [] : [pause(seconds, AbortSignal.any([signal, first.signal]))]
  await Promise.race([...promises, ...naps])
  first.abort()
}

/** Waits for some seconds, less where the signal is aborted. */
async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  await sleep(seconds * 1000, undefined, { signal }).catch(() => {})
}

/** Takes people whose next piece this worker can do. While it waits for more, storage that fails is no end. */
async function claimDue(
  core: Core,
  { idle, ...wanted }: { readonly limit: number; readonly leaseSeconds: number; readonly idle: 'wait' | 'return' },
): Promise<Claim[]> {
  try {
    return await claimIn(core, (pipeline) => workableStates(pipeline, runnableBy(core)), wanted)
  } catch (error) {
    if (idle === 'wait' && isStorageError(error)) return []
    throw error
  }
}

interface Drive {
  readonly leaseSeconds: number
  readonly stepSeconds: number
  readonly stopping: AbortSignal
  readonly control: AbortController
  readonly summary: { -readonly [Name in keyof WorkSummary]: WorkSummary[Name] }
  readonly onProgress: WorkOptions['onProgress']
}

/** Does one piece after the other for one person, as long as each makes progress. Gives the person back in the end. */
async function driveOne(core: Core, actor: Actor, claim: Claim, drive: Drive): Promise<void> {
  const { leaseSeconds, stepSeconds, stopping, control, summary, onProgress } = drive
  const { id: user_id } = claim.retirement.user
  let last: Exclude<RetirementProgress['status'], 'progress' | 'busy'> | undefined
  while (last === undefined && !stopping.aborted) {
    const ends = { stop: control.signal, late: AbortSignal.timeout(stepSeconds * 1000) }
    const ended = await advanceUntil(core, actor, claim, leaseSeconds, ends).catch((error: unknown) => {
      return { status: 'lost', error } as const
    })
    summary.pieces += 1
    onProgress?.({ user_id, ...ended })
    if (ended.status !== 'progress') last = ended.status === 'busy' ? 'lost' : ended.status
  }
  if (last !== undefined) summary[last] += 1
  // One that was lost is left to its lease: taken again at once, a person whose piece cannot be stored would be so for ever.
  if (last !== 'lost') await giveBack(core, actor, claim)
}

/** Gives a person back whom the worker may still hold. */
async function giveBack(core: Core, actor: Actor, claim: Claim): Promise<void> {
  try {
    await releaseRetirement(core, actor, claim)
  } catch (error) {
    // They are at an end, put off or taken by another worker; where storage failed, the lease runs out.
    if (!isUserCoreError(error) && !isStorageError(error)) throw error
  }
}

/** Renews the leases of people, and aborts the steps of those whom another worker has. */
async function renew(core: Core, actor: Actor, driven: readonly Driven[], leaseSeconds: number): Promise<void> {
  if (driven.length === 0) return
  try {
    const claims = driven.map(({ claim }) => claim)
    const held = new Set((await heartbeat(core, actor, claims, { leaseSeconds })).held)
    for (const { claim, control } of driven) if (!held.has(claim.retirement.user.id)) control.abort()
  } catch {
    // The next heartbeat tries again; a lease that runs out meanwhile still holds until another worker takes it.
  }
}

/** Waits for people at work to come to the end of their piece, and aborts their steps after the grace. */
async function bringToEnd(driven: readonly Driven[], graceSeconds: number): Promise<void> {
  const ended = Promise.all(driven.map((one) => one.ended))
  const control = new AbortController()
  await Promise.race([ended, pause(graceSeconds, control.signal)])
  control.abort()
  for (const one of driven) one.control.abort()
  await ended
}
