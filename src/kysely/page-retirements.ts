import { type RawBuilder, sql } from 'kysely'
import type { RetirementPage } from '../repository.ts'
import type { RetirementRecord } from '../retirement/retirement-record.ts'
import { columnsOf, decodeRow } from './codecs.ts'
import { parameter, type Statements } from './statements.ts'

/** The next retirements in some states, each with the person: one statement, in the order of its index. */
export async function pageRetirements(on: Statements, page: RetirementPage): Promise<RetirementRecord[]> {
  const { states, from, before, after, limit } = page
  const instant = (value: string) => on.dialect.encode('instant', value)
  const { rows } = await on.run(
    `retirements ${from === undefined} ${after === undefined}`,
    () => retirementsText(on, page),
    [
      on.dialect.encodeList('text', states),
      instant(before),
      ...(from === undefined ? [] : [instant(from)]),
      ...(after === undefined
        ? []
        : [instant(after.created_at), instant(after.created_at), on.dialect.encode('id', after.user_id)]),
      limit,
    ],
  )
  return rows.map((row) => ({
    retirement: decodeRow('retirements', row, 'retirement.'),
    user: decodeRow('users', row),
    profile_name: row.profile_name === null ? undefined : String(row.profile_name),
  }))
}

function retirementsText(on: Statements, { from, after }: RetirementPage): RawBuilder<unknown> {
  const columns = [
    ...columnsOf('users').map((name) => sql.ref(`person.${name}`)),
    ...columnsOf('retirements').map((name) => sql`${sql.ref(`work.${name}`)} as ${sql.id(`retirement.${name}`)}`),
    sql`profile.name as profile_name`,
  ]
  const since = from === undefined ? sql`` : sql`and work.created_at >= ${parameter}`
  const behind =
    after === undefined
      ? sql``
      : sql`and (work.created_at > ${parameter} or (work.created_at = ${parameter} and work.user_id > ${parameter}))`
  return sql`select ${sql.join(columns)} from ${sql.table(on.tableName('retirements'))} as work
    join ${sql.table(on.tableName('users'))} as person on person.id = work.user_id
    left join ${sql.table(on.tableName('profiles'))} as profile on profile.user_id = work.user_id
    where ${on.dialect.isOneOf(sql.ref('work.current_state'), parameter)}
      and work.created_at < ${parameter} ${since} ${behind}
    order by work.created_at, work.user_id limit ${parameter}`
}
