import { type RawBuilder, sql } from 'kysely'
import type { RetirementLease } from '../port/repository.ts'
import type { RetirementRecord } from '../port/retirement-record.ts'
import type { RetirementStateRow, UserId } from '../port/tables.ts'
import { parameter } from './insert-text.ts'
import { listParameter } from './people.ts'
import { rowsOfJson } from './read-nested.ts'
import { generationIn, generationOf, recordOf, recordsFrom, textOrNone } from './retirement-records.ts'
import { conditionOf } from './select.ts'
import type { Statements } from './statements.ts'
import { type Candidates, updateFirst } from './update-first.ts'

/** Oldest first. */
const order = ['created_at', 'user_id']

/**
 * Marks the oldest free retirements as taken, and returns those that it marked: in one statement where the database can.
 */
export async function leaseRetirements(on: Statements, request: RetirementLease): Promise<RetirementRecord[]> {
  const { lease, leased_until, limit } = request
  const candidates = candidatesOf(on, request)
  if (candidates.length === 0) return []
  const until = on.dialect.encode('instant', leased_until)
  const provided = request.pipeline && pipelineIs(on, request.pipeline)
  const updated = await updateFirst(on, {
    shape: `lease retirements ${candidates.map(({ shape }) => shape).join()} ${provided?.shape}`,
    table: 'retirements',
    set: {
      text: sql`lease = ${parameter}, leased_until = ${parameter}, version = version + 1`,
      parameters: [lease, until],
    },
    candidates,
    ...(provided && { provided }),
    order,
    limit,
    columns: () => [...on.selected('retirements', on.names.table('retirements')), sql`${personAsJson(on)} as person`],
  })
  if (on.dialect.returnsUpdated) return inOrder(updated.flatMap((row) => returned(on, row)))
  const { rows } = await on.run(
    'leased retirements',
    () => sql`${recordsFrom(on, on.source('retirements'))}
      where work.leased_until = ${parameter} and work.lease = ${parameter}`,
    [until, lease],
  )
  return inOrder(rows.map((row) => recordOf(on, row)))
}

/** Reads retirements of some people that are under a lease: one statement, for any number of people. */
export async function leasedRetirements(
  on: Statements,
  lease: string,
  user_ids: readonly UserId[],
): Promise<RetirementRecord[]> {
  const people = listParameter(on, 'id', user_ids)
  const { rows } = await on.run(
    `leased retirements ${people.shape}`,
    () => sql`${recordsFrom(on, on.source('retirements'))}
      where ${people.contains(sql`work.user_id`)} and work.lease = ${parameter}`,
    [...people.parameters, lease],
  )
  return inOrder(rows.map((row) => recordOf(on, row)))
}

/**
 * Returns the retirements to choose from: for each idle state those that were never claimed, and in all states together
 * those whose lease has ended. Where the database takes the index `leases`, it reads no entry that is under a lease.
 */
function candidatesOf(on: Statements, request: RetirementLease): (Candidates & { readonly shape: string })[] {
  const { now, before } = request
  const holdable = (states: readonly string[]) => [...new Set(states)].filter((state) => on.canHold('text', state))
  const [idle, working] = [holdable(request.idle), holdable(request.working)]
  if (idle.length + working.length === 0 || ![now, before].every((moment) => on.canHold('instant', moment))) return []
  const [from, until] = [now, before].map((moment) => on.dialect.encode('instant', moment))
  const states = listParameter(on, 'text', [...idle, ...working])
  const isOfPerson = on.names.users?.deleted === undefined ? sql`` : sql`and ${hasPerson(on)}`
  return [
    ...idle.map((state) => ({
      shape: '=',
      condition: sql`leased_until is null and current_state = ${parameter} and created_at < ${parameter} ${isOfPerson}`,
      parameters: [state, until],
      order,
      index: 'leases',
    })),
    {
      shape: states.shape,
      condition: sql`leased_until <= ${parameter} and ${states.contains(sql`current_state`)}
        and created_at < ${parameter} ${isOfPerson}`,
      parameters: [from, ...states.parameters, until],
      order,
      index: 'leases',
    },
  ]
}

/**
 * Makes the condition that the states of the site are these and no others: each that is stored counts for one, or
 * against one where it is none of these.
 */
function pipelineIs(on: Statements, pipeline: readonly RetirementStateRow[]) {
  const states = pipeline.map((state) => conditionOf(on, 'retirement_states', { ...state }))
  const isOneOf =
    states.length === 0
      ? sql`1 = 0`
      : sql.join(
          states.map(({ terms }) => terms('entry')),
          sql` or `,
        )
  return {
    shape: states.map(({ shape }) => shape).join('; '),
    text: sql`(select sum(case when ${isOneOf} then 1 else -1 end)
      from ${on.source('retirement_states')} as entry) = ${parameter}`,
    parameters: [...states.flatMap(({ parameters }) => parameters), states.length],
  }
}

const idOf = (on: Statements) => sql.ref(`${on.names.table('retirements')}.user_id`)

/** Makes the condition that the person is there: the host can mark rows as deleted, which no read finds. */
function hasPerson(on: Statements): RawBuilder<unknown> {
  return sql`exists (select 1 from ${on.source('users')} as person
    where ${on.column('users', 'id', 'person')} = ${idOf(on)})`
}

/** Makes one JSON array of the person, the name in the profile and the number of the request. */
function personAsJson(on: Statements): RawBuilder<unknown> {
  const from = sql`from ${on.source('users')} as person
    left join ${on.source('profiles')} as profile on profile.user_id = ${on.column('users', 'id', 'person')}
    where ${on.column('users', 'id', 'person')} = ${idOf(on)}`
  return (
    on.dialect.nested?.rows([...on.cells('users', 'person'), sql`profile.name`, generationOf(on, idOf(on))], from) ??
    sql`null`
  )
}

/** Reads a row that the update returned: none where the person went meanwhile. */
function returned(on: Statements, row: Readonly<Record<string, unknown>>): RetirementRecord[] {
  return rowsOfJson(row.person ?? null).map((cells) => ({
    retirement: on.codec.row('retirements', row),
    user: on.codec.userRow(cells, 0),
    profile_name: textOrNone(cells.at(-2)),
    generation: generationIn(cells.at(-1)),
  }))
}

/** Sorts retirements by their age, and those of one moment by the ids of their people. */
function inOrder(records: RetirementRecord[]): RetirementRecord[] {
  return records.sort(
    ({ retirement: a }, { retirement: b }) =>
      compared(a.created_at, b.created_at) || compared<UserId>(a.user_id, b.user_id),
  )
}

function compared<Value extends UserId>(a: Value, b: Value): number {
  return a < b ? -1 : Number(a > b)
}
