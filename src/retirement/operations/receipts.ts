import { message } from '../../outbox/messages.ts'
import type { RetirementReceiptRow, UserId } from '../../port/tables.ts'
import { notNull, type Write } from '../../port/write.ts'
import { requireRight } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { everyPage } from '../../runtime/pages.ts'
import { housekeeping } from '../../runtime/permit.ts'
import type { Actor } from '../../site/actor.ts'
import { nameOf, type Whom } from '../../site/whom.ts'
import { requireUserId } from '../../values/arguments.ts'
import { UserCoreError } from '../../values/errors.ts'
import type { Instant } from '../../values/instant.ts'
import type { JsonObject } from '../../values/json.ts'
import { chainTest, type ReceiptHead, type ReceiptProblem, receiptHash } from '../receipt-chain.ts'
import { receiptSubjects } from '../receipt-subject.ts'
import { findPerson } from './load-retirement.ts'

/** The receipts that are sealed, or looked at, at once. */
const batchSize = 100

/** A receipt: what was done, or refused, about the erasure of a person. */
export interface RetirementReceipt {
  readonly id: string
  /** The number in the chain of sealed receipts; null while it waits for `sealReceipts`. */
  readonly sequence: number | null
  /** The keyed hash of the id of the person, with the id of its key. */
  readonly subject: string
  readonly kind: 'erasure' | 'replay' | 'refused' | 'released'
  /** Moments, codes and numbers: what was done, when, by which declarations, and what is kept and why. */
  readonly body: JsonObject
  readonly previous: string | null
  readonly hash: string | null
  readonly created_at: Instant
}

export async function receiptsOf(core: Core, actor: Actor, whom: Whom): Promise<RetirementReceipt[]> {
  requireRight(core, actor, 'retire_user')
  const subject = receiptSubjects(await idOf(core, whom), core.settings)
  const rows = await core.repository.select('retirement_receipts', { subject })
  return rows.sort((a, b) => (a.created_at + a.id < b.created_at + b.id ? -1 : 1))
}

/** Returns the id of a person, whose row may be gone where the id is given. Throws `user_not_found`. */
async function idOf(core: Core, whom: Whom): Promise<UserId> {
  const name = nameOf(whom)
  if ('id' in name) return requireUserId(name.id, core.repository.idType, 'whom')
  const user = await findPerson(core, whom)
  if (user === undefined) throw new UserCoreError('user_not_found')
  return user.id
}

/** The receipts that a call sealed, and the end of the chain. */
export interface SealResult {
  readonly sealed: number
  /** Null while no receipt is sealed. */
  readonly head: ReceiptHead | null
}

export async function sealReceipts(core: Core, actor: Actor): Promise<SealResult> {
  requireRight(core, actor, 'retire_user')
  let sealed = 0
  for (;;) {
    const { count, head } = await decideAndSave(core, () => sealBatch(core))
    sealed += count
    if (count < batchSize) return { sealed, head }
  }
}

/** Seals the next receipts: of several sealers at once one gets the numbers, and the others load again. */
async function sealBatch(core: Core) {
  const { repository, settings } = core
  const [last] = await repository.pageRows(
    'retirement_receipts',
    { sequence: notNull },
    { by: 'sequence', descending: true, limit: 1 },
  )
  const rows = await repository.pageRows('retirement_receipts', { sequence: null }, { by: 'id', limit: batchSize })
  let head = last === undefined ? null : headOf(last)
  const writes: Write[] = []
  for (const row of rows) {
    const place = { sequence: (head?.sequence ?? 0) + 1, previous: head?.hash ?? null }
    const hash = receiptHash(row, place, settings.receipt_key)
    const where = { id: row.id, sequence: null }
    writes.push({ update: 'retirement_receipts', set: { ...place, hash }, where, guarded: true })
    head = { sequence: place.sequence, hash }
  }
  if (rows.length > 0 && head !== null) {
    const told = message('event', 'retirement.receipt', noPerson(core), { ...head }, contextOf(core))
    writes.push({ insert: 'outbox', rows: [told] })
  }
  return { writes, permit: housekeeping, result: { count: rows.length, head } }
}

function headOf({ sequence, hash }: RetirementReceiptRow): ReceiptHead {
  return { sequence: sequence ?? 0, hash: hash ?? '' }
}

/** Returns an id that no person has: messages about the chain of receipts are about none. */
function noPerson({ repository }: Core): UserId {
  return repository.idType === 'integer' ? 0 : '00000000-0000-0000-0000-000000000000'
}

export async function* verifyReceipts(
  core: Core,
  actor: Actor,
  { heads = [] }: { readonly heads?: readonly ReceiptHead[] },
): AsyncGenerator<ReceiptProblem, void, undefined> {
  requireRight(core, actor, 'retire_user')
  const test = chainTest(core.settings.receipt_key, heads)
  let end = 0
  for await (const rows of pages(core, 'sequence')) {
    for (const row of rows) {
      if (row.sequence === null) continue
      yield* test({ ...row, sequence: row.sequence })
      end = row.sequence
    }
  }
  const beyond = heads.map(({ sequence }) => sequence).filter((sequence) => sequence > end)
  if (beyond.length > 0) yield { problem: 'missing', sequence: end + 1, id: null, count: Math.max(...beyond) - end }
  for await (const rows of pages(core, 'id')) {
    for (const { id } of rows) yield { problem: 'unsealed', sequence: null, id, count: 1 }
  }
}

/** Yields sealed receipts by number, or those that are not sealed by id. */
function pages({ repository }: Core, by: 'sequence' | 'id') {
  const where = { sequence: by === 'sequence' ? notNull : null } as const
  return everyPage<RetirementReceiptRow>((last) => {
    const after = last?.[by]
    return repository.pageRows('retirement_receipts', where, {
      by,
      limit: batchSize,
      ...(after == null ? {} : { after }),
    })
  })
}
