import { type RawBuilder, sql } from 'kysely'
import { isMadePerRow, replaced, replacementsOf } from '../../port/declared-sources.ts'
import {
  chunkRows,
  type ErasedChunk,
  type ErasureOptions,
  notErasable,
  type PersonNames,
} from '../../port/personal-data-store.ts'
import type { KeyValue } from '../../port/source-cursor.ts'
import type { JsonValue } from '../../values/json.ts'
import { encodeCell, encodeKey } from '../host-cells.ts'
import type { Statements } from '../statements.ts'
import { runUnit } from '../unit-of-work.ts'
import { cellOf, type LiveSource, tableOf } from './live-sources.ts'
import { type FoundRow, findRows, run } from './source-rows.ts'

/** Erases the next rows of a person, in a transaction of its own or under a savepoint. */
export async function eraseChunk(
  on: Statements,
  live: LiveSource,
  person: PersonNames,
  after: readonly KeyValue[] | undefined,
  pseudonym: ErasureOptions['pseudonym'],
): Promise<ErasedChunk> {
  const replacements = Object.entries(replacementsOf(live.source))
  const columns = replacements.map(([name]) => name)
  let chunk: ErasedChunk = { rows: 0, next: null }
  const isDone = await runUnit(
    on,
    async (unit) => {
      const lock = on.dialect.locking
      const { rows, next } = await findRows(unit, live, person, { after, limit: chunkRows, columns, lock })
      chunk = { rows: rows.length, next }
      if (rows.length === 0) return true
      const fresh = rows.map(({ row }) =>
        Object.fromEntries(
          replacements.map(([name, value]) => [name, replaced(value, row[name] ?? null, pseudonym)] as const),
        ),
      )
      if (replacements.length > 0) await overwrite(unit, live, rows, fresh)
      if (live.source.treatment.erase !== 'rows') return true
      // Columns of the key can be among those that were overwritten.
      const keys = rows.map(({ key }, at) => live.key.map((name, index) => keyValue(fresh[at]?.[name], key[index])))
      await run(unit, sql`delete from ${tableOf(live.source)} where ${isOneOf(unit, live, keys)}`)
      return true
    },
    async () => {},
  )
  if (!isDone) throw notErasable()
  return chunk
}

function keyValue(fresh: JsonValue | undefined, stored: KeyValue | undefined): KeyValue {
  return (fresh === undefined ? (stored ?? null) : fresh) as KeyValue
}

type Fresh = Readonly<Record<string, JsonValue>>

async function overwrite(on: Statements, live: LiveSource, rows: readonly FoundRow[], fresh: readonly Fresh[]) {
  const keys = rows.map(({ key }) => key)
  const set = Object.entries(replacementsOf(live.source)).map(([name, replacement]) => {
    const { form } = cellOf(on, live, name)
    const value = (at: number) => sql`${encodeCell(on.dialect, fresh[at]?.[name] ?? null, form)}`
    const made = isMadePerRow(replacement)
      ? sql`case ${sql.join(
          keys.map((key, at) => sql`when ${isRow(on, live, key)} then ${value(at)}`),
          sql` `,
        )} end`
      : value(0)
    return sql`${sql.id(name)} = ${made}`
  })
  await run(on, sql`update ${tableOf(live.source)} set ${sql.join(set)} where ${isOneOf(on, live, keys)}`)
}

/** Returns the condition that a row has one of some keys. */
function isOneOf(on: Statements, live: LiveSource, keys: readonly (readonly KeyValue[])[]): RawBuilder<unknown> {
  const [only, ...others] = live.key
  if (only === undefined || others.length > 0) {
    return sql`(${sql.join(
      keys.map((key) => sql`(${isRow(on, live, key)})`),
      sql` or `,
    )})`
  }
  const values = keys.map(([value = null]) => sql`${encodeKey(on.dialect, value, cellOf(on, live, only).form)}`)
  return sql`${sql.id(only)} in (${sql.join(values)})`
}

function isRow(on: Statements, live: LiveSource, key: readonly KeyValue[]): RawBuilder<unknown> {
  const terms = live.key.map((name, index) => {
    const value = encodeKey(on.dialect, key[index] ?? null, cellOf(on, live, name).form)
    return sql`${sql.id(name)} = ${value}`
  })
  return sql.join(terms, sql` and `)
}
