import {
  PGliteAdapter,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawBuilder,
  sql,
} from 'kysely'
import type { ColumnType } from '../../port/tables.ts'
import type { Dialect } from '../dialect.ts'
import { driverError } from '../driver-error.ts'
import { insertText, oneValue, parameter } from '../insert-text.ts'
import { inRange, rangeOf } from '../listed-columns.ts'
import { isInTransactionOfPostgres } from '../probes.ts'
import { always } from '../session.ts'
import type { Step } from '../step.ts'
import { onConflictReplace, putOnConflict } from './on-conflict.ts'
import { describePostgresTable, postgresForeignTypes } from './postgres-catalog.ts'
import { postgresCell } from './postgres-cells.ts'
import { listPostgresTables, readPostgresForeignKeys } from './postgres-relations.ts'

/** PostgreSQL from 13 on. */
export const postgres: Dialect = {
  name: 'postgres',
  maxParameters: 65_535,
  encode: (type, value) => (value !== null && type === 'json' ? JSON.stringify(value) : value),
  // One value has a text of its own: for `= any` the server never settles on a plan that it keeps.
  list: (_, values) =>
    values.length === 1
      ? oneValue(values)
      : { shape: '', parameters: [values], contains: (column) => sql`${column} = any(${parameter})` },
  bitsOf: (integerType) => (/big|8/i.test(integerType) ? 64 : /small|2/i.test(integerType) ? 16 : 32),
  // As text of our own: the moments that drivers make have milliseconds, and depend on parsers that hosts change. Ids
  // lose digits in JSON.
  read(type, column) {
    if (type === 'id') return sql`${column}::text`
    return type === 'instant' ? inUtc(column) : column
  },
  // As text, `char` comes without the blanks that fill it up. Seconds since 1970 are those of UTC with and without
  // zone.
  readForeign(type, column) {
    if (type === 'instant') return inUtc(sql`to_timestamp(extract(epoch from ${column}))`)
    return type === 'id' || type === 'text' ? sql`${column}::text` : column
  },
  hostCell: postgresCell,
  foldCase: (column) => sql`lower(${column})`,
  // By another collation texts that begin alike need not follow one another.
  listedForeign(folded) {
    const column = sql`(${folded}) collate "C"`
    return { column, read: sql`(${folded})::text`, indexed: column, begins: inRange(column), parameters: rangeOf }
  },
  comparesRows: true,
  // By the collation "C", letters of ASCII have two cases whatever the locale is, and texts are compared byte by byte.
  search: {
    asText: (cell) => sql`(${cell})::text collate "C"`,
    holds: (text, wanted) => sql`position(${wanted}::text in lower(${text})) > 0`,
    isBeyondAscii: (text) => sql`octet_length(convert_to(${text}, 'UTF8')) <> char_length(${text})`,
    folded: (column) => sql`lower((${column})::text)`,
  },
  // As an array of texts: for cells of their own types the server looks up how each is written, cell by cell.
  cellsAsJson: (cells) => sql`array_to_json(array[${sql.join(cells.map((cell) => sql`(${cell})::text`))}])`,
  nested: {
    rows: (cells, from) => sql`(select json_agg(${postgres.cellsAsJson(cells)}) ${from})`,
    all: (parts) => sql`json_build_array(${sql.join(parts)})`,
  },
  joined: {
    cells: (cells) => sql`${postgres.cellsAsJson(cells)}::text`,
    text: (row) => sql`'[' || string_agg(${row}, ',') || ']'`,
    // As an array, which is looked up in the index at once.
    ofPeople: (source) => sql`from ${source} as part where part.user_id = any(array(select id from people))`,
  },
  afterWrites: (text) => text,
  alongPrimary: undefined,
  inUtc: (text) => text,
  withoutForeignLetters: () => undefined,
  keeping: sql` for share`,
  locking: sql` for update`,
  upsert: (rows) => sql`${insertText(rows)} ${onConflictReplace(rows)}`,
  // Parameters have no type in a list of values that is not yet a row of a table.
  put: (rows) =>
    putOnConflict(rows, (type) => sql`${parameter}::${sql.raw(type === 'id' ? rows.idType : cellTypes[type])}`),
  affectedPerPut: 1,
  putsNewRows: true,
  // `array(…)` is computed once; a joined subquery could be run again, and lock more rows than the limit.
  updateFound: ({ table, set, primary, found, columns }) =>
    sql`update ${table} set ${set} where ${sql.ref(primary)} = any(array(${found})) returning ${sql.join(columns)}`,
  skippingLocked: sql` for update skip locked`,
  // There are no hints: the server decides by its statistics.
  usingIndex: () => sql``,
  ordersByNulls: true,
  setsLast: false,
  returnsUpdated: true,
  // Never sets it back: others draw from it meanwhile.
  afterChosenIds: (table, column) => sql`select setval(sequence, greatest)
    from (select pg_get_serial_sequence(${sql.lit(quoted(table))}, ${sql.lit(column)}) as sequence,
      (select max(${sql.ref(column)}) from ${sql.table(table)}) as greatest) as ids
    where greatest > coalesce(pg_sequence_last_value(sequence::regclass), 0)`,
  asOneStatement,
  meaningOf(error) {
    const code = postgres.codeOf(error)
    if (isStopped(error)) return 'stopped'
    if (code === '23505' || code === '23503') return 'taken'
    return busyCodes.has(code) ? 'busy' : 'failure'
  },
  // `lock_timeout`
  lockedCodes: new Set(['55P03']),
  isSchemaMissing: (error) => ['42P01', '42703', '3F000'].includes(postgres.codeOf(error)),
  codeOf(error) {
    const { code, message } = driverError(error)
    if (code !== undefined) return String(code)
    // For a dead connection node-postgres gives no code: that of the standard is `connection_failure`.
    return /^Connection terminated|is not queryable$/.test(String(message)) ? '08006' : 'unknown'
  },
  isInTransaction: isInTransactionOfPostgres,
  kyselyParts: {
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
  // The server keeps versions of rows that no transaction sees until it purges them, and has its own time for logs.
  erasure: undefined,
  schema: {
    types: {
      id: 'bigint',
      integer: 'integer',
      boolean: 'boolean',
      instant: 'timestamptz(6)',
      json: 'jsonb',
      // Names and keys compare byte by byte, in whatever locale the database was made.
      short: 'text collate "C"',
      long: 'text',
    },
    selfNumbering: 'identity',
    tableOptions: undefined,
    hasIndexIfNotExists: true,
    describeTable: describePostgresTable,
    listTables: listPostgresTables,
    foreignKeys: readPostgresForeignKeys,
    foreignTypes: postgresForeignTypes,
    hasAsciiCase: (collation) =>
      collation === undefined || collation === 'default'
        ? sql`lower('I') = 'i'`
        : sql`lower('I' collate ${sql.id(collation)}) = 'i'`,
    isInUtc: sql`timestamptz '2024-01-01 00:00Z' = timestamp '2024-01-01 00:00'
      and timestamptz '2024-07-01 00:00Z' = timestamp '2024-07-01 00:00'`,
    session: {
      query: sql`select current_setting('client_encoding') as client_encoding,
        current_setting('server_encoding') as server_encoding,
        current_setting('session_replication_role') as session_replication_role`,
      settings: {
        client_encoding: always('UTF8'),
        // Other encodings do not have the letters of every name.
        server_encoding: always('UTF8'),
        // Under the role of a replica the rows of a deleted person are not deleted.
        session_replication_role: { expected: 'origin or local', isRight: (role) => role !== 'replica' },
      },
    },
    hasNodesApart: undefined,
    isTransactional: true,
  },
}

/**
 * Serialization failure, deadlock, lock, and a statement that the server has forgotten under its name: see
 * `keptStatements`.
 */
const busyCodes = new Set(['40001', '40P01', '55P03', '26000'])

/** PostgreSQL inside the process. It has one connection. Its driver drops a byte order mark that a text begins with. */
export const pglite: Dialect = {
  ...postgres,
  name: 'pglite',
  kyselyParts: { ...postgres.kyselyParts, createAdapter: () => new PGliteAdapter() },
}

/** Returns a moment with a zone as text. */
function inUtc(moment: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`to_char(${moment} at time zone 'UTC', ${sql.lit('YYYY-MM-DD"T"HH24:MI:SS.US"Z"')})`
}

/** A text that is no number: the cast to one fails, and undoes the whole statement. */
const stop = 'usercore: a unit of work was stopped'

/**
 * Makes each step a part of one statement, which counts the rows of the steps that have to affect some. The count comes
 * first: the steps that it needs run before it, and the others only after it.
 */
function asOneStatement(steps: readonly Step[]): RawBuilder<unknown> {
  const name = (index: number) => sql.id(`step_${index}`)
  const parts = steps.map(({ text, shape, affects }, index) => {
    const returning = affects === undefined || shape.startsWith('require') ? sql`` : sql` returning 1`
    return sql`${name(index)} as (${text()}${returning})`
  })
  const checks = steps.flatMap(({ affects }, index) =>
    affects === undefined ? [] : [sql`(select count(*) from ${name(index)}) = ${sql.lit(affects)}`],
  )
  // Made from the count: a constant would be cast to a number before anything runs.
  const failure = sql`cast(${sql.lit(`${stop} `)} || count(*) as integer)`
  const check = checks.length === 0 ? sql`true` : sql.join(checks, sql` and `)
  return sql`with ${sql.join(parts)} select case when ${check} then 0 else (select ${failure} from (values (0)) as one) end as stopped`
}

function isStopped(error: unknown): boolean {
  return postgres.codeOf(error) === '22P02' && String(driverError(error).message).includes(stop)
}

const cellTypes: Readonly<Record<Exclude<ColumnType, 'id'>, string>> = {
  integer: 'integer',
  text: 'text',
  boolean: 'boolean',
  instant: 'timestamptz',
  json: 'jsonb',
}

/** Returns the name of a table as PostgreSQL's functions take it, in text. */
function quoted(table: string): string {
  return table
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.')
}
