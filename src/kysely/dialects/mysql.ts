import { MysqlAdapter, MysqlIntrospector, MysqlQueryCompiler, type RawBuilder, sql } from 'kysely'
import type { Dialect } from '../dialect.ts'
import { driverError } from '../driver-error.ts'
import { insertText, othersOf, parameter } from '../insert-text.ts'
import { isInTransactionOfMysql } from '../probes.ts'
import { describeMysqlTable, mysqlForeignTypes, mysqlJsonColumns } from './mysql-catalog.ts'
import { mysqlCell } from './mysql-cells.ts'
import { listMysqlTables, readMysqlForeignKeys } from './mysql-relations.ts'
import { mysqlSession } from './mysql-session.ts'

/**
 * MySQL and MariaDB. Where their syntax differs, the statement has both forms, in comments that only one of them
 * executes.
 */
export const mysql: Dialect = {
  name: 'mysql',
  // There is no limit: the driver puts values into the text. `max_allowed_packet` of the server bounds its length.
  maxParameters: 20_000,
  encode(type, value) {
    if (value === null) return null
    if (type === 'json') return JSON.stringify(value)
    // A DATETIME has no zone, and MariaDB refuses text that ends in Z. A `Date` would be moved into the pool's zone.
    return type === 'instant' ? String(value).replace('T', ' ').replace('Z', '') : value
  },
  // A list of parameters, as updates over a subquery would lock the whole table. Lengths are rounded up to powers of
  // two by repeating the last value, so that few texts are made.
  list(type, values) {
    const encoded = values.map((value) => mysql.encode(type, value))
    const length = encoded.length === 0 ? 0 : 2 ** Math.ceil(Math.log2(encoded.length))
    const parameters = Array.from({ length }, (_, index) => encoded[Math.min(index, encoded.length - 1)])
    return {
      shape: String(length),
      parameters,
      contains: (column) =>
        length === 0 ? sql`1 = 0` : sql`${column} in (${sql.join(parameters.map(() => parameter))})`,
    }
  },
  // A bigint, signed or not; greater integers are compared as well.
  bitsOf: () => 65,
  // Drivers make numbers of ids that are greater than a number can hold. JSON of MySQL comes as bytes to a host that
  // casts columns to text itself, and parsed to others: a text in it could not be told from JSON.
  read(type, column) {
    if (type === 'id') return inOneCollation(sql`cast(${column} as char)`)
    if (type === 'json') return textOf(column)
    return type === 'instant'
      ? inOneCollation(sql`date_format(${column}, ${sql.lit('%Y-%m-%dT%H:%i:%s.%fZ')})`)
      : column
  },
  // Each column of a host has its own collation, and two collations cannot be in one column of a union.
  readForeign: (type, column) =>
    type === 'text' ? inOneCollation(column) : type === 'boolean' ? sql`${column} + 0` : mysql.read(type, column),
  // The collation of the column folds it: see `verifyMapping`.
  hostCell: mysqlCell,
  foldCase: (column) => column,
  // The collation of the column orders its index; in a range by a collation some texts that begin alike are left out.
  listedForeign: (folded) => ({
    column: folded,
    read: inOneCollation(folded),
    begins: sql`${folded} like ${parameter} escape '|'`,
    parameters: (beginning) => [`${beginning.replace(/[%_|]/g, '|$&')}%`],
  }),
  comparesRows: false,
  search: {
    asText: inOneCollation,
    holds: (text, wanted) => sql`instr(lower(${text}), ${wanted}) > 0`,
    isBeyondAscii: (text) => sql`length(${text}) <> char_length(${text})`,
    folded: (column) => column,
  },
  // `nested` is left out: an aggregate over a subquery costs MariaDB a temporary table each, which is most of the
  // time of a read.
  cellsAsJson: (cells) => sql`json_array(${sql.join(cells)})`,
  // Galera: the node first applies all that the cluster had committed when the statement arrived.
  afterWrites: (text) => withSetting(text, 'wsrep_sync_wait = 1'),
  alongPrimary: {
    hint: sql` force index (primary)`,
    finish: (text) => withSetting(text.replace(/^select/, `select /*+ set_var(${noLooks}) */`), noLooks),
  },
  // A column of three bytes for each letter is not compared with a text that needs four. No name is empty.
  withoutForeignLetters(error, text, parameters) {
    const isRefused = [1267, 1270, 1271].includes(errnoOf(error) ?? 0) && /^(\/\*M! .*? for \*\/ )?select\b/.test(text)
    const isForeign = (value: unknown) => typeof value === 'string' && /[\u{10000}-\u{10ffff}]/u.test(value)
    if (!isRefused || !parameters.some(isForeign)) return undefined
    return parameters.map((value) => (isForeign(value) ? '' : value))
  },
  // A TIMESTAMP is written and read in the zone of the session, a DATETIME as it is. MySQL has a hint for it, behind
  // the verb.
  inUtc: (text) => withSetting(text.replace(/^(\/\*M! .*? for \*\/ )?(\w+)/, `$1$2 /*+ set_var(${utc}) */`), utc),
  // MariaDB has no other syntax for it.
  keeping: sql` lock in share mode`,
  locking: sql` for update`,
  // `on duplicate key` does not say which key: where there is a second one, it could replace the row of another person.
  upsert: (rows, hasOtherKeys) =>
    hasOtherKeys
      ? undefined
      : sql`${insertText(rows)} on duplicate key update ${replaced(othersOf(rows), rows.primary)}`,
  put(rows) {
    const isNext = sql`version = values(version) - 1`
    // Assigned from left to right: the version comes last, since the others depend on it.
    const set = [...othersOf(rows).filter((column) => column !== 'version'), 'version'].map(
      (column) => sql`${sql.ref(column)} = if(${isNext}, values(${sql.ref(column)}), ${sql.ref(column)})`,
    )
    return sql`${insertText(rows)} on duplicate key update ${sql.join(set)}`
  },
  // Two for a row that is replaced; a row of another version has none or one, depending on flags of the connection.
  affectedPerPut: 2,
  putsNewRows: false,
  // `update … order by … limit` would wait for rows that others have locked or not yet committed; so would a join that
  // scans the table for the rows it has found.
  updateFound: ({ table, set, primary, found }) =>
    sql`update (${found}) as free straight_join ${table} as marked force index (primary)
      on ${sql.ref(`marked.${primary}`)} = ${sql.ref(`free.${primary}`)} set ${set}`,
  skippingLocked: sql` for update skip locked`,
  usingIndex: (index) => sql` force index (${sql.id(index)})`,
  ordersByNulls: false,
  setsLast: true,
  returnsUpdated: false,
  // `auto_increment` goes on from the greatest id of all.
  afterChosenIds: () => undefined,
  meaningOf(error) {
    const errno = errnoOf(error)
    if (errno !== undefined && takenErrors.has(errno)) return 'taken'
    return (errno !== undefined && busyErrors.has(errno)) || isLostAtCommit(error) ? 'busy' : 'failure'
  },
  // `innodb_lock_wait_timeout`
  lockedCodes: new Set(['1205']),
  isSchemaMissing: (error) => [1146, 1054, 1176].includes(errnoOf(error) ?? 0),
  // Errors of MariaDB can have the wrong name; the number is right. Negative numbers are those of the operating system.
  codeOf(error) {
    const errno = errnoOf(error)
    if (errno !== undefined && errno > 0) return String(errno)
    const { code, fatal } = driverError(error)
    if (code !== undefined) return String(code)
    // For a dead connection mysql2 gives nothing else.
    return fatal === undefined ? 'unknown' : 'PROTOCOL_CONNECTION_LOST'
  },
  isInTransaction: isInTransactionOfMysql,
  kyselyParts: {
    createAdapter: () => new MysqlAdapter(),
    createIntrospector: (db) => new MysqlIntrospector(db),
    createQueryCompiler: () => new MysqlQueryCompiler(),
  },
  // The server keeps versions of rows that no transaction sees until it purges them, and has its own time for logs.
  erasure: undefined,
  schema: {
    types: {
      id: 'bigint',
      integer: 'int',
      boolean: 'tinyint(1)',
      instant: 'datetime(6)',
      json: 'json',
      short: 'varchar(255)',
      long: 'longtext',
    },
    selfNumbering: 'autoIncrement',
    // Compared byte by byte, trailing blanks included.
    tableOptions: sql`engine = InnoDB default charset = utf8mb4 collate = /*!80017 utf8mb4_0900_bin *//*M! utf8mb4_nopad_bin */`,
    hasIndexIfNotExists: false,
    describeTable: describeMysqlTable,
    listTables: listMysqlTables,
    foreignKeys: readMysqlForeignKeys,
    jsonColumns: mysqlJsonColumns,
    foreignTypes: mysqlForeignTypes,
    hasAsciiCase: (collation) =>
      sql`convert('I' using utf8mb4) collate ${sql.raw(collation ?? 'utf8mb4_general_ci')} = 'i'`,
    isInUtc: sql`from_unixtime(1704067200) = '2024-01-01 00:00:00' and from_unixtime(1719792000) = '2024-07-01 00:00:00'`,
    session: mysqlSession,
    // A Galera cluster, or a group of which more than one node can be written to.
    async hasNodesApart(db) {
      const settings = sql`show variables where (variable_name = 'wsrep_on' and value = 'ON')
        or (variable_name = 'group_replication_single_primary_mode' and value = 'OFF')`
      return (await settings.execute(db)).rows.length > 0
    },
    isTransactional: false,
  },
}

/** The beginning of settings for one statement, on MariaDB alone. */
const forStatement = '/*M! set statement '

/** The zone in which moments are written and read. */
const utc = "time_zone = '+00:00'"

/** Rows are estimated by statistics, however short a list is. */
const noLooks = 'eq_range_index_dive_limit = 1'

/** Adds a setting of MariaDB to a statement, which has one list of them. */
function withSetting(text: string, setting: string): string {
  return text.startsWith(forStatement)
    ? text.replace(forStatement, `${forStatement}${setting}, `)
    : `${forStatement}${setting} for */ ${text}`
}

/**
 * A primary key or unique key is taken; a row that is referenced does not exist, or one to be deleted is referenced.
 */
const takenErrors = new Set([1062, 1586, 1451, 1452])

/**
 * A deadlock, a lock that was waited for too long, a record that has changed, and another node of a replicating group
 * that was faster.
 */
const busyErrors = new Set([1213, 1205, 1020, 3101])

/** Tells whether an error at COMMIT carries the number of a deadlock in the storage engine: another node was faster. */
function isLostAtCommit(error: unknown): boolean {
  return errnoOf(error) === 1180 && /\b149\b/.test(String(driverError(error).message))
}

/**
 * Gives the text of a function the collation of columns. Otherwise it has that of the session or of the function, and
 * the database would refuse it beside a column that differs in nothing else.
 */
export function inOneCollation(text: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`convert(${text} using utf8mb4) collate utf8mb4_bin`
}

/** Returns a JSON value as text. */
function textOf(json: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`convert(${json} using utf8mb4)`
}

function errnoOf(error: unknown): number | undefined {
  const { errno } = driverError(error)
  return typeof errno === 'number' ? errno : undefined
}

/**
 * Sets columns to the values that were to be inserted. Without such columns it sets the key to itself, since the syntax
 * needs one.
 */
function replaced(others: readonly string[], primary: readonly string[]) {
  const columns = others.length > 0 ? others : primary
  return sql.join(columns.map((column) => sql`${sql.ref(column)} = values(${sql.ref(column)})`))
}
