import { message } from '../../outbox/messages.ts'
import type { OrgTagRow, UserId } from '../../port/tables.ts'
import { requireStaff } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import type { Actor } from '../../site/actor.ts'
import { looksRetired } from '../../site/retired-formats.ts'
import { requireKind, requireName, requireUserId } from '../../values/arguments.ts'
import { instantOf } from '../../values/instant.ts'
import { document } from '../../values/kinds.ts'
import { emailOptInKey } from '../email-opt-in.ts'

/** Somebody who is to get no more e-mail of an organisation. */
export interface OptOut {
  /** Text of digits is taken too, as a file has it. */
  readonly user_id: UserId
  readonly org: string
}

/** How to opt people out. */
export interface BulkOptOutOptions {
  /** Counts what would change, and changes nothing. Default false. */
  readonly dryRun?: boolean
  /** People of one transaction. Default 1000. */
  readonly batchSize?: number
  /** Hears of the counts so far after every batch, and can hold the work up. */
  readonly onProgress?: (counts: BulkOptOutResult) => void | Promise<void>
}

/** How many people were opted out. */
export interface BulkOptOutResult {
  readonly opted_out: number
  /** Those who were out already. */
  readonly unchanged: number
  /** Those whom nobody knows; they are passed over. */
  readonly unknown: number
}

export async function bulkOptOut(
  core: Core,
  actor: Actor,
  rows: Iterable<OptOut> | AsyncIterable<OptOut>,
  { dryRun = false, batchSize = 1000, onProgress }: BulkOptOutOptions,
): Promise<BulkOptOutResult> {
  requireStaff(actor)
  let counts: BulkOptOutResult = { opted_out: 0, unchanged: 0, unknown: 0 }
  for await (const batch of inBatches(rows, batchSize)) {
    const more = await optOutBatch(
      core,
      batch.map((row) => readRow(core, row)),
      dryRun,
    )
    counts = {
      opted_out: counts.opted_out + more.opted_out,
      unchanged: counts.unchanged + more.unchanged,
      unknown: counts.unknown + more.unknown,
    }
    await onProgress?.(counts)
  }
  return counts
}

/** Rows can have members beyond those that count here, as files do. */
function readRow({ repository }: Core, row: OptOut): OptOut {
  requireKind(row, document, 'rows')
  return { user_id: requireUserId(row?.user_id, repository.idType, 'user_id'), org: requireName(row?.org, 'org') }
}

function optOutBatch(core: Core, batch: readonly OptOut[], dryRun: boolean): Promise<BulkOptOutResult> {
  return decideAndSave(core, async () => {
    const context = contextOf(core)
    const now = instantOf(context.now)
    const wanted = new Map(batch.map((row) => [JSON.stringify([row.user_id, row.org]), row]))
    const ids = [...new Set(batch.map(({ user_id }) => user_id))]
    const users = await core.repository.select('users', { id: ids })
    // Nothing is stored of the erased, who keep their ids.
    const living = users.filter(({ username }) => !looksRetired(username, core.settings))
    const known = new Set(living.map(({ id }) => id))
    const orgs = [...new Set(batch.map(({ org }) => org))]
    const tags = await core.repository.select('org_tags', { user_id: ids, org: orgs, key: emailOptInKey })
    const stored = new Map(tags.map((tag) => [JSON.stringify([tag.user_id, tag.org]), tag]))
    const rows = [...wanted].flatMap(([pair, { user_id, org }]): OrgTagRow[] => {
      const tag = stored.get(pair)
      if (!known.has(user_id) || tag?.value === 'False') return []
      const version = (tag?.version ?? 0) + 1
      return [
        {
          user_id,
          org,
          key: emailOptInKey,
          value: 'False',
          version,
          created_at: tag?.created_at ?? now,
          modified_at: now,
        },
      ]
    })
    const messages = rows.map(({ user_id, org }) =>
      message('event', 'email_opt_in.changed', user_id, { org, opt_in: false }, context),
    )
    const unknown = [...wanted.values()].filter(({ user_id }) => !known.has(user_id)).length
    const result = { opted_out: rows.length, unchanged: wanted.size - rows.length - unknown, unknown }
    if (dryRun || rows.length === 0) return { writes: [], result }
    const written = new Set(rows.map(({ user_id }) => user_id))
    return {
      people: living.filter(({ id }) => written.has(id)),
      writes: [
        { put: 'org_tags', rows },
        { insert: 'outbox', rows: messages },
      ],
      result,
    }
  })
}

async function* inBatches<Item>(items: Iterable<Item> | AsyncIterable<Item>, size: number): AsyncGenerator<Item[]> {
  let batch: Item[] = []
  for await (const item of items) {
    batch.push(item)
    if (batch.length === size) {
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}
