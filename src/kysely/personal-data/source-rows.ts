import { CompiledQuery, type RawBuilder, sql } from 'kysely'
import { namesFor, ownerTest, sinceColumns } from '../../port/declared-sources.ts'
import {
  mostCounted,
  type PersonNames,
  type SourceCount,
  type SourcePage,
  type SourceRow,
} from '../../port/personal-data-store.ts'
import { type KeyValue, keyOfCursor, sourceCursor } from '../../port/source-cursor.ts'
import type { JsonValue } from '../../values/json.ts'
import { formsOfName, identifierKey, spellingsOfKey } from '../../values/text.ts'
import { encodeCell, encodeKey, jsonOfCell } from '../host-cells.ts'
import type { Statements } from '../statements.ts'
import { isIdOf } from '../statements.ts'
import { cellOf, type LiveSource, tableOf } from './live-sources.ts'

export type Cells = Readonly<Record<string, unknown>>

/** Runs a statement on tables of the host; moments are written and read in UTC. */
export async function run({ db, dialect }: Statements, statement: RawBuilder<unknown>): Promise<readonly Cells[]> {
  const compiled = statement.compile(db)
  const text = dialect.inUtc(compiled.sql)
  const execute = (values: readonly unknown[]) => db.executeQuery<Cells>(CompiledQuery.raw(text, [...values]))
  const { rows } = await execute(compiled.parameters).catch((error: unknown) => {
    const others = dialect.withoutForeignLetters(error, text, compiled.parameters)
    if (others === undefined) throw error
    return execute(others)
  })
  return rows
}

/** Returns the source with those that its rows lead over, up to the one that names people: `s0`, `s1` and so on. */
function joined({ path }: LiveSource): RawBuilder<unknown> {
  const joins = path.flatMap(({ subject }, index) => {
    const next = path[index + 1]
    if (next === undefined || !('through' in subject)) return []
    const on = sql`${column(index + 1, subject.references)} = ${column(index, subject.column)}`
    return [sql` join ${tableOf(next)} as ${sql.id(`s${index + 1}`)} on ${on}`]
  })
  const [source] = path
  return sql`${source === undefined ? sql`` : tableOf(source)} as s0${sql.join(joins, sql``)}`
}

/** Returns a column of the source, or of one that its rows lead over. */
export function column(index: number, name: string): RawBuilder<unknown> {
  return sql.ref(`s${index}.${name}`)
}

/** Returns the column that names people. */
function ownerColumn({ path, owner }: LiveSource): RawBuilder<unknown> {
  return column(path.length - 1, owner.column)
}

/** Returns the condition that finds the rows of a person, and those that a collation takes for them. */
function owned(on: Statements, live: LiveSource, person: PersonNames): RawBuilder<unknown> {
  const { dialect } = on
  const place = ownerColumn(live)
  const { form } = live.ownerCell
  if (live.owner.by === 'user_id') {
    // Databases refuse to compare an integer with other text.
    if (form === 'integer' && !isIdOf('bigint', dialect)(person.user_id)) return sql`1 = 0`
    return sql`${place} = ${encodeCell(dialect, person.user_id, form)}`
  }
  const names = namesFor(live, person).flatMap((name) => [...spellingsOfKey(identifierKey(name)), ...formsOfName(name)])
  const wanted = [...new Set(names)].filter((name) => on.canHold('text', name))
  if (wanted.length === 0) return sql`1 = 0`
  // Every way in which the database may have folded a spelling is in the list: no row is found by its case alone.
  return sql`${dialect.foldCase(place)} in (${sql.join(wanted.map((name) => sql`${name}`))})`
}

/** Returns the condition that a row comes behind another in the order of the key. */
export function behind(on: Statements, live: LiveSource, after: readonly KeyValue[]): RawBuilder<unknown> {
  const parts = live.key.map((name, index) => ({
    place: column(0, name),
    value: encodeKey(on.dialect, after[index] ?? null, cellOf(on, live, name).form),
  }))
  const [first] = parts
  const alternatives = parts.map(({ place, value }, index) => {
    const equal = parts.slice(0, index).map((part) => sql`${part.place} = ${part.value} and `)
    return sql`(${sql.join(equal, sql``)}${place} > ${value})`
  })
  // The first column alone, so that an index leads there.
  return sql`${first?.place} >= ${first?.value} and (${sql.join(alternatives, sql` or `)})`
}

/** A row as it was read, with its key. */
export interface FoundRow {
  readonly row: SourceRow
  readonly key: readonly KeyValue[]
}

/** Returns the key in a cursor. Throws `bad_request` for a cursor of another source. */
export function readCursor({ key }: LiveSource, after: string | undefined): readonly KeyValue[] | undefined {
  return key.length === 0 ? undefined : keyOfCursor(after, key.length)
}

/** Reads the next rows of a person, with some columns. `lock` is the end of a statement that locks them. */
export async function findRows(
  on: Statements,
  live: LiveSource,
  person: PersonNames,
  {
    after,
    limit,
    columns,
    lock = sql``,
  }: {
    readonly after: readonly KeyValue[] | undefined
    readonly limit: number
    readonly columns: readonly string[]
    readonly lock?: RawBuilder<unknown>
  },
): Promise<{ readonly rows: readonly FoundRow[]; readonly next: string | null }> {
  const { key } = live
  const named = [...columns, ...key].map((name, index) => ({ name, as: `c${index}`, cell: cellOf(on, live, name) }))
  const selected = [
    ...named.map(({ name, as, cell }) => sql`${cell.read(column(0, name))} as ${sql.id(as)}`),
    sql`${live.ownerCell.read(ownerColumn(live))} as owner`,
  ]
  const order = sql.join(key.map((name) => column(0, name)))
  const cells = await run(
    on,
    sql`select ${sql.join(selected)} from ${joined(live)} where ${owned(on, live, person)}${
      after === undefined ? sql`` : sql` and ${behind(on, live, after)}`
    }${key.length === 0 ? sql`` : sql` order by ${order} limit ${sql.lit(limit)}`}${lock}`,
  )
  const found = cells.map((cells) => {
    const values = named.map(({ as, cell }) => jsonOfCell(cells[as], cell.form))
    return {
      row: Object.fromEntries(columns.map((name, index) => [name, values[index] as JsonValue])),
      key: values.slice(columns.length) as KeyValue[],
      owner: jsonOfCell(cells.owner, live.ownerCell.form),
    }
  })
  const last = found.at(-1)
  const isOwner = ownerTest(live, person)
  return {
    rows: onceEach(
      live,
      found.filter(({ owner }) => isOwner(owner)),
    ),
    next: last === undefined || key.length === 0 || found.length < limit ? null : sourceCursor(last.key),
  }
}

/** Leaves out a row that more than one row leads to. */
function onceEach({ path, key }: LiveSource, rows: readonly FoundRow[]): readonly FoundRow[] {
  if (path.length === 1 || key.length === 0) return rows
  return [...new Map(rows.map((row) => [JSON.stringify(row.key), row])).values()]
}

/** Reads a page of the rows of a person. */
export async function readRows(
  on: Statements,
  live: LiveSource,
  person: PersonNames,
  after: readonly KeyValue[] | undefined,
  limit: number,
): Promise<SourcePage> {
  const columns = Object.keys(live.source.columns)
  const { rows, next } = await findRows(on, live, person, { after, limit, columns })
  return { rows: rows.map(({ row }) => row), next }
}

/**
 * Counts the rows of a person. Names are grouped by their exact spelling, so that those of others can be left out.
 */
export async function countRows(on: Statements, live: LiveSource, person: PersonNames): Promise<SourceCount> {
  const since = sinceColumns(live.source).map((name, index) => ({
    name,
    as: `c${index}`,
    cell: cellOf(on, live, name),
  }))
  const selected = [
    sql`${live.ownerCell.read(ownerColumn(live))} as owner`,
    ...since.map(({ name, as, cell }) => sql`${cell.read(column(0, name))} as ${sql.id(as)}`),
  ]
  const latest = since.map(({ as }) => sql`, max(${sql.id(as)}) as ${sql.id(as)}`)
  const counted = await run(
    on,
    sql`select owner, count(*) as ${sql.id('rows')}${sql.join(latest, sql``)} from (select ${sql.join(selected)}
      from ${joined(live)} where ${owned(on, live, person)} limit ${sql.lit(mostCounted)}) as counted group by owner`,
  )
  const isOwner = ownerTest(live, person)
  const groups = counted.filter(({ owner }) => isOwner(jsonOfCell(owner, live.ownerCell.form)))
  const latestOf = (as: string, form: Parameters<typeof jsonOfCell>[1]) =>
    groups
      .map((group) => jsonOfCell(group[as], form))
      .reduce<JsonValue>((a, b) => (a === null || (b !== null && a < b) ? b : a), null)
  return {
    rows: groups.reduce((sum, group) => sum + Number(group.rows), 0),
    latest: Object.fromEntries(since.map(({ name, as, cell }) => [name, latestOf(as, cell.form)])),
  }
}
