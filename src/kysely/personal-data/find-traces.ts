import { sql } from 'kysely'
import { countTraces } from '../../port/found-traces.ts'
import type { FoundTraces, PersonNames, SourceRow, SourceSearch } from '../../port/personal-data-store.ts'
import { type KeyValue, sourceCursor } from '../../port/source-cursor.ts'
import type { JsonValue } from '../../values/json.ts'
import { jsonOfCell } from '../host-cells.ts'
import { mayHoldOneOf, paddedTexts } from '../search-texts.ts'
import type { Statements } from '../statements.ts'
import { cellOf, type LiveSource, tableOf } from './live-sources.ts'
import { behind, type Cells, column, findRows, run } from './source-rows.ts'

/** Looks through the next rows of a person, or of the whole table. */
export async function findTraces(
  on: Statements,
  live: LiveSource,
  person: PersonNames | undefined,
  { columns, sought, limit }: SourceSearch,
  after: readonly KeyValue[] | undefined,
): Promise<FoundTraces> {
  const isTrace: typeof sought.isTrace = (value, name) =>
    sought.isTrace(cellOf(on, live, name).form === 'bytes' ? textOfBytes(value) : value, name)
  if (person !== undefined) {
    const { rows, next } = await findRows(on, live, person, { after, limit, columns })
    const values = rows.map(({ row }) => row)
    return { columns: countTraces(values, columns, isTrace), rows: rows.length, next }
  }
  const page = live.key.length === 0 ? wholeTable : nextRows
  const { values, rows, next } = await page(on, live, columns, paddedTexts(sought.texts), { after, limit })
  return { columns: countTraces(values, columns, isTrace), rows, next }
}

/** Returns bytes, which are read as Base64, as the text that they are in UTF-8. */
function textOfBytes(value: JsonValue): JsonValue {
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString() : value
}

/** Rows that may hold a trace, and the number of those that were looked at. */
interface Candidates {
  readonly values: readonly SourceRow[]
  readonly rows: number
  readonly next: string | null
}

/** Reads the next rows by their key. Of those that can hold none of the texts the key alone is read. */
async function nextRows(
  on: Statements,
  live: LiveSource,
  columns: readonly string[],
  texts: readonly string[],
  { after, limit }: { readonly after: readonly KeyValue[] | undefined; readonly limit: number },
): Promise<Candidates> {
  const keys = live.key.map((name, index) => ({ as: `k${index}`, name, cell: cellOf(on, live, name) }))
  const selected = [
    sql`case when ${mayHold(on, live, columns, texts)} then 1 else 0 end as is_found`,
    ...keys.map(({ as, name, cell }) => sql`${cell.read(column(0, name))} as ${sql.id(as)}`),
    ...columns.map((name, index) => sql`${cellOf(on, live, name).read(column(0, name))} as ${sql.id(`c${index}`)}`),
  ]
  const looked = sql`select ${sql.join(selected)} from ${tableOf(live.source)} as s0${
    after === undefined ? sql`` : sql` where ${behind(on, live, after)}`
  } order by ${sql.join(live.key.map((name) => column(0, name)))} limit ${sql.lit(limit)}`
  const kept = columns.map(
    (_, index) => sql`case when is_found = 1 then ${sql.id(`c${index}`)} end as ${sql.id(`c${index}`)}`,
  )
  const rows = await run(
    on,
    sql`select ${sql.join([sql`is_found`, ...keys.map(({ as }) => sql.id(as)), ...kept])} from (${looked}) as looked`,
  )
  const last = rows.at(-1)
  return {
    values: rows.flatMap((row) => (Number(row.is_found) === 1 ? [valuesOf(on, live, columns, row)] : [])),
    rows: rows.length,
    next:
      last === undefined || rows.length < limit
        ? null
        : sourceCursor(keys.map(({ as, cell }) => jsonOfCell(last[as], cell.form) as KeyValue)),
  }
}

/** Reads the rows of a table without a key that may hold one of the texts, with the number of all its rows. */
async function wholeTable(
  on: Statements,
  live: LiveSource,
  columns: readonly string[],
  texts: readonly string[],
): Promise<Candidates> {
  const selected = columns.map(
    (name, index) => sql`${cellOf(on, live, name).read(column(0, name))} as ${sql.id(`c${index}`)}`,
  )
  const table = tableOf(live.source)
  const found = sql`select 1 as is_found, ${sql.join(selected)} from ${table} as s0 where ${mayHold(on, live, columns, texts)}`
  const rows = await run(
    on,
    sql`select looked.row_count, found.* from (select count(*) as row_count from ${table}) as looked
      left join (${found}) as found on 1 = 1`,
  )
  return {
    values: rows.flatMap((row) => (row.is_found === null ? [] : [valuesOf(on, live, columns, row)])),
    rows: Number(rows[0]?.row_count ?? 0),
    next: null,
  }
}

/** Returns the condition that one of some columns may hold one of some texts. Bytes are compared here alone. */
function mayHold(on: Statements, live: LiveSource, columns: readonly string[], texts: readonly string[]) {
  const held = columns.map((name) => {
    const { form, read } = cellOf(on, live, name)
    if (form === 'bytes') return sql`1 = 1`
    return mayHoldOneOf(
      on,
      read(column(0, name)),
      texts.map((text) => sql`${text}`),
    )
  })
  return sql.join(held, sql` or `)
}

function valuesOf(on: Statements, live: LiveSource, columns: readonly string[], row: Cells): SourceRow {
  return Object.fromEntries(
    columns.map((name, index) => [name, jsonOfCell(row[`c${index}`], cellOf(on, live, name).form)]),
  )
}
