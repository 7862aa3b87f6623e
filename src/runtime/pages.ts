import type { UserId } from '../port/tables.ts'
import type { OwnedTable } from '../port/write.ts'
import { badArgument, requireUserId } from '../values/arguments.ts'
import { count, type Kind, text } from '../values/kinds.ts'
import type { Core } from './core.ts'

/** A page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[]
  /** The cursor for `after` of the next page; left out on the last page. */
  readonly next?: string
}

/** Selects a page of a list. */
export interface PageOptions {
  /** `next` of the page before; left out for the first page. */
  readonly after?: string
  /** The most items of a page, from 1 to 1000. Default 100. */
  readonly limit?: number
}

/** The members of `PageOptions`, for the arguments of an operation. */
export const pageKinds = { after: text, limit: count(1, 1000) } satisfies Readonly<Record<string, Kind>>

/** The values by which a list is ordered, of the last item of a page. */
type Place = readonly (string | number)[]

/** Returns the cursor behind an item of a list: opaque text, in letters that URLs take as they are. */
export function cursorOf(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

/**
 * Returns the values that a cursor holds; `undefined` without a cursor. Throws `bad_request` for a text that no page
 * returned.
 */
export function placeOf(cursor: string | undefined): Place | undefined {
  if (cursor === undefined) return undefined
  const place = parsed(Buffer.from(cursor, 'base64url').toString())
  const isPlace = Array.isArray(place) && place.every((part) => typeof part === 'string' || Number.isSafeInteger(part))
  // Of all spellings of the same values only the one that a page returned is accepted.
  if (!isPlace || cursorOf(place) !== cursor) throw badArgument('after', 'the `next` of a page')
  return place
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

/**
 * Returns the id of a person that a cursor holds, as `after` of the repository. Throws `bad_request` for another
 * cursor.
 */
export function afterUser({ repository }: Core, cursor: string | undefined): { readonly after?: UserId } {
  const place = placeOf(cursor)
  if (place === undefined) return {}
  if (place.length !== 1) throw badArgument('after', 'the `next` of a page')
  return { after: requireUserId(place[0], repository.idType, 'after') }
}

/** Returns the cursor of the next page, as a member `next`; nothing once a page has fewer rows than it has room for. */
export function nextOf<Row>(
  rows: readonly Row[],
  limit: number,
  place: (last: Row) => Place,
): { readonly next?: string } {
  const last = rows.at(-1)
  return last === undefined || rows.length < limit ? {} : { next: cursorOf(place(last)) }
}

/**
 * Yields every page of a list, one after the other, as far as it is asked: each is loaded from behind the last row of
 * the one before.
 */
export async function* everyPage<Row>(
  load: (last: Row | undefined) => Promise<readonly Row[]>,
): AsyncGenerator<readonly Row[], void, undefined> {
  let last: Row | undefined
  do {
    const rows = await load(last)
    last = rows.at(-1)
    if (last !== undefined) yield rows
  } while (last !== undefined)
}

/** Yields the ids of all people who have a row in a table, page by page in their order, from behind `after`. */
export function everyUser(
  { repository }: Core,
  table: OwnedTable,
  limit: number,
  after?: UserId,
): AsyncGenerator<readonly UserId[], void, undefined> {
  return everyPage<UserId>((last = after) =>
    repository.pageUsers(table, {}, { limit, ...(last === undefined ? {} : { after: last }) }),
  )
}
