import { type RawBuilder, sql } from 'kysely'
import { knownActions, startState } from '../../port/retirement-record.ts'
import type { RetirementRow, RetirementStateRow } from '../../port/tables.ts'
import type { Places } from '../table-definition.ts'
import { type BaseValues, base, digest, type KeptTable, ours, theirs, type Unit } from './kept-table.ts'

const states = 'user_api_retirementstate'

/**
 * States. The original keeps names and order, and whether a state is an end. The other columns are in our table for
 * states that were populated from here, and follow from their names for others, as in `pipelineFromNames`.
 */
export function retirementStates(places: Places): KeptTable<'retirement_states'> {
  const isDone = (state: string) => sql`right(${sql.ref(`${state}.state_name`)}, 9) = '_COMPLETE'`
  const kind = sql`case when base.state_name = ${sql.lit(startState)} then 'start' when base.is_dead_end_state then 'end'
    when ${isDone('base')} then 'done' else 'working' end`
  const before = sql`(select if(${isDone('earlier')} or earlier.state_name = ${sql.lit(startState)}, null, earlier.state_name)
    from ${theirs(places, states)} as earlier where earlier.state_execution_order < base.state_execution_order
    order by earlier.state_execution_order desc limit 1)`
  const step = sql`case ${kind} when 'working' then lower(base.state_name)
    when 'done' then lower(coalesce(${before}, base.state_name)) end`
  const actions = Object.entries(knownActions).map(
    ([state, action]) => sql`when ${sql.lit(state)} then ${sql.lit(action)}`,
  )
  const action = sql`case base.state_name ${sql.join(actions, sql` `)} end`
  const known = (column: string, derived: RawBuilder<unknown>) =>
    sql`if(own.state_name is null, ${derived}, ${sql.ref(`own.${column}`)})`
  return {
    base: states,
    rows: () => ({
      from: sql`${theirs(places, states)} as base
        left join ${ours(places, 'retirement_states')} as own on own.state_name = base.state_name`,
      cells: {
        state_name: base('state_name'),
        state_execution_order: base('state_execution_order'),
        kind: known('kind', kind),
        step: known('step', step),
        action: known('action', action),
      },
    }),
    stored: { state_name: 'state_name', state_execution_order: 'state_execution_order' },
    beside: ['kind', 'step', 'action'],
    derive: async (_, rows) => rows.map(flagsOf),
    derived: ['is_dead_end_state', 'required'],
  }
}

function flagsOf({ kind }: Partial<RetirementStateRow>): BaseValues {
  return kind === undefined ? {} : { is_dead_end_state: kind === 'end', required: kind === 'start' || kind === 'end' }
}

/** Work items. Our table of that name has their leases. */
export function retirements(places: Places): KeptTable<'retirements'> {
  const table = 'user_api_userretirementstatus'
  const own = sql`${theirs(places, table)} as base left join ${ours(places, 'retirements')} as own on own.user_id = base.user_id`
  const state = (name: string) => sql`${theirs(places, states)} as ${sql.id(name)} on ${sql.ref(`${name}.id`)}`
  // Rows of states that are read by a select within are not locked.
  const nameOf = (id: string) =>
    sql`(select state.state_name from ${theirs(places, states)} as state where state.id = ${base(id)})`
  const version = sql`1 + ${digest(
    ...['id', 'original_username', 'original_email', 'original_name', 'retired_username', 'retired_email'].map(base),
    ...['current_state_id', 'last_state_id', 'responses', 'created', 'modified'].map(base),
    sql`own.lease`,
    sql`own.leased_until`,
  )}`
  return {
    base: table,
    rows: (locks) => ({
      from: locks
        ? own
        : sql`${own} join ${state('current_state')} = base.current_state_id join ${state('last_state')} = base.last_state_id`,
      cells: {
        user_id: base('user_id'),
        id: base('id'),
        original_username: base('original_username'),
        original_username_key: base('original_username'),
        original_email: base('original_email'),
        original_email_key: base('original_email'),
        original_name: base('original_name'),
        retired_username: base('retired_username'),
        retired_email: base('retired_email'),
        current_state: locks ? nameOf('current_state_id') : sql`current_state.state_name`,
        last_state: locks ? nameOf('last_state_id') : sql`last_state.state_name`,
        version,
        lease: sql`own.lease`,
        leased_until: sql`own.leased_until`,
        created_at: base('created'),
        modified_at: base('modified'),
      },
    }),
    stored: {
      user_id: 'user_id',
      original_username: 'original_username',
      original_email: 'original_email',
      original_name: 'original_name',
      retired_username: 'retired_username',
      retired_email: 'retired_email',
      created_at: 'created',
      modified_at: 'modified',
    },
    beside: ['lease', 'leased_until'],
    defaults: { responses: '' },
    emptied: ['responses'],
    derive: numbersOf,
    derived: ['current_state_id', 'last_state_id'],
  }
}

/** Returns the numbers of the states that rows name, and of a row that came from elsewhere with its own. */
async function numbersOf(unit: Unit, rows: readonly Partial<RetirementRow>[]): Promise<BaseValues[] | undefined> {
  const names = new Set(rows.flatMap(({ current_state, last_state }) => [current_state ?? [], last_state ?? []].flat()))
  if (names.size === 0) return rows.map(() => ({}))
  const { on, places } = unit
  const found = await on.run('state ids', () => sql`select id, state_name from ${theirs(places, states)}`, [])
  const ids = new Map(found.rows.map((row) => [String(row.state_name), row.id]))
  if ([...names].some((name) => !ids.has(name))) return undefined
  return rows.map(({ id, user_id, current_state, last_state }) => ({
    // The id of the person stands for no number: the row numbers itself.
    ...(id === undefined ? {} : { id: id === user_id ? null : id }),
    ...(current_state === undefined ? {} : { current_state_id: ids.get(current_state) }),
    ...(last_state === undefined ? {} : { last_state_id: ids.get(last_state) }),
  }))
}

/** Requests. Our table of that name has their numbers. Whether one can still be cancelled follows from its work item: it can while that is in the first state. */
export function retirementRequests(places: Places): KeptTable<'retirement_requests'> {
  const table = 'user_api_userretirementrequest'
  const rows = sql`${theirs(places, table)} as base
    left join ${ours(places, 'retirement_requests')} as own on own.user_id = base.user_id`
  const work = sql`${theirs(places, 'user_api_userretirementstatus')} as work`
  const state = sql`${theirs(places, states)} as state on state.id = work.current_state_id`
  const isFirst = sql`state.state_name = ${sql.lit(startState)}`
  // Rows that are read by a select within are not locked. Without locks it would keep databases from merging the rows
  // into the statement that reads people.
  const isPending = sql`exists (select 1 from ${work} join ${state} where work.user_id = base.user_id and ${isFirst})`
  return {
    base: table,
    rows: (locks) => ({
      from: locks ? rows : sql`${rows} left join (${work} join ${state}) on work.user_id = base.user_id and ${isFirst}`,
      cells: {
        user_id: base('user_id'),
        created_at: base('created'),
        is_started: locks ? sql`not ${isPending}` : sql`state.id is null`,
        generation: sql`coalesce(own.generation, 1)`,
      },
    }),
    stored: { user_id: 'user_id', created_at: 'created' },
    beside: ['generation'],
    derived: ['modified'],
    derive: async ({ on }, rows) =>
      rows.map(({ created_at }) =>
        created_at === undefined ? {} : { modified: on.dialect.encode('instant', created_at) },
      ),
  }
}

/** The batch of reports that the original has given out. It never takes them back. */
const foreignBatch = 'open-edx'

/**
 * Reports to partners. Our table of that name has their batches; reports that the original gave out are in none of
 * ours.
 */
export function partnerReports(places: Places): KeptTable<'partner_reports'> {
  const table = 'user_api_userretirementpartnerreportingstatus'
  return {
    base: table,
    rows: () => ({
      from: sql`${theirs(places, table)} as base
        left join ${ours(places, 'partner_reports')} as own on own.user_id = base.user_id`,
      cells: {
        user_id: base('user_id'),
        original_username: base('original_username'),
        original_email: base('original_email'),
        original_name: base('original_name'),
        batch_id: sql`if(base.is_being_processed, coalesce(own.batch_id, ${sql.lit(foreignBatch)}), null)`,
        claimed_until: sql`if(base.is_being_processed, coalesce(own.claimed_until, timestamp('9999-12-31')), null)`,
        created_at: base('created'),
      },
    }),
    stored: {
      user_id: 'user_id',
      original_username: 'original_username',
      original_email: 'original_email',
      original_name: 'original_name',
      created_at: 'created',
    },
    beside: ['batch_id', 'claimed_until'],
    derived: ['modified', 'is_being_processed'],
    derive: async ({ on }, rows) =>
      rows.map(({ created_at, batch_id }) => ({
        ...(created_at === undefined ? {} : { modified: on.dialect.encode('instant', created_at) }),
        ...(batch_id === undefined ? {} : { is_being_processed: batch_id !== null }),
      })),
  }
}
