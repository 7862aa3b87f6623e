import { type RawBuilder, sql } from 'kysely'
import type { RetirementRecord } from '../port/retirement-record.ts'
import type { Statements } from './statements.ts'

/** Makes a select of retirements, each with the person; `work` is the source of the rows, and their alias. */
export function recordsFrom(on: Statements, work: RawBuilder<unknown>): RawBuilder<unknown> {
  const columns = [
    ...on.selected('users', 'person'),
    ...on.selected('retirements', 'work', 'retirement.'),
    sql`profile.name as profile_name`,
    sql`${generationOf(on, sql`work.user_id`)} as generation`,
  ]
  return sql`select ${sql.join(columns)} from ${work} as work
    join ${on.source('users')} as person on ${on.column('users', 'id', 'person')} = work.user_id
    left join ${on.source('profiles')} as profile on profile.user_id = work.user_id`
}

/** Makes a select of the number of the request of a person, for one cell. */
export function generationOf(on: Statements, user_id: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(select request.generation from ${on.source('retirement_requests')} as request
    where request.user_id = ${user_id})`
}

/** Returns the number of a request from its cell, which is null where no request is kept. */
export function generationIn(cell: unknown): number {
  return Number(cell ?? 1)
}

/** Reads a row of such a select. */
export function recordOf(on: Statements, row: Readonly<Record<string, unknown>>): RetirementRecord {
  return {
    retirement: on.codec.row('retirements', row, 'retirement.'),
    user: on.codec.row('users', row),
    profile_name: textOrNone(row.profile_name),
    generation: generationIn(row.generation),
  }
}

/** Returns the text of a cell that may be null. */
export function textOrNone(cell: unknown): string | undefined {
  return cell === null || cell === undefined ? undefined : String(cell)
}
