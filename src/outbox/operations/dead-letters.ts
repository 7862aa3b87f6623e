import type { DeadMessageRow, OutboxCounts } from '../../port/repository.ts'
import { notNull } from '../../port/write.ts'
import { requireRight } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { nextOf, type Page, type PageOptions, placeOf } from '../../runtime/pages.ts'
import { housekeeping } from '../../runtime/permit.ts'
import type { Actor } from '../../site/actor.ts'
import { badArgument, isStorableInstant } from '../../values/arguments.ts'
import { type Instant, instantOf } from '../../values/instant.ts'

export async function deadMessages(
  core: Core,
  actor: Actor,
  { after, limit = 100 }: PageOptions,
): Promise<Page<DeadMessageRow>> {
  requireRight(core, actor, 'manage_outbox')
  const items = await core.repository.pageDeadMessages({
    limit,
    ...(after !== undefined && { after: readCursor(after) }),
  })
  return { items, ...nextOf(items, limit, ({ dead_at, id }) => [dead_at, id]) }
}

function readCursor(after: string): { readonly dead_at: Instant; readonly id: string } {
  const [dead_at, id, ...others] = placeOf(after) ?? []
  const isPlace = typeof dead_at === 'string' && isStorableInstant(dead_at) && typeof id === 'string'
  if (!isPlace || others.length > 0) throw badArgument('after', 'the `next` of a page')
  return { dead_at, id }
}

export async function redrive(
  core: Core,
  actor: Actor,
  ids: readonly string[],
): Promise<{ readonly redriven: number }> {
  requireRight(core, actor, 'manage_outbox')
  return decideAndSave(core, async () => {
    const dead = await core.repository.select('outbox', { id: ids, dead_at: notNull })
    // One that another caller has made ready meanwhile is left as it is.
    const where = { id: dead.map(({ id }) => id), dead_at: notNull } as const
    return {
      writes:
        dead.length === 0
          ? []
          : [{ update: 'outbox', set: { attempts: 0, next_attempt_at: null, dead_at: null }, where }],
      permit: housekeeping,
      result: { redriven: dead.length },
    }
  })
}

export async function outboxStats(core: Core, actor: Actor): Promise<OutboxCounts> {
  requireRight(core, actor, 'manage_outbox')
  return core.repository.countOutbox({ now: instantOf(contextOf(core).now) })
}
