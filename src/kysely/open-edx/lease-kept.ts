import { type RawBuilder, sql } from 'kysely'
import type { RetirementLease } from '../../port/repository.ts'
import { isSamePipeline } from '../../port/retirement-record.ts'
import type { RetirementRow, UserId } from '../../port/tables.ts'
import { parameter } from '../insert-text.ts'
import { listParameter } from '../people.ts'
import { select } from '../select.ts'
import type { Unit } from './kept-table.ts'
import { keptTable } from './lock-rows.ts'
import { writeKept } from './write-kept.ts'

type Candidate = Pick<RetirementRow, 'created_at' | 'user_id' | 'current_state'>

/**
 * Marks the oldest free retirements as taken, and returns the people. Reads them page by page, then locks those of a page
 * that are still free: the original has no index in their order, so that a read with locks would lock all that it sorts.
 */
export async function leaseKept(unit: Unit, request: RetirementLease): Promise<UserId[]> {
  const { lease, leased_until, limit, pipeline } = request
  if (pipeline && !isSamePipeline(pipeline, await select(unit.on, 'retirement_states', {}))) return []
  const free = freeOnes(unit, request)
  if (free === undefined) return []
  const states = new Set([...request.idle, ...request.working])
  const taken: UserId[] = []
  let page: Candidate[] = []
  do {
    page = await pageOf(unit, free, page.at(-1), limit)
    // Collations there take more names for equal.
    const wanted = page.filter(({ current_state }) => states.has(current_state))
    const locked = await lock(unit, free, wanted)
    taken.push(...locked.slice(0, limit - taken.length))
  } while (page.length === limit && taken.length < limit)
  if (taken.length === 0) return []
  const set = { lease, leased_until }
  return (await writeKept(unit, { update: 'retirements', set, where: { user_id: taken } })) ? taken : []
}

/** The condition that a retirement is free, on columns as a source names them. */
interface Free {
  readonly shape: string
  text(column: (name: keyof RetirementRow) => RawBuilder<unknown>): RawBuilder<unknown>
  readonly parameters: readonly unknown[]
}

/** Makes that condition; `undefined` where it never holds. */
function freeOnes({ on }: Unit, { idle, working, now, before }: RetirementLease): Free | undefined {
  if (![now, before].every((moment) => on.canHold('instant', moment))) return undefined
  const [resting, started] = [listParameter(on, 'text', idle), listParameter(on, 'text', working)]
  const [from, until] = [now, before].map((moment) => on.dialect.encode('instant', moment))
  return {
    shape: `${resting.shape},${started.shape}`,
    text: (column) => sql`${column('created_at')} < ${parameter}
      and (${column('leased_until')} <= ${parameter} or ${column('leased_until')} is null)
      and (${resting.contains(column('current_state'))}
        or (${column('leased_until')} is not null and ${started.contains(column('current_state'))}))`,
    parameters: [until, from, ...resting.parameters, ...started.parameters],
  }
}

/** Reads the next free ones, oldest first, without locks. */
async function pageOf({ on }: Unit, free: Free, after: Candidate | undefined, limit: number): Promise<Candidate[]> {
  const at = after && [on.dialect.encode('instant', after.created_at), on.dialect.encode('id', after.user_id)]
  const { rows } = await on.run(`page of free retirements ${free.shape} ${at === undefined}`, () => {
    const behind =
      at === undefined
        ? sql``
        : sql`and (entry.created_at > ${parameter} or (entry.created_at = ${parameter} and entry.user_id > ${parameter}))`
    const columns = (['created_at', 'user_id', 'current_state'] as const).map(
      (column) => sql`${on.cell('retirements', column, 'entry')} as ${sql.id(column)}`,
    )
    return sql`select ${sql.join(columns)} from ${on.source('retirements')} as entry
        where ${free.text((name) => sql.ref(`entry.${name}`))} ${behind}
        order by entry.created_at, entry.user_id limit ${parameter}`
  }, [...free.parameters, ...(at === undefined ? [] : [at[0], ...at]), limit])
  return rows.map((row) => on.codec.row('retirements', row))
}

/** Locks those of a page that are still free and that no other transaction has locked; returns them in their order. */
async function lock(unit: Unit, free: Free, page: readonly Candidate[]): Promise<UserId[]> {
  if (page.length === 0) return []
  const { on } = unit
  const { from, cells } = keptTable(unit, 'retirements').rows(true)
  const people = listParameter(
    on,
    'id',
    page.map(({ user_id }) => user_id),
  )
  const { rows } = await on.run(
    `lock free retirements ${free.shape} ${people.shape}`,
    () => sql`select ${on.dialect.read('id', cells.user_id)} as user_id from ${from}
      where ${people.contains(cells.user_id)} and ${free.text((name) => cells[name])}${on.dialect.skippingLocked}`,
    [...people.parameters, ...free.parameters],
  )
  const locked = new Set(rows.map((row) => on.codec.id(row.user_id)))
  return page.map(({ user_id }) => user_id).filter((id) => locked.has(id))
}
