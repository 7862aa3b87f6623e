import type { AccountPlace } from '../../port/account-page.ts'
import { requireStaff } from '../../runtime/authorize.ts'
import { type Core, contextOf } from '../../runtime/core.ts'
import { nextOf, type Page, placeOf } from '../../runtime/pages.ts'
import type { Actor } from '../../site/actor.ts'
import { badArgument, isStorableInstant, requireUserId } from '../../values/arguments.ts'
import { toInstant } from '../../values/instant.ts'
import type { AccountDocument } from '../account.ts'
import { type AccountList, type AccountListOptions, isListed, readAccountList } from '../account-list.ts'
import { showAccounts } from './get-accounts.ts'

export async function listAccounts(
  core: Core,
  actor: Actor,
  { limit = 100, descending = false, after, ...options }: AccountListOptions,
): Promise<Page<AccountDocument>> {
  requireStaff(actor)
  const { repository } = core
  const context = contextOf(core)
  const list = readAccountList(options, actor, context)
  if (repository.usernames === 'ids' && (list.order === 'username' || list.where.username !== undefined))
    throw badArgument('username', 'left out where the usernames of people are their ids')
  const last = readPlace(core, list, descending, after)
  const places = await repository.pageAccounts({ ...list, descending, limit, ...(last && { after: last }) })
  const records = places.length === 0 ? [] : await repository.findAccounts({ ids: places.map(({ id }) => id) })
  const byId = new Map(records.map((record) => [record.user.id, record]))
  const listed = places.flatMap(({ id }) => {
    const record = byId.get(id)
    return record !== undefined && isListed(record, list, context) ? [record] : []
  })
  return {
    items: await showAccounts(core, actor, listed, {}),
    ...nextOf(places, limit, ({ value, id }) => [list.order, Number(descending), value, id]),
  }
}

/** Reads the cursor of a page. Throws `bad_request` for text that is none, such as the cursor of another order. */
function readPlace(
  { repository }: Core,
  { order }: AccountList,
  descending: boolean,
  after: string | undefined,
): AccountPlace | undefined {
  const place = placeOf(after)
  if (place === undefined) return undefined
  const [by, direction, value, id, ...more] = place
  const isPlace = by === order && direction === Number(descending) && typeof value === 'string' && more.length === 0
  const isValue = order !== 'date_joined' || (isPlace && isStorableInstant(toInstant(value)))
  if (!isPlace || !isValue) throw badArgument('after', 'the `next` of a page of the same list')
  return { value, id: requireUserId(id, repository.idType, 'after') }
}
