import type { RetirementReceiptRow } from '../port/tables.ts'
import { nodeCrypto } from '../values/built-ins.ts'
import { canonicalJson } from '../values/canonical-json.ts'

/** The end of a chain of receipts: a copy that is kept elsewhere shows when the chain is written anew. */
export interface ReceiptHead {
  readonly sequence: number
  readonly hash: string
}

/** Something that is wrong with the receipts of a site. */
export interface ReceiptProblem {
  /**
   * `broken`: it was changed after it was sealed, or does not follow the one before it. `missing`: there is none with this
   * number. `unsealed`: it waits for `sealReceipts`. `head_differs`: it is not the one that a head from outside names.
   */
  readonly problem: 'broken' | 'missing' | 'unsealed' | 'head_differs'
  /** The number in the chain; of missing ones the first. Null for one that is not sealed. */
  readonly sequence: number | null
  /** The id of the receipt; null for one that is missing. */
  readonly id: string | null
  /** The number of receipts that are missing one after the other; otherwise 1. */
  readonly count: number
}

/**
 * Returns the hash of a receipt in its place of the chain: the SHA-256 of its canonical JSON, that of the receipt before it
 * included, keyed (HMAC) with `receipt_key` where the site has one.
 */
export function receiptHash(
  { id, subject, kind, body, created_at }: RetirementReceiptRow,
  { sequence, previous }: { readonly sequence: number; readonly previous: string | null },
  key: string | null,
): string {
  const text = canonicalJson({ id, sequence, subject, kind, body, previous, created_at }) ?? ''
  const { createHash, createHmac } = nodeCrypto()
  return key === null
    ? `sha256:${createHash('sha256').update(text).digest('hex')}`
    : `hmac:${createHmac('sha256', key).update(text).digest('hex')}`
}

/** Returns a test of sealed receipts, given in the order of their numbers: what is wrong with each of them. */
export function chainTest(key: string | null, heads: readonly ReceiptHead[]) {
  let last: ReceiptHead = { sequence: 0, hash: '' }
  return (row: RetirementReceiptRow & { readonly sequence: number }): ReceiptProblem[] => {
    const { id, sequence, hash, previous } = row
    const gap = sequence - last.sequence - 1
    const isWhole = hash === receiptHash(row, { sequence, previous }, key)
    const follows = sequence === 1 ? previous === null : gap > 0 || previous === last.hash
    const differs = heads.some((head) => head.sequence === sequence && head.hash !== hash)
    const at = last.sequence + 1
    last = { sequence, hash: hash ?? '' }
    return [
      ...(gap > 0 ? [{ problem: 'missing', sequence: at, id: null, count: gap } as const] : []),
      ...(isWhole && follows ? [] : [{ problem: 'broken', sequence, id, count: 1 } as const]),
      ...(differs ? [{ problem: 'head_differs', sequence, id, count: 1 } as const] : []),
    ]
  }
}
