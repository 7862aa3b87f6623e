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

/** A person to opt out of e-mail of an organisation. */
export interface OptOut {
  /** Text of digits is taken too, as a file has it. */
  readonly userId: UserId
  /** Name of the organisation, at most 255 characters. */
  readonly org: string
}

/** Options of `emailOptIns.optOutMany`. */
export interface OptOutManyOptions {
  /** Counts what would change, and changes nothing. Default false. */
  readonly dryRun?: boolean
  /** People of one transaction. Default 1000. */
  readonly batchSize?: number
  /** Gets the counts so far after every batch; the next batch waits for its promise. */
  readonly onProgress?: (counts: OptOutManyResult) => void | Promise<void>
}

/** Counts of `emailOptIns.optOutMany`. */
export interface OptOutManyResult {
  /** People who were opted out. */
  readonly optedOut: number
  /** People who were out already. */
  readonly unchanged: number
  /** People who are unknown or erased; they are passed over. */
  readonly unknown: number
}

export async function optOutMany(
  core: Core,
  actor: Actor,
  rows: Iterable<OptOut> | AsyncIterable<OptOut>,
  { dryRun = false, batchSize = 1000, onProgress }: OptOutManyOptions,
): Promise<OptOutManyResult> {
  requireStaff(actor)
  let counts: OptOutManyResult = { optedOut: 0, unchanged: 0, unknown: 0 }
  for await (const batch of inBatches(rows, batchSize)) {
    const more = await optOutBatch(
      core,
      batch.map((row) => readRow(core, row)),
      dryRun,
    )
    counts = {
      optedOut: counts.optedOut + more.optedOut,
      unchanged: counts.unchanged + more.unchanged,
      unknown: counts.unknown + more.unknown,
    }
    await onProgress?.(counts)
  }
  return counts
}

/** Reads one row; further members are ignored, as files have them. */
function readRow({ repository }: Core, row: OptOut): OptOut {
  requireKind(row, document, 'rows')
  return { userId: requireUserId(row?.userId, repository.idType, 'userId'), org: requireName(row?.org, 'org') }
}

function optOutBatch(core: Core, batch: readonly OptOut[], dryRun: boolean): Promise<OptOutManyResult> {
  return decideAndSave(core, async () => {
    const context = contextOf(core)
    const now = instantOf(context.now)
    const wanted = new Map(batch.map((row) => [JSON.stringify([row.userId, row.org]), row]))
    const ids = [...new Set(batch.map(({ userId }) => userId))]
    const users = await core.repository.select('users', { id: ids })
    // Erased people keep their ids; nothing is stored of them.
    const living = users.filter(({ username }) => !looksRetired(username, core.settings))
    const known = new Set(living.map(({ id }) => id))
    const orgs = [...new Set(batch.map(({ org }) => org))]
    const tags = await core.repository.select('org_tags', { user_id: ids, org: orgs, key: emailOptInKey })
    const stored = new Map(tags.map((tag) => [JSON.stringify([tag.user_id, tag.org]), tag]))
    const rows = [...wanted].flatMap(([pair, { userId, org }]): OrgTagRow[] => {
      const tag = stored.get(pair)
      if (!known.has(userId) || tag?.value === 'False') return []
      const version = (tag?.version ?? 0) + 1
      return [
        {
          user_id: userId,
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
    const unknown = [...wanted.values()].filter(({ userId }) => !known.has(userId)).length
    const result = { optedOut: rows.length, unchanged: wanted.size - rows.length - unknown, unknown }
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
