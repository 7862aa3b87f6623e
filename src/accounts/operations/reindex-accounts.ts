import type { AccountRecord } from '../../port/account-record.ts'
import type { SearchValueRow, UserId } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { requireTrustedCode } from '../../runtime/authorize.ts'
import { type Core, decideAndSave } from '../../runtime/core.ts'
import { afterUser, cursorOf, everyUser } from '../../runtime/pages.ts'
import { isClosed, permitToStore } from '../../runtime/permit.ts'
import type { Actor } from '../../site/actor.ts'
import { fieldValues, nameValues } from '../search-values.ts'

/** Options of `accounts.reindex`. */
export interface ReindexOptions {
  /** People of a batch, from 1 to 1000. Default 100. */
  readonly batchSize?: number
  /** `after` of the last progress, to go on behind it. Default: from the beginning. */
  readonly after?: string
  /** Gets the progress after each batch; the next batch waits for its promise. Keep `after` to be able to go on. */
  readonly onProgress?: (progress: ReindexProgress) => void | Promise<void>
}

/** The progress of `accounts.reindex`. */
export interface ReindexProgress {
  /** People who were looked at. */
  readonly seen: number
  /** People of whom a value was stored, replaced or removed. */
  readonly changed: number
  /** The cursor behind the last of them; left out while there was none. */
  readonly after?: string
}

export async function reindexAccounts(
  core: Core,
  actor: Actor,
  { batchSize = 100, after, onProgress }: ReindexOptions,
): Promise<ReindexProgress> {
  requireTrustedCode(actor)
  let progress: ReindexProgress = { seen: 0, changed: 0, ...(after === undefined ? {} : { after }) }
  for await (const ids of everyUser(core, 'profiles', batchSize, afterUser(core, after).after)) {
    const changed = await reindexBatch(core, actor, ids)
    progress = { seen: progress.seen + ids.length, changed: progress.changed + changed, after: cursorOf(ids.slice(-1)) }
    await onProgress?.(progress)
  }
  return progress
}

/** Stores the search values of some people, also when others write to them meanwhile. Returns how many had others. */
function reindexBatch(core: Core, actor: Actor, ids: readonly UserId[]): Promise<number> {
  return decideAndSave(core, async () => {
    const rows = await core.repository.select('search_values', { user_id: ids })
    const stored = Map.groupBy(rows, ({ user_id }) => user_id)
    const records = (await core.repository.findAccounts({ ids })).filter((record) => !isClosed(core, record))
    const differences = records.map((record) => differenceOf(record, stored.get(record.user.id) ?? [], core))
    const missing = differences.flatMap((difference) => difference.missing)
    const changed = records.filter((_, index) => isDifferent(differences[index]))
    if (changed.length === 0) return { writes: [], result: 0 }
    return {
      // A row that another call has stored meanwhile stops the unit, as one does that it has changed.
      writes: [
        ...(missing.length === 0 ? [] : [{ insert: 'search_values', rows: missing } as const]),
        ...differences.flatMap(({ writes }) => writes),
      ],
      permit: permitToStore(core, actor, changed),
      result: changed.length,
    }
  })
}

interface Difference {
  readonly missing: readonly SearchValueRow[]
  /** The writes of rows that are there. */
  readonly writes: readonly Write[]
}

function isDifferent(difference: Difference | undefined): boolean {
  return difference !== undefined && difference.missing.length + difference.writes.length > 0
}

function differenceOf(record: AccountRecord, stored: readonly SearchValueRow[], core: Core): Difference {
  const user_id = record.user.id
  const values = new Map([...nameValues(record), ...fieldValues(record, core)])
  const known = new Set(stored.map(({ field }) => field))
  const missing = [...values].flatMap(([field, value]) => (known.has(field) ? [] : [{ user_id, field, value }]))
  const writes = stored.flatMap((row): Write[] => {
    const value = values.get(row.field)
    if (value === row.value) return []
    const where = { ...row }
    if (value === undefined) return [{ delete: 'search_values', where, guarded: true }]
    return [{ update: 'search_values', set: { value }, where, guarded: true }]
  })
  return { missing, writes }
}
