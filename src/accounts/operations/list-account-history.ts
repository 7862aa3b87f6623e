import type { AccountHistoryRow, UserId } from '../../port/tables.ts'
import { requireHolderOr } from '../../runtime/authorize.ts'
import type { Core } from '../../runtime/core.ts'
import { loadAccount } from '../../runtime/load-account.ts'
import { nextOf, type Page, type PageOptions, placeOf } from '../../runtime/pages.ts'
import { type Actor, isStaff } from '../../site/actor.ts'
import type { Whom } from '../../site/whom.ts'
import { badArgument } from '../../values/arguments.ts'
import { showInstant } from '../../values/instant.ts'

/** A change of the name or the e-mail address of an account. */
export interface AccountChange {
  readonly field: 'name' | 'email'
  /** The value that was replaced. */
  readonly old: string
  /** The occasion, such as `name_changed`, `name_requested` or `email_modified`. */
  readonly reason: string
  /** Id of the person who changed it; null: trusted code, or a person whom the reader does not get to know. */
  readonly changedBy: UserId | null
  /** ISO 8601, UTC. */
  readonly changedAt: string
}

export async function listAccountHistory(
  core: Core,
  actor: Actor,
  whom: Whom,
  { after, limit = 100 }: PageOptions,
): Promise<Page<AccountChange>> {
  const target = await requireHolderOr(core, actor, whom, isStaff)
  const place = placeOf(after)
  if (place !== undefined && place.length !== 2) throw badArgument('after', 'the `next` of a page')
  const { user } = await loadAccount(core, target, actor)
  // A person has a handful of them: no page needs a statement of its own.
  const rows = (await core.repository.select('account_history', { user_id: user.id })).sort(inOrder)
  const behind = rows.filter((row) => place === undefined || isBehind(row, String(place[0]), String(place[1])))
  const page = behind.slice(0, limit)
  return {
    items: page.map((row) => changeOf(row, isStaff(actor) || row.changed_by === user.id)),
    ...(behind.length > page.length ? nextOf(page, page.length, ({ changed_at, id }) => [changed_at, id]) : {}),
  }
}

function changeOf(
  { field, old_value, reason, changed_by, changed_at }: AccountHistoryRow,
  isTold: boolean,
): AccountChange {
  return { field, old: old_value, reason, changedBy: isTold ? changed_by : null, changedAt: showInstant(changed_at) }
}

function inOrder(a: AccountHistoryRow, b: AccountHistoryRow): number {
  return isBehind(a, b.changed_at, b.id) ? 1 : -1
}

function isBehind(row: AccountHistoryRow, changed_at: string, id: string): boolean {
  return row.changed_at === changed_at ? row.id > id : row.changed_at > changed_at
}
