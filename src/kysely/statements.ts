import { CompiledQuery, type Kysely, type QueryResult, type RawBuilder, sql } from 'kysely'
import { type ColumnType, type TableName, tables } from '../port/tables.ts'
import { isUserCoreError } from '../values/errors.ts'
import { isStorableText } from '../values/json.ts'
import { type Codec, codecOf, typeOf } from './codecs.ts'
import type { Dialect } from './dialect.ts'
import { type LeastUsed, leastUsed } from './least-used.ts'
import type { Names } from './names.ts'
import { patiently, storageError } from './patience.ts'
import { isIntegerType, type UserTable } from './user-table.ts'

/** Runs statements on a database or a transaction of it, with the names of our tables in it. */
export interface Statements {
  readonly db: Kysely<unknown>
  readonly dialect: Dialect
  readonly names: Names
  readonly codec: Codec
  /** Returns one of our tables, as writes name it. */
  table(table: TableName): RawBuilder<unknown>
  /**
   * Returns the source of the rows of a table: the table, or a select where another system keeps them. It needs an
   * alias.
   */
  source(table: TableName): RawBuilder<unknown>
  /**
   * Tells whether a column of a type can hold a value at all. Databases refuse to compare other values, or change them
   * first, as text into numbers; and drivers make SQL of objects.
   */
  canHold(type: ColumnType, value: unknown): boolean
  /** Returns a value as the driver takes it for a column that is written. */
  encode(table: TableName, column: string, value: unknown): unknown
  /** Returns a column in a condition. `alias` names the table. */
  column(table: TableName, column: string, alias?: string): RawBuilder<unknown>
  /** Returns a column as it is selected; where the key of a name is not stored, the name. */
  cell(table: TableName, column: string, alias: string): RawBuilder<unknown>
  /** Returns the columns of a table as they are selected, each under its name with `prefix` before it. */
  selected(table: TableName, alias: string, prefix?: string): RawBuilder<unknown>[]
  /** Returns the columns of a table as they are selected, without names, for JSON. */
  cells(table: TableName, alias: string): RawBuilder<unknown>[]
  /** Returns the columns of a table of people but for `user_id`, by name, as they are selected. */
  ownedCells(table: TableName, alias: string): (readonly [column: string, cell: RawBuilder<unknown>])[]
  /**
   * Runs a statement. Its text is made once per `shape` and kept: making it anew would cost more than a small read.
   * `finish` changes it before it is kept. A failure leaves as the driver throws it.
   */
  run(
    shape: string,
    text: () => RawBuilder<unknown>,
    parameters: readonly unknown[],
    finish?: (text: string) => string,
  ): Promise<QueryResult<Record<string, unknown>>>
  /** Returns the same statements on another connection or transaction. */
  on(db: Kysely<unknown>): Statements
  /** Returns the same statements for reads that wait for the commits of others. */
  afterWrites(): Statements
}

/**
 * The number of texts that are kept: units of work that are one statement have as many as there are ways to change an
 * account.
 */
const mostTexts = 2000

export function statements(db: Kysely<unknown>, dialect: Dialect, names: Names): Statements {
  const finish = names.users === undefined ? asItIs : dialect.inUtc
  return statementsOn(db, dialect, names, codecOf(names), leastUsed(mostTexts), finish)
}

const asItIs = (text: string) => text

/** The values of columns that the host's table of people does not have. */
const missing: Readonly<Record<string, RawBuilder<unknown>>> = {
  first_name: sql`''`,
  last_name: sql`''`,
  last_login: sql`null`,
}

/** Makes the condition that a row of the host is not marked as deleted. */
function isThere({ column, is }: NonNullable<UserTable['deleted']>): RawBuilder<boolean> {
  const mark = sql.ref(column)
  return is === undefined ? sql`${mark} is null` : sql`(${mark} is null or ${mark} <> ${sql.lit(is)})`
}

/** The columns of people that hold the key of another column. */
const keyed: Readonly<Record<string, string>> = { username_key: 'username', email_key: 'email' }

function statementsOn(
  db: Kysely<unknown>,
  dialect: Dialect,
  names: Names,
  codec: Codec,
  texts: LeastUsed<string>,
  finish: (text: string) => string,
): Statements {
  const isForeign = (table: TableName) => table === 'users' && names.users !== undefined
  const refOf = (name: string, alias: string | undefined) => sql.ref(alias === undefined ? name : `${alias}.${name}`)

  function cell(table: TableName, column: string, alias: string): RawBuilder<unknown> {
    const name = names.column(table, column)
    const type = typeOf(table, column)
    if (isStatus(table, column)) return isActive(alias)
    if (name !== undefined) {
      return isForeign(table) ? dialect.readForeign(type, refOf(name, alias)) : dialect.read(type, refOf(name, alias))
    }
    if (isIdAsName(table, column)) return idAsText(alias)
    // The codec makes the key from the name.
    const display = keyed[column]
    return display === undefined ? (missing[column] ?? sql`null`) : cell(table, display, alias)
  }

  function isStatus(table: TableName, column: string): boolean {
    return table === 'users' && column === 'is_active' && names.users?.status !== undefined
  }

  function isActive(alias: string | undefined): RawBuilder<unknown> {
    const { active = [] } = names.users?.status ?? {}
    const place = refOf(names.column('users', 'is_active') ?? 'is_active', alias)
    return sql`(${place} in (${sql.join(active.map((value) => sql.lit(value)))}))`
  }

  function isIdAsName(table: TableName, column: string): boolean {
    return table === 'users' && names.hasIdsAsNames && /^username(_key)?$/.test(column)
  }

  function idAsText(alias: string | undefined): RawBuilder<unknown> {
    return dialect.search.asText(refOf(names.column('users', 'id') ?? 'id', alias))
  }

  const isId = isIdOf(names.users?.idType ?? 'bigint', dialect)
  const columnsOf = (table: TableName) => Object.keys(tables[table].columns)
  return {
    db,
    dialect,
    names,
    codec,
    table: (table) => sql.table(names.table(table)),
    source(table) {
      const place = names.layout?.source(table) ?? sql.table(names.table(table))
      return table === 'users' && names.users?.deleted !== undefined
        ? sql`(select * from ${place} where ${isThere(names.users.deleted)})`
        : place
    },
    canHold(type, value) {
      if (type === 'id') return isId(value)
      if (type === 'integer') return typeof value === 'number' && (value | 0) === value
      if (type === 'boolean') return typeof value === 'boolean'
      return typeof value === 'string' && isStorableText(value)
    },
    encode(table, column, value) {
      const { status } = names.users ?? {}
      if (status === undefined || !isStatus(table, column)) return dialect.encode(typeOf(table, column), value)
      return value === true ? status.active[0] : status.inactive
    },
    column(table, column, alias) {
      if (isStatus(table, column)) return isActive(alias)
      const name = names.column(table, column)
      if (name !== undefined) return refOf(name, alias)
      if (isIdAsName(table, column)) return idAsText(alias)
      const display = keyed[column]
      if (display === undefined) return missing[column] ?? sql`null`
      return dialect.foldCase(refOf(names.column(table, display) ?? display, alias))
    },
    cell,
    selected: (table, alias, prefix = '') =>
      columnsOf(table).map((column) => sql`${cell(table, column, alias)} as ${sql.id(prefix + column)}`),
    cells: (table, alias) => columnsOf(table).map((column) => cell(table, column, alias)),
    ownedCells: (table, alias) =>
      columnsOf(table).flatMap((column) =>
        column === 'user_id' ? [] : [[column, cell(table, column, alias)] as const],
      ),
    run(shape, text, parameters, change = asItIs) {
      let known = texts.get(shape)
      if (known === undefined) {
        known = finish(change(text().compile(db).sql))
        texts.set(shape, known)
      }
      const statement = known
      const execute = (values: readonly unknown[]) =>
        db.executeQuery<Record<string, unknown>>(CompiledQuery.raw(statement, [...values]))
      return execute(parameters).catch((error: unknown) => {
        const others = dialect.withoutForeignLetters(error, statement, parameters)
        if (others === undefined) throw error
        return execute(others)
      })
    },
    on: (other) => statementsOn(other, dialect, names, codec, texts, finish),
    afterWrites: () =>
      statementsOn(db, dialect, names, codec, leastUsed(mostTexts), (text) => dialect.afterWrites(finish(text))),
  }
}

/** Makes a test of the values that ids of a SQL type can have. */
export function isIdOf(idType: string, dialect: Dialect): (value: unknown) => boolean {
  if (isIntegerType(idType)) {
    const bits = dialect.bitsOf(idType)
    return (value) => {
      if (Number.isSafeInteger(value) && bits > 53) return true
      if (!Number.isSafeInteger(value) && !(typeof value === 'string' && /^-?\d{1,20}$/.test(value))) return false
      const integer = BigInt(value as number | string)
      return BigInt.asIntN(bits, integer) === integer
    }
  }
  const isUuid = /^uuid$/i.test(idType)
  return (value) => typeof value === 'string' && (isUuid ? uuid.test(value) : isStorableText(value))
}

const uuid = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i

/** Attempts of a statement that loses races: with the waits between them as long as writers who compete take. */
const attempts = 24

/**
 * Runs one statement, or reads alone; a failure of the driver leaves as a `StorageError`. A race that the database
 * settles is run again when it was lost, except in a transaction of the host, which only the host can run again.
 */
export function reading<Result>(on: Statements, what: string, read: () => Promise<Result>): Promise<Result> {
  return patiently(on, attempts, read, (error) => (isUserCoreError(error) ? error : storageError(what, error, on)))
}
