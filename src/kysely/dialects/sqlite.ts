import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from 'kysely'
import type { Dialect } from '../dialect.ts'
import { driverError } from '../driver-error.ts'
import { insertText, oneValue, parameter } from '../insert-text.ts'
import { inRange, rangeOf } from '../listed-columns.ts'
import { always } from '../session.ts'
import { onConflictReplace, putOnConflict } from './on-conflict.ts'
import { describeSqliteTable, sqliteForeignTypes } from './sqlite-catalog.ts'
import { sqliteCell } from './sqlite-cells.ts'
import { listSqliteTables, readSqliteForeignKeys } from './sqlite-relations.ts'

/** SQLite, over better-sqlite3 or node:sqlite. */
export const sqlite: Dialect = {
  name: 'sqlite',
  maxParameters: 32_766,
  // The drivers cannot bind booleans.
  encode: (type, value) =>
    value === null ? null : type === 'boolean' ? Number(value) : type === 'json' ? JSON.stringify(value) : value,
  list(type, values) {
    const encoded = values.map((value) => sqlite.encode(type, value))
    if (encoded.length === 1) return oneValue(encoded)
    return {
      shape: '',
      parameters: [JSON.stringify([...new Set(encoded)])],
      contains: (column) => sql`${column} in (select value from json_each(${parameter}))`,
      asRows: { source: sql`json_each(${parameter}) as wanted`, value: sql.ref('wanted.value') },
    }
  },
  bitsOf: () => 64,
  // Ids beyond what a number can hold lose digits in JSON, and drivers fail on them: those are texts, which cost more.
  read: (type, column) =>
    type === 'id'
      ? sql`case when ${column} >= ${sql.lit(Number.MIN_SAFE_INTEGER)} and ${column} <= ${sql.lit(Number.MAX_SAFE_INTEGER)}
          then ${column} else cast(${column} as text) end`
      : column,
  readForeign: (type, column) => sqlite.read(type, column),
  hostCell: sqliteCell,
  foldCase: (column) => sql`lower(${column})`,
  listedForeign: (folded) => ({
    column: folded,
    read: folded,
    indexed: folded,
    begins: inRange(folded),
    parameters: rangeOf,
  }),
  comparesRows: true,
  search: {
    asText: (cell) => sql`cast(${cell} as text)`,
    holds: (text, wanted) => sql`instr(lower(${text}), ${wanted}) > 0`,
    isBeyondAscii: (text) => sql`length(cast(${text} as blob)) <> length(${text})`,
    folded: (column) => sql`lower(${column})`,
  },
  cellsAsJson: (cells) => sql`json_array(${sql.join(cells)})`,
  nested: {
    rows: (cells, from) => sql`(select json_group_array(${sqlite.cellsAsJson(cells)}) ${from})`,
    // JSON of a subquery counts as text, which `json_array` would quote.
    all: (parts) =>
      sql`'[' || ${sql.join(
        parts.map((part) => sql`coalesce(${part}, 'null')`),
        sql` || ',' || `,
      )} || ']'`,
  },
  joined: {
    cells: (cells) => sqlite.cellsAsJson(cells),
    text: (row) => sql`'[' || group_concat(${row}, ',') || ']'`,
    // The words that keep SQLite from beginning with the other table.
    ofPeople: (source) => sql`from people cross join ${source} as part where part.user_id = people.id`,
  },
  afterWrites: (text) => text,
  alongPrimary: undefined,
  inUtc: (text) => text,
  withoutForeignLetters: () => undefined,
  // No other connection can write once a transaction has.
  keeping: sql``,
  locking: sql``,
  upsert: (rows) => sql`${insertText(rows)} ${onConflictReplace(rows)}`,
  put: (rows) => putOnConflict(rows, () => parameter),
  affectedPerPut: 1,
  putsNewRows: true,
  updateFound: ({ table, set, primary, found, columns }) =>
    sql`update ${table} set ${set} where ${sql.ref(primary)} in (${found}) returning ${sql.join(columns)}`,
  // No other connection can write meanwhile.
  skippingLocked: sql``,
  usingIndex: (index) => sql` indexed by ${sql.id(index)}`,
  ordersByNulls: false,
  setsLast: false,
  returnsUpdated: true,
  // `autoincrement` remembers the greatest id of all.
  afterChosenIds: () => undefined,
  meaningOf(error) {
    const code = sqlite.codeOf(error)
    if (takenCodes.has(code)) return 'taken'
    return /^SQLITE_(BUSY|LOCKED)/.test(code) ? 'busy' : 'failure'
  },
  lockedCodes: new Set(['SQLITE_BUSY', 'SQLITE_BUSY_RECOVERY', 'SQLITE_BUSY_TIMEOUT', 'SQLITE_LOCKED']),
  isSchemaMissing: (error) => /no such (table|column|index)|has no column/.test(String(driverError(error).message)),
  codeOf(error) {
    const { code, errcode } = driverError(error)
    // node:sqlite has one code for all errors; its errcode holds the primary result code in the lowest byte.
    if (typeof errcode === 'number') return nodeCodes(errcode)
    return code === undefined ? 'unknown' : String(code)
  },
  kyselyParts: {
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
  erasure: {
    prepare: sql`pragma secure_delete = on`,
    // Moves the log into the file, and truncates it.
    finish: sql`pragma wal_checkpoint(truncate)`,
    session: {
      query: sql`select secure_delete, journal_mode from pragma_secure_delete, pragma_journal_mode`,
      settings: {
        secure_delete: always('1'),
        // A journal that persists keeps the earlier state of pages.
        journal_mode: { expected: 'any other mode', isRight: (mode) => mode !== 'persist' },
      },
    },
  },
  schema: {
    types: {
      id: 'integer',
      integer: 'integer',
      boolean: 'integer',
      // Fixed-width ISO 8601 sorts and compares as text.
      instant: 'text',
      json: 'text',
      short: 'text',
      long: 'text',
    },
    selfNumbering: 'autoIncrement',
    tableOptions: undefined,
    hasIndexIfNotExists: true,
    describeTable: describeSqliteTable,
    listTables: listSqliteTables,
    foreignKeys: readSqliteForeignKeys,
    foreignTypes: sqliteForeignTypes,
    hasAsciiCase: () => sql`lower('I') = 'i'`,
    isInUtc: sql`1`,
    session: {
      query: sql`select foreign_keys from pragma_foreign_keys`,
      // Without them the next person who gets the id of a deleted one gets their profile too.
      settings: { foreign_keys: always('1') },
    },
    hasNodesApart: undefined,
    isTransactional: false,
  },
}

const takenCodes = new Set([
  'SQLITE_CONSTRAINT_UNIQUE',
  'SQLITE_CONSTRAINT_PRIMARYKEY',
  'SQLITE_CONSTRAINT_FOREIGNKEY',
  'SQLITE_CONSTRAINT_ROWID',
])

/** The names of the extended result codes that are looked at. */
const codeNames: Readonly<Record<number, string>> = {
  5: 'SQLITE_BUSY',
  6: 'SQLITE_LOCKED',
  517: 'SQLITE_BUSY_SNAPSHOT',
  787: 'SQLITE_CONSTRAINT_FOREIGNKEY',
  1555: 'SQLITE_CONSTRAINT_PRIMARYKEY',
  2067: 'SQLITE_CONSTRAINT_UNIQUE',
  2579: 'SQLITE_CONSTRAINT_ROWID',
}

function nodeCodes(errcode: number): string {
  return codeNames[errcode] ?? codeNames[errcode & 0xff] ?? `SQLITE_${errcode}`
}
