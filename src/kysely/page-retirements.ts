import { type RawBuilder, sql } from 'kysely'
import type { RetirementPage } from '../port/repository.ts'
import type { RetirementRecord } from '../port/retirement-record.ts'
import type { ValueList } from './dialect.ts'
import { parameter } from './insert-text.ts'
import { listParameter } from './people.ts'
import type { Statements } from './statements.ts'

/** Reads the next retirements in some states, each with the person: one statement, in the order of its index. */
export async function pageRetirements(on: Statements, page: RetirementPage): Promise<RetirementRecord[]> {
  const { states, from, before, after, limit } = page
  const places = [before, from ?? before, after?.created_at ?? before]
  const isPlace = places.every((place) => on.canHold('instant', place))
  if (!isPlace || (after !== undefined && !on.canHold('id', after.user_id))) return []
  const instant = (value: string) => on.dialect.encode('instant', value)
  const wanted = listParameter(on, 'text', states)
  const { rows } = await on.run(
    `retirements ${wanted.shape} ${from === undefined} ${after === undefined}`,
    () => retirementsText(on, wanted, page),
    [
      ...wanted.parameters,
      instant(before),
      ...(from === undefined ? [] : [instant(from)]),
      ...(after === undefined
        ? []
        : [instant(after.created_at), instant(after.created_at), on.dialect.encode('id', after.user_id)]),
      limit,
    ],
  )
  return rows.map((row) => ({
    retirement: on.codec.row('retirements', row, 'retirement.'),
    user: on.codec.row('users', row),
    profile_name: row.profile_name === null ? undefined : String(row.profile_name),
  }))
}

function retirementsText(on: Statements, states: ValueList, { from, after }: RetirementPage): RawBuilder<unknown> {
  const columns = [
    ...on.selected('users', 'person'),
    ...on.selected('retirements', 'work', 'retirement.'),
    sql`profile.name as profile_name`,
  ]
  const since = from === undefined ? sql`` : sql`and work.created_at >= ${parameter}`
  const behind =
    after === undefined
      ? sql``
      : sql`and (work.created_at > ${parameter} or (work.created_at = ${parameter} and work.user_id > ${parameter}))`
  return sql`select ${sql.join(columns)} from ${on.source('retirements')} as work
    join ${on.source('users')} as person on ${on.column('users', 'id', 'person')} = work.user_id
    left join ${on.source('profiles')} as profile on profile.user_id = work.user_id
    where ${states.contains(sql.ref('work.current_state'))}
      and work.created_at < ${parameter} ${since} ${behind}
    order by work.created_at, work.user_id limit ${parameter}`
}
