import { type RawBuilder, sql } from 'kysely'
import type { RetirementPage } from '../port/repository.ts'
import type { RetirementRecord } from '../port/retirement-record.ts'
import { parameter } from './insert-text.ts'
import { recordOf, recordsFrom } from './retirement-records.ts'
import type { Statements } from './statements.ts'

/** Reads the next retirements in some states, each with the person: one statement, in the order of its index. */
export async function pageRetirements(on: Statements, page: RetirementPage): Promise<RetirementRecord[]> {
  const { from, before, after, limit } = page
  const states = [...new Set(page.states)].filter((state) => on.canHold('text', state))
  const places = [before, from ?? before, after?.created_at ?? before]
  const isPlace = places.every((place) => on.canHold('instant', place))
  if (states.length === 0 || !isPlace || (after !== undefined && !on.canHold('id', after.user_id))) return []
  const instant = (value: string) => on.dialect.encode('instant', value)
  const ofEach = [
    instant(before),
    ...(from === undefined ? [] : [instant(from)]),
    ...(after === undefined
      ? []
      : [instant(after.created_at), instant(after.created_at), on.dialect.encode('id', after.user_id)]),
    limit,
  ]
  const { rows } = await on.run(
    `retirements ${states.length} ${from === undefined} ${after === undefined}`,
    () => retirementsText(on, states.length, page),
    [...states.flatMap((state) => [state, ...ofEach]), limit],
  )
  return rows.map((row) => recordOf(on, row))
}

/**
 * Makes the statement. Each state has a part of its own that reads no more than the limit, since the index has its rows
 * in their order: of a list of states the database would read all rows that wait, and sort them.
 */
function retirementsText(on: Statements, states: number, { from, after }: RetirementPage): RawBuilder<unknown> {
  const since = from === undefined ? sql`` : sql`and entry.created_at >= ${parameter}`
  const behind =
    after === undefined
      ? sql``
      : sql`and (entry.created_at > ${parameter} or (entry.created_at = ${parameter} and entry.user_id > ${parameter}))`
  const ofState = (index: number) => sql`select * from (select entry.* from ${on.source('retirements')} as entry
    where entry.current_state = ${parameter} and entry.created_at < ${parameter} ${since} ${behind}
    order by entry.created_at, entry.user_id limit ${parameter}) as ${sql.id(`state_${index}`)}`
  const next = sql.join(
    Array.from({ length: states }, (_, index) => ofState(index)),
    sql` union all `,
  )
  return sql`${recordsFrom(on, sql`(${next})`)} order by work.created_at, work.user_id limit ${parameter}`
}
