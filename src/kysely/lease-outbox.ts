import { type RawBuilder, sql } from 'kysely'
import type { Repository } from '../port/repository.ts'
import type { OutboxRow } from '../port/tables.ts'
import { parameter } from './insert-text.ts'
import { ownTransaction } from './own-transaction.ts'
import { listParameter } from './people.ts'
import type { Statements } from './statements.ts'
import { findFirst, type UpdateFirst, updateFirst } from './update-first.ts'

type LeaseRequest = Parameters<Repository['leaseOutbox']>[0]

/**
 * Marks the oldest heads as taken, and returns those that it marked: in one statement where the database can. Elsewhere
 * a select locks and reads them first: inside of an update, the look for earlier messages would wait for those that
 * others have locked.
 */
export async function leaseOutbox(on: Statements, request: LeaseRequest): Promise<OutboxRow[]> {
  const change = changeOf(on, request)
  const rows = on.dialect.returnsUpdated
    ? (await updateFirst(on, change)).map((row) => on.codec.row('outbox', row))
    : await (on.db.isTransaction
        ? lockAndMark(on, request, change)
        : ownTransaction(on.db, on.dialect, undefined, (db) => lockAndMark(on.on(db), request, change)))
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1))
}

async function lockAndMark(on: Statements, request: LeaseRequest, change: UpdateFirst): Promise<OutboxRow[]> {
  const found = (await findFirst(on, change)).map((row) => on.codec.row('outbox', row))
  if (found.length === 0) return []
  const { text, parameters } = change.set
  const ids = on.dialect.list(
    'text',
    found.map(({ id }) => id),
  )
  await on.run(
    `mark outbox ${ids.shape}`,
    () => sql`update ${on.table('outbox')} set ${text} where ${ids.contains(sql.ref('id'))}`,
    [...parameters, ...ids.parameters],
  )
  const { lease, leased_until } = request
  return found.map((row) => ({
    ...row,
    lease,
    leased_until,
    next_attempt_at: leased_until,
    attempts: row.attempts + 1,
  }))
}

function changeOf(on: Statements, { now, leased_until, lease, limit, kinds }: LeaseRequest): UpdateFirst {
  const [from, until] = [now, leased_until].map((instant) => on.dialect.encode('instant', instant))
  const ofKinds = kinds === undefined ? undefined : listParameter(on, 'text', kinds)
  const name = on.names.table('outbox')
  const ref = (column: string) => sql.ref(`${name}.${column}`)
  const kind = ofKinds === undefined ? sql`` : sql`and ${ofKinds.contains(ref('kind'))}`
  const head = headOf(on, ref)
  const candidates = (due: RawBuilder<unknown>, ofDue: readonly unknown[], fixed: readonly string[]) => ({
    condition: sql`${ref('dead_at')} is null and ${due} ${kind} and ${head}`,
    parameters: [...ofDue, ...(ofKinds?.parameters ?? []), from],
    fixed,
    order: queue.filter((column) => !fixed.includes(column)),
    index: 'queue',
  })
  return {
    shape: `lease outbox ${ofKinds?.shape ?? 'all'}`,
    table: 'outbox',
    set: {
      text: sql`lease = ${parameter}, leased_until = ${parameter}, next_attempt_at = ${parameter}, attempts = attempts + 1`,
      parameters: [lease, until, until],
    },
    candidates: [
      candidates(sql`${ref('next_attempt_at')} is null`, [], ['dead_at', 'next_attempt_at']),
      candidates(sql`${ref('next_attempt_at')} <= ${parameter}`, [from], ['dead_at']),
    ],
    order: ['id'],
    limit,
    columns: (alias = name) => on.selected('outbox', alias),
  }
}

/** The columns of the index that has the messages that can be taken in their order. */
const queue = ['dead_at', 'next_attempt_at', 'id']

/**
 * Makes the condition of heads: a message is the first of its person, and none of them is under a lease. It is compared
 * with the first one, since a database that locks rows newer than those it looks among would take them all for the first.
 *
 * As a `case`, which no database takes apart: looked at for each candidate, it costs two short looks into an index, while
 * a join would begin with all messages. PostgreSQL expects half of the rows to meet it, and a subquery in a comparison
 * one in two hundred, for which it would compile the statement first.
 */
function headOf(on: Statements, ref: (column: string) => RawBuilder<unknown>): RawBuilder<unknown> {
  const from = (alias: string, index: string) =>
    sql`${on.table('outbox')} as ${sql.id(alias)}${on.dialect.usingIndex(on.names.own(`outbox_${index}`))}`
  return sql`case when ${ref('id')} = (select first_one.id from ${from('first_one', 'person')}
      where first_one.user_id = ${ref('user_id')} and first_one.dead_at is null
      order by first_one.user_id, first_one.id limit 1)
    and (select out_one.id from ${from('out_one', 'leased')}
      where out_one.user_id = ${ref('user_id')} and out_one.leased_until > ${parameter} limit 1) is null
    then true else false end`
}
