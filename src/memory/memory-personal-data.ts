import {
  type DeclaredSource,
  declaredSources,
  ownerTest,
  replaced,
  replacementsOf,
  sinceColumns,
} from '../port/declared-sources.ts'
import { countTraces, isOneOf } from '../port/found-traces.ts'
import type { PersonalDataSource } from '../port/personal-data.ts'
import {
  chunkRows,
  mostCounted,
  notErasable,
  type PersonalDataStore,
  type PersonNames,
  type SourceRow,
} from '../port/personal-data-store.ts'
import { type KeyValue, keyOfCursor, sourceCursor } from '../port/source-cursor.ts'
import { configError } from '../values/arguments.ts'
import { copyJson, type JsonValue } from '../values/json.ts'
import { document, object, recordOf } from '../values/kinds.ts'
import { requireOptions } from '../values/options.ts'
import { identifierKey } from '../values/text.ts'
import { compareKeys } from './compare-keys.ts'
import { type MemoryTransaction, whenPublished } from './memory-repository.ts'

/** Options of `memoryPersonalData`: the tables of the host, and what they hold. */
export interface MemoryPersonalDataOptions {
  /** The tables of the host with data of people: see `definePersonalData`. */
  readonly sources: readonly PersonalDataSource[]
  /** The rows of each table, by its name; after its schema and a full stop where the source names one. */
  readonly tables: Readonly<Record<string, SourceRow[]>>
}

const optionsKind = object({ sources: document, tables: recordOf(document) })

/**
 * Makes a store of personal data over arrays, for tests: an erasure takes rows out of them, and puts others in their place.
 * The key of a source that names none is its column `id`, if it has one.
 *
 * ```ts
 * const tables = { orders: [{ id: 1, customer_id: 1, phone: '123' }] }
 * const personalData = memoryPersonalData({ sources: [orders], tables })
 * const users = createUserCore({ repository: memoryRepository(), personalData })
 * ```
 *
 * Throws `config_error` for invalid options and sources.
 */
export function memoryPersonalData(options: MemoryPersonalDataOptions): PersonalDataStore<MemoryTransaction> {
  requireOptions(options, optionsKind)
  const { tables } = options
  if (!Object.values(tables).every(Array.isArray)) throw configError('tables', 'lists of rows by the names of tables')
  const declared = declaredSources(options.sources)
  const drafts = new WeakMap<MemoryTransaction, Changes>()
  const publish = (changes: Changes) => {
    for (const rows of Object.values(tables)) rows.splice(0, rows.length, ...seen(rows, changes).map(({ now }) => now))
    changes.clear()
  }

  function storeOn(draft: Changes | undefined): PersonalDataStore<MemoryTransaction> {
    const changes: Changes = draft ?? new Map()
    const rowsOf = ({ schema, table }: PersonalDataSource) =>
      seen(tables[schema === undefined ? table : `${schema}.${table}`] ?? [], changes)
    return {
      sources: declared.sources,
      async count(name, person) {
        const source = declared.of(name)
        const rows = ownedRows(source, person, rowsOf).slice(0, mostCounted)
        const latest = (column: string) =>
          rows
            .map(({ now }) => now[column] ?? null)
            .reduce((a, b) => (a === null || (b !== null && a < b) ? b : a), null)
        return {
          rows: rows.length,
          latest: Object.fromEntries(sinceColumns(source.source).map((column) => [column, latest(column)])),
        }
      },
      async read(name, person, { after, limit }) {
        const source = declared.of(name)
        const { rows, next } = pageOf(source, ownedRows(source, person, rowsOf), after, limit)
        const columns = Object.keys(source.source.columns)
        const shown = ({ now }: Seen) =>
          Object.fromEntries(columns.map((column) => [column, copyJson(now[column] ?? null)]))
        return { rows: rows.map(shown), next }
      },
      async find(name, person, { columns, sought, after, limit }) {
        const source = declared.of(name)
        const found = person === undefined ? rowsOf(source.source) : ownedRows(source, person, rowsOf)
        const { rows, next } = pageOf(source, found, after, limit)
        const values = rows.map(({ now }) => now)
        return { columns: countTraces(values, columns, sought.isTrace), rows: rows.length, next }
      },
      async findEqual(name, columns, values) {
        const keys = new Set(values.map(identifierKey))
        const rows = rowsOf(declared.of(name).source).map(({ now }) => now)
        return countTraces(rows, columns, (value) => isOneOf(value, keys))
      },
      async erase(name, person, { after, pseudonym }) {
        const source = declared.of(name)
        const { erase } = source.source.treatment
        if (erase === 'step' || erase === 'never') return { rows: 0, next: null }
        const { rows, next } = pageOf(source, ownedRows(source, person, rowsOf), after, chunkRows)
        const replacements = Object.entries(replacementsOf(source.source))
        const fresh = rows.map(({ now }) => ({
          ...now,
          ...Object.fromEntries(
            replacements.map(([column, value]) => [column, replaced(value, now[column] ?? null, pseudonym)]),
          ),
        }))
        if (!haveOwnKeys(source, fresh)) throw notErasable()
        for (const [at, { stored }] of rows.entries()) changes.set(stored, erase === 'rows' ? undefined : fresh[at])
        if (draft === undefined) publish(changes)
        return { rows: rows.length, next }
      },
      async references() {
        return []
      },
      with(transaction) {
        const known = drafts.get(transaction)
        if (known !== undefined) return storeOn(known)
        const draft: Changes = new Map()
        whenPublished(transaction, () => publish(draft))
        drafts.set(transaction, draft)
        return storeOn(draft)
      },
    }
  }
  return storeOn(undefined)
}

/** Rows that take the place of stored ones, or nothing. */
type Changes = Map<SourceRow, SourceRow | undefined>

/** A row as it is stored, and as it is now. */
interface Seen {
  readonly stored: SourceRow
  readonly now: SourceRow
}

function seen(rows: readonly SourceRow[], changes: Changes): Seen[] {
  return rows.flatMap((stored) => {
    const now = changes.has(stored) ? changes.get(stored) : stored
    return now === undefined ? [] : [{ stored, now }]
  })
}

function ownedRows(
  { path, ...declared }: DeclaredSource,
  person: PersonNames,
  rowsOf: (source: PersonalDataSource) => Seen[],
): Seen[] {
  const isOwner = ownerTest({ path, ...declared }, person)
  const last = path.at(-1) ?? declared.source
  let owned = rowsOf(last).filter(({ now }) => isOwner(now[declared.owner.column] ?? null))
  for (const source of path.slice(0, -1).reverse()) {
    const { subject } = source
    if (!('through' in subject)) continue
    const owners = new Set(owned.map(({ now }) => now[subject.references]))
    owned = rowsOf(source).filter(({ now }) => {
      const value = now[subject.column] ?? null
      return value !== null && owners.has(value)
    })
  }
  return owned
}

function keyOf({ source }: DeclaredSource): readonly string[] {
  return source.key ?? ('id' in source.columns ? ['id'] : [])
}

function pageOf(declared: DeclaredSource, rows: readonly Seen[], after: string | undefined, limit: number) {
  const columns = keyOf(declared)
  if (columns.length === 0) return { rows, next: null }
  const keyed = rows
    .map((row) => ({ row, key: columns.map((column) => (row.now[column] ?? null) as KeyValue) }))
    .sort((a, b) => compareKeys(a.key, b.key))
  const last = keyOfCursor(after, columns.length)
  const behind = last === undefined ? keyed : keyed.filter(({ key }) => compareKeys(key, last) > 0)
  const page = behind.slice(0, limit)
  const end = page.at(-1)
  return {
    rows: page.map(({ row }) => row),
    next: end === undefined || page.length < limit ? null : sourceCursor(end.key),
  }
}

/** Tells whether rows that were overwritten still have a key each. */
function haveOwnKeys(declared: DeclaredSource, rows: readonly Readonly<Record<string, JsonValue>>[]): boolean {
  const columns = keyOf(declared)
  const keys = new Set(rows.map((row) => JSON.stringify(columns.map((column) => row[column]))))
  return columns.length === 0 || keys.size === rows.length
}
