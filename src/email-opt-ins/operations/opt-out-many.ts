import { message } from '../../outbox/messages.ts'
import type { OrgTagRow, UserId, UserRow } from '../../port/tables.ts'
import { requireStaff } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { loadMany } from '../../runtime/load-account.ts'
import { isErased, type LoadedPerson, permitToWithdraw } from '../../runtime/permit.ts'
import type { Actor } from '../../site/actor.ts'
import type { Context } from '../../site/context.ts'
import { nameOf, type Whom } from '../../site/whom.ts'
import { requireKind, requireName, requireUserId } from '../../values/arguments.ts'
import { instantOf } from '../../values/instant.ts'
import { document, person } from '../../values/kinds.ts'
import { emailOptInKey } from '../email-opt-in.ts'

/** A person to opt out of e-mail of an organisation. */
export interface OptOut {
  /** A username, or an id, also as text of digits where ids are numbers: `{ id: '12' }`. */
  readonly whom: Whom
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
      actor,
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
  requireKind(row?.whom, person, 'whom', repository.idType)
  const name = nameOf(row.whom)
  const whom = 'id' in name ? { id: requireUserId(name.id, repository.idType, 'whom') } : name
  return { whom, org: requireName(row.org, 'org') }
}

function optOutBatch(core: Core, actor: Actor, batch: readonly OptOut[], dryRun: boolean): Promise<OptOutManyResult> {
  return decideAndSave(core, async () => {
    const context = contextOf(core)
    const living = await findLiving(core, batch)
    const unknown = new Set(batch.filter(({ whom }) => !living.has(whom)).map((row) => JSON.stringify(row))).size
    const wanted = new Map(
      batch.flatMap(({ whom, org }) => {
        const person = living.get(whom)
        return person === undefined ? [] : [[pairOf(person.user.id, org), { ...person, org }] as const]
      }),
    )
    const tags = await core.repository.select('org_tags', {
      user_id: [...new Set([...wanted.values()].map(({ user }) => user.id))],
      org: [...new Set(batch.map(({ org }) => org))],
      key: emailOptInKey,
    })
    const stored = new Map(tags.map((tag) => [pairOf(tag.user_id, tag.org), tag]))
    const changed = [...wanted].filter(([pair]) => stored.get(pair)?.value !== 'False')
    const result = { optedOut: changed.length, unchanged: wanted.size - changed.length, unknown }
    if (dryRun || changed.length === 0) return { writes: [], result }
    return {
      permit: permitToWithdraw(core, actor, [
        ...new Map(changed.map(([, person]) => [person.user.id, person])).values(),
      ]),
      writes: [
        {
          put: 'org_tags',
          rows: changed.map(([pair, { user, org }]) => optOutRow(user, org, stored.get(pair), context)),
        },
        {
          insert: 'outbox',
          rows: changed.map(([, { user, org }]) =>
            message('event', 'email_opt_in.changed', user.id, { org, opt_in: false }, context),
          ),
        },
      ],
      result,
    }
  })
}

function pairOf(id: UserId, org: string): string {
  return JSON.stringify([id, org])
}

function optOutRow(user: UserRow, org: string, stored: OrgTagRow | undefined, context: Context): OrgTagRow {
  const now = instantOf(context.now)
  return {
    user_id: user.id,
    org,
    key: emailOptInKey,
    value: 'False',
    version: (stored?.version ?? 0) + 1,
    created_at: stored?.created_at ?? now,
    modified_at: now,
  }
}

/** Returns the people of a batch by the elements that name them. Erased people keep their ids, and are left out. */
async function findLiving(core: Core, batch: readonly OptOut[]): Promise<Map<Whom, LoadedPerson>> {
  const found = await loadMany<Whom, LoadedPerson>(
    core,
    batch.map(({ whom }) => whom),
    (by) => core.repository.findPreferences({ by, keys: [], counted: false }),
  )
  return new Map([...found].filter(([, person]) => !isErased(core, person)))
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
