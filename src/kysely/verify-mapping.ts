import type { Kysely } from 'kysely'
import { configError } from '../arguments.ts'
import { type ColumnType, tables } from '../tables.ts'
import type { ColumnDescription, TableDescription } from './catalog.ts'
import { type DialectName, dialectOf } from './dialect.ts'
import { requireDatabase } from './options.ts'
import { settingProblems } from './session.ts'
import type { UserColumns, UserTable } from './user-table.ts'

/** What is wrong with a host's table of people, as far as we are concerned. */
export interface MappingProblem {
  /**
   * | code | means |
   * | --- | --- |
   * | `no_table` | the table is not there |
   * | `no_column` | a column that is mapped is not there |
   * | `wrong_type` | a column holds something else than we would read and write |
   * | `nullable` | a column can be null that we need |
   * | `too_short` | a text does not fit |
   * | `not_unique` | names can be taken twice, or are looked up without an index |
   * | `wrong_setting` | a setting of the session under which statements do not do what they say |
   * | `needs_value` | a column that is not mapped must have a value, so nobody could be added: see `defaults` |
   */
  readonly code:
    | 'no_table'
    | 'no_column'
    | 'wrong_type'
    | 'nullable'
    | 'too_short'
    | 'not_unique'
    | 'wrong_setting'
    | 'needs_value'
  /** The column, as the host calls it; null: the table, or a setting of the session. */
  readonly column: string | null
  /** What is wanted, for people to read. */
  readonly expected: string
  /** What is there. */
  readonly actual: string
}

/**
 * Compares a mapping with the table that is there: whether its columns exist, with types, lengths, uniqueness and
 * indexes that the repository relies on. Answers every problem; none: people can be kept in it. Changes nothing.
 *
 * Throws what the driver throws when the catalogue cannot be read.
 */
export async function verifyMapping<DB>(
  db: Kysely<DB>,
  options: { readonly dialect: DialectName; readonly users: UserTable },
): Promise<MappingProblem[]> {
  requireDatabase(db, options)
  if (options.users === undefined) throw configError('users', 'a table of people')
  const { dialect, users } = options
  const plain = db.withoutPlugins() as unknown as Kysely<unknown>
  const { describeTable, session } = dialectOf(dialect).schema
  const settings = (await settingProblems(plain, session)).map(({ setting, expected, actual }) => ({
    code: 'wrong_setting' as const,
    column: null,
    expected: `${setting}: ${expected}`,
    actual,
  }))
  const table = await describeTable(plain, users.table, users.schema)
  if (table === undefined)
    return [...settings, { code: 'no_table', column: null, expected: users.table, actual: 'nothing' }]
  const mapped = Object.entries(users.columns) as [keyof UserColumns, string][]
  return [
    ...settings,
    ...mapped.flatMap(([ours, name]) => columnProblems(ours, name, table, users)),
    ...uniquenessProblems(table, users, dialect),
    ...missingValues(table, users),
  ]
}

/** Characters that have to fit: retired names are longer than those that people choose. */
const lengths: Partial<Record<keyof UserColumns, number>> = {
  username: 64,
  username_key: 64,
  email: 254,
  email_key: 254,
}

/** Columns that may be empty of a value. */
const mayBeNull: readonly string[] = ['last_login']

function columnProblems(
  ours: keyof UserColumns,
  name: string,
  table: TableDescription,
  users: UserTable,
): MappingProblem[] {
  const column = table.columns.find((candidate) => candidate.name === name)
  if (column === undefined) return [{ code: 'no_column', column: name, expected: ours, actual: 'nothing' }]
  const problems: MappingProblem[] = []
  const type = tables.users.columns[ours]
  const isRight = type === 'id' ? sameType(users.idType, column.type) : families[type].test(column.type)
  const expected = type === 'id' ? users.idType : type
  if (!isRight) problems.push({ code: 'wrong_type', column: name, expected, actual: column.type })
  if (column.isNullable && !mayBeNull.includes(ours)) {
    problems.push({ code: 'nullable', column: name, expected: 'not null', actual: 'null' })
  }
  const least = lengths[ours]
  if (least !== undefined && column.length !== undefined && column.length < least) {
    problems.push({ code: 'too_short', column: name, expected: `${least}`, actual: `${column.length}` })
  }
  return problems
}

/** SQL types that hold our types of values. */
const families: Readonly<Record<Exclude<ColumnType, 'id'>, RegExp>> = {
  text: /char|text|clob|string/,
  integer: /int/,
  boolean: /bool|int|bit/,
  // SQLite has no type for moments: text in ISO 8601.
  instant: /timestamp|datetime|text/,
  json: /json|text/,
}

/** Whether two names mean one type: widths of integers, character sets and the like apart. */
function sameType(wanted: string, actual: string): boolean {
  return baseType(wanted) === baseType(actual)
}

function baseType(type: string): string {
  return type
    .toLowerCase()
    .replace(/^(character varying|varchar)/, 'varchar')
    .replace(/^(bigint|int|smallint|mediumint)(eger)?(\s*\(\d+\))?/, '$1')
    .replace(/(?<=\s)(character set|collate)\s+\S+/g, '')
    .replace(/^int4$|^serial$/, 'int')
    .replace(/^int8$|^bigserial$/, 'bigint')
    .trim()
}

/** What has to be unique, and how it is looked up. */
function uniquenessProblems(table: TableDescription, users: UserTable, dialect: DialectName): MappingProblem[] {
  const { columns } = users
  const keys = (['username', 'email'] as const).map((name) => {
    const stored = columns[`${name}_key`]
    if (stored !== undefined) return { name: stored, key: stored, isFolded: false }
    return { name: columns[name], key: dialect === 'mysql' ? columns[name] : `lower(${columns[name]})`, isFolded: true }
  })
  return [{ name: columns.id, key: columns.id, isFolded: false }, ...keys].flatMap(({ name, key, isFolded }) => {
    const isUnique = table.indexes.some(
      (index) => index.isUnique && index.columns.length === 1 && sameKey(index.columns[0], key),
    )
    const { collation } = table.columns.find((column) => column.name === name) ?? ({} as Partial<ColumnDescription>)
    const isCased = dialect === 'mysql' && isFolded && /_(bin|cs)$/.test(collation ?? '')
    if (isUnique && !isCased) return []
    return [
      {
        code: 'not_unique' as const,
        column: name,
        expected: isCased ? 'a collation without regard to letter case' : `a unique index on ${key}`,
        actual: isCased ? `${collation}` : 'none',
      },
    ]
  })
}

function sameKey(actual: string | undefined, wanted: string): boolean {
  return actual?.replaceAll(/[\s"`]/g, '').toLowerCase() === wanted.toLowerCase()
}

function missingValues(table: TableDescription, { columns, defaults = {}, newId }: UserTable): MappingProblem[] {
  const given = new Set([...Object.values(columns), ...Object.keys(defaults)])
  return table.columns
    .filter(({ name, isNullable, hasDefault }) => {
      if (isNullable || hasDefault) return false
      return name === columns.id ? newId === undefined : !given.has(name)
    })
    .map(({ name, type }) => ({ code: 'needs_value', column: name, expected: 'a default', actual: type }))
}
