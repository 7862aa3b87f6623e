import type {
  RetirementHistoryRow,
  RetirementReceiptRow,
  RetirementRow,
  RetirementStateRow,
  UserId,
} from '../port/tables.ts'
import type { Write } from '../port/write.ts'
import type { Context } from '../site/context.ts'
import { type Instant, instantOf } from '../values/instant.ts'
import type { JsonObject, JsonValue } from '../values/json.ts'
import { version } from '../values/version.ts'
import { byTime } from './move.ts'
import { receiptSubject } from './receipt-subject.ts'

/** Data of the person that are kept although they were erased. */
export type RetainedData = {
  readonly source: string
  /** The column that is kept, or the data that a step of the host named; null for whole rows. */
  readonly column: string | null
  /** The ground on which it is kept, or the reason of a hold. */
  readonly why: string
  /** The moment from which it is not; null: none is set. */
  readonly until: Instant | null
}

/** A step of a retirement, as its receipt names it. */
type ReceiptStep = {
  readonly step: string
  /** `skipped`: its driver passed it over. */
  readonly outcome: string
  /** The times that it was begun. */
  readonly attempts: number
  readonly started_at: Instant | null
  readonly finished_at: Instant | null
  /** What it reported: rows that were removed and masked; null where it reported nothing. */
  readonly counts: JsonValue
}

/** The hashes of the declarations that an erasure went by. */
export type Fingerprints = {
  /** Of all declared sources. */
  readonly registry: string
  /** Of the states. */
  readonly pipeline: string
  /** Of the tables of the library and the foreign keys between those of the host. */
  readonly schema: string
}

/** The facts of a receipt of an erasure, beside those of its retirement. */
export interface ErasureFacts {
  readonly states: readonly RetirementStateRow[]
  readonly history: readonly RetirementHistoryRow[]
  readonly retained: readonly RetainedData[]
  readonly fingerprints: Fingerprints
  /** The hash of the plan. */
  readonly plan: string
  /** What a step reported, by the name of the step. */
  readonly results?: ReadonlyMap<string, Pick<ReceiptStep, 'outcome' | 'attempts' | 'counts'>>
  /** The columns and rows that were searched for traces; undefined where they were not. */
  readonly looked_at?: { readonly columns: number; readonly rows: number } | undefined
}

/** Returns the body of the receipt of an erasure: moments, codes and numbers, and nothing that the person had. */
export function erasureBody(retirement: RetirementRow, facts: ErasureFacts): JsonObject {
  const moves = facts.history.toSorted(byTime)
  const [requested] = moves.filter(({ from_state }) => from_state === null).slice(-1)
  const own = moves.slice(requested === undefined ? 0 : moves.indexOf(requested))
  const [start] = facts.states
  const started = own.find(({ from_state, to_state }) => from_state === start?.state_name && to_state !== null)
  return {
    requested_at: retirement.created_at,
    started_at: started?.changed_at ?? null,
    completed_at: own.findLast(({ to_state }) => to_state === retirement.current_state)?.changed_at ?? null,
    steps: stepsOf(own, facts),
    retained: [...facts.retained],
    looked_at: facts.looked_at ?? null,
    fingerprints: facts.fingerprints,
    plan: facts.plan,
    version,
  }
}

function stepsOf(moves: readonly RetirementHistoryRow[], { states, results }: ErasureFacts): ReceiptStep[] {
  const working = states.filter(({ kind }) => kind === 'working')
  return working.map(({ state_name, step }) => {
    const name = step ?? state_name
    const begun = moves.filter(({ to_state }) => to_state === state_name)
    const left = moves.findLast(({ from_state }) => from_state === state_name)
    const result = results?.get(name)
    return {
      step: name,
      outcome: result?.outcome ?? (begun.length === 0 ? 'skipped' : 'done'),
      attempts: result?.attempts ?? begun.length,
      started_at: begun[0]?.changed_at ?? null,
      finished_at: left?.changed_at ?? null,
      counts: result?.counts ?? null,
    }
  })
}

/** Returns the write that adds a receipt, unsealed. */
export function receiptWrite(
  kind: RetirementReceiptRow['kind'],
  user_id: UserId,
  body: JsonObject,
  { ids, now, settings }: Pick<Context, 'ids' | 'now' | 'settings'>,
): Write {
  const row: RetirementReceiptRow = {
    id: ids(),
    sequence: null,
    subject: receiptSubject(user_id, settings),
    kind,
    body,
    previous: null,
    hash: null,
    created_at: instantOf(now),
  }
  return { insert: 'retirement_receipts', rows: [row] }
}
