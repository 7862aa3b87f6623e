import { type RawBuilder, sql } from 'kysely'
import { isOneOf } from '../../port/found-traces.ts'
import type { FoundTraces } from '../../port/personal-data-store.ts'
import { formsOfName, identifierKey, spellingsOfKey } from '../../values/text.ts'
import { jsonOfCell } from '../host-cells.ts'
import { isIdOf, type Statements } from '../statements.ts'
import { cellOf, type LiveSource, tableOf } from './live-sources.ts'
import { column, run } from './source-rows.ts'

/**
 * Counts the rows in which a column has one of some values. They are grouped by their exact spelling, so that values which a
 * collation takes for equal can be left out.
 */
export async function findEqual(
  on: Statements,
  live: LiveSource,
  columns: readonly string[],
  values: readonly string[],
): Promise<FoundTraces['columns']> {
  const parts = columns.flatMap((name, index) => {
    const isEqual = equal(on, live, name, values)
    if (isEqual === undefined) return []
    return sql`select ${sql.lit(index)} as place, ${cellOf(on, live, name).read(column(0, name))} as value
      from ${tableOf(live.source)} as s0 where ${isEqual}`
  })
  if (parts.length === 0) return {}
  const groups = await run(
    on,
    sql`select place, value, count(*) as ${sql.id('rows')}
      from (${sql.join(parts, sql` union all `)}) as found group by place, value`,
  )
  const keys = new Set(values.map(identifierKey))
  const counts = columns.map((name, index) => {
    const { form } = cellOf(on, live, name)
    const same = groups.filter(({ place, value }) => Number(place) === index && isOneOf(jsonOfCell(value, form), keys))
    return [name, same.reduce((sum, group) => sum + Number(group.rows), 0)] as const
  })
  return Object.fromEntries(counts.filter(([, count]) => count > 0))
}

/** Returns the condition that a column has one of the values; `undefined` where it can have none. */
function equal(
  on: Statements,
  live: LiveSource,
  name: string,
  values: readonly string[],
): RawBuilder<unknown> | undefined {
  const { form } = cellOf(on, live, name)
  const isInteger = isIdOf('bigint', on.dialect)
  const wanted =
    form === 'integer'
      ? values.filter(isInteger)
      : form === 'text'
        ? values.flatMap(spellings).filter((value) => on.canHold('text', value))
        : []
  if (wanted.length === 0) return undefined
  const place = form === 'text' ? on.dialect.search.folded(column(0, name)) : column(0, name)
  return sql`${place} in (${sql.join([...new Set(wanted)].map((value) => sql`${value}`))})`
}

/** Returns every way in which a database may have folded a value. */
function spellings(value: string): readonly string[] {
  return [...spellingsOfKey(identifierKey(value)), ...formsOfName(value)]
}
