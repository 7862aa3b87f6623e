import { tables } from '../port/tables.ts'
import type { ColumnDescription, TableDescription } from './catalog.ts'
import type { Dialect } from './dialect.ts'
import type { UserColumns, UserTable } from './user-table.ts'

/** A problem of a host's table of people that keeps the library from using it. */
export interface MappingProblem {
  /**
   * | code | means |
   * | --- | --- |
   * | `no_table` | the table is missing |
   * | `no_column` | a column that is mapped, or that `defaults` names, is missing |
   * | `mapped_twice` | a column would hold two values |
   * | `wrong_type` | a column has another type than the one that is read and written |
   * | `wrong_charset` | a column cannot hold the characters of every name |
   * | `wrong_collation` | a column compares letters in another way than by their case |
   * | `generated` | the database computes a column that would be written |
   * | `nullable` | a column can be null that has to have a value |
   * | `too_short` | a text does not fit |
   * | `not_unique` | names can be taken twice, or are looked up without an index |
   * | `wrong_zone` | moments of the host's own rows are in the zone of the session, ours in UTC |
   * | `wrong_setting` | a setting of the session changes the meaning of statements |
   * | `needs_value` | a column that is not mapped must have a value, so no person could be added: see `defaults` |
   */
  readonly code:
    | 'no_table'
    | 'no_column'
    | 'mapped_twice'
    | 'wrong_type'
    | 'wrong_charset'
    | 'wrong_collation'
    | 'generated'
    | 'nullable'
    | 'too_short'
    | 'not_unique'
    | 'wrong_zone'
    | 'wrong_setting'
    | 'needs_value'
  /** The column by the host's name; null for the table itself, or a setting of the session. */
  readonly column: string | null
  /** The state that is needed, as a text for people. */
  readonly expected: string
  /** The state that was found. */
  readonly actual: string
}

/** Returns the problems of a table, by its description. */
export function mappingProblems(table: TableDescription, users: UserTable, dialect: Dialect): MappingProblem[] {
  const mapped = Object.entries(users.columns) as [keyof UserColumns, string][]
  return [
    ...mapped.flatMap(([ours, name]) => columnProblems(ours, name, table, users, dialect)),
    ...doubles(users, dialect),
    ...uniquenessProblems(table, users, dialect),
    ...valueProblems(table, users),
  ]
}

/** The characters that have to fit: those of the longest name that trusted code gives, and of the longest address. */
const lengths: Partial<Record<keyof UserColumns, number>> = {
  username: 150,
  username_key: 150,
  email: 254,
  email_key: 254,
}

/** The columns that may be null. */
const mayBeNull: readonly string[] = ['last_login']

/** Character sets that have all of Unicode. */
const unicode = /^(utf8mb4|utf16|utf16le|utf32|gb18030)$/

function columnProblems(
  ours: keyof UserColumns,
  name: string,
  table: TableDescription,
  users: UserTable,
  dialect: Dialect,
): MappingProblem[] {
  const column = table.columns.find((candidate) => candidate.name === name)
  if (column === undefined) return [{ code: 'no_column', column: name, expected: ours, actual: 'nothing' }]
  const problems: MappingProblem[] = []
  const problem = (code: MappingProblem['code'], expected: string, actual: string) =>
    problems.push({ code, column: name, expected, actual })
  const type = tables.users.columns[ours]
  const isStatus = ours === 'is_active' && users.status !== undefined
  const holds = isStatus || dialect.schema.foreignTypes[type].test(column.type)
  if (!holds || (type === 'id' && !sameType(users.idType, column.type))) {
    problem('wrong_type', type === 'id' && holds ? users.idType : type, column.type)
  } else if (ours === 'username' && dialect.name !== 'sqlite' && isFixedWidth(column.type)) {
    problem('wrong_type', 'text that keeps blanks at its end', column.type)
  }
  if (type === 'id' && problems.length === 0) problems.push(...referenceProblems(column, users, dialect))
  if (type === 'text' && column.charset !== undefined && !unicode.test(column.charset)) {
    problem('wrong_charset', 'utf8mb4', column.charset)
  }
  if (column.isGenerated && (type !== 'id' || users.newId !== undefined)) {
    problem('generated', 'a column that can be written', 'a column that the database computes')
  }
  if (column.isNullable && !mayBeNull.includes(ours)) problem('nullable', 'not null', 'null')
  const least = lengths[ours]
  if (least !== undefined && column.length !== undefined && column.length < least) {
    problem('too_short', `${least}`, `${column.length}`)
  }
  return problems
}

function isFixedWidth(type: string): boolean {
  return /^n?char(acter)?(\(|$)/.test(type)
}

/**
 * Checks the collation of the id on MySQL: a reference needs the same one, which `idType` has to name where it is not
 * that of our tables.
 */
function referenceProblems({ name, type, collation }: ColumnDescription, users: UserTable, dialect: Dialect) {
  if (dialect.name !== 'mysql' || collation === undefined) return []
  const told = /\bcollate\s+(\S+)/i.exec(users.idType)?.[1]?.toLowerCase()
  if (told === undefined ? /^utf8mb4_(0900|nopad)_bin$/.test(collation) : told === collation) return []
  const expected = `${users.idType.replace(/(?<=\s)(character set|collate)\s+\S+/gi, '')} collate ${collation} in idType`
  return [{ code: 'wrong_type' as const, column: name, expected, actual: `${type}, told as ${users.idType}` }]
}

/** Tells whether two names mean one type, apart from widths of integers, character sets and the like. */
function sameType(wanted: string, actual: string): boolean {
  return baseType(wanted) === baseType(actual)
}

function baseType(type: string): string {
  return type
    .toLowerCase()
    .replace(/^(character varying|varchar)/, 'varchar')
    .replace(/^(character|bpchar)(?=\(|$)/, 'char')
    .replace(/^(bigint|int|smallint|mediumint|tinyint)(eger)?(\s*\(\d+\))?/, '$1')
    .replace(/(?<=\s)(character set|collate)\s+\S+/g, '')
    .replace(/^int4$|^serial$/, 'int')
    .replace(/^int8$|^bigserial$/, 'bigint')
    .replace(/^int2$|^smallserial$/, 'smallint')
    .trim()
}

/** Finds columns that are named more than once, among those that are mapped and `defaults`. */
function doubles({ columns, defaults = {} }: UserTable, dialect: Dialect): MappingProblem[] {
  const isCased = dialect.name === 'postgres' || dialect.name === 'pglite'
  const named = [...Object.entries(columns), ...Object.keys(defaults).map((name) => ['defaults', name] as const)]
  return [...Map.groupBy(named, ([, name]) => (isCased ? name : name.toLowerCase())).values()]
    .filter((entries) => entries.length > 1)
    .map((entries) => ({
      code: 'mapped_twice' as const,
      column: entries[0]?.[1] ?? null,
      expected: 'a column for each',
      actual: entries.map(([ours]) => ours).join(', '),
    }))
}

/** Finds columns that have to be unique and are not, or that are looked up without an index. */
function uniquenessProblems(table: TableDescription, users: UserTable, dialect: Dialect): MappingProblem[] {
  const { columns } = users
  const keys = (['username', 'email'] as const).flatMap((ours) => {
    const [stored, name] = [columns[`${ours}_key`], columns[ours]]
    if (stored !== undefined) return [{ name: stored, key: stored, isFolded: false }]
    return name === undefined ? [] : [{ name, key: dialect.name === 'mysql' ? name : `lower(${name})`, isFolded: true }]
  })
  return [{ name: columns.id, key: columns.id, isFolded: false }, ...keys].flatMap(({ name, key, isFolded }) => {
    const isUnique = table.indexes.some(
      (index) => index.isUnique && index.columns.length === 1 && sameKey(index.columns[0] ?? '', key),
    )
    const { collation } = table.columns.find((column) => column.name === name) ?? ({} as Partial<ColumnDescription>)
    const isCased = dialect.name === 'mysql' && isFolded && /_(bin|cs)$/.test(collation ?? '')
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

function sameKey(actual: string, wanted: string): boolean {
  const plain = (key: string) => key.replaceAll(/[\s"`]/g, '').toLowerCase()
  return plain(actual) === plain(wanted)
}

/** Finds columns that need a value and get none, or that get one and are missing. */
function valueProblems(table: TableDescription, users: UserTable): MappingProblem[] {
  const { columns, defaults = {}, newId } = users
  const given = new Set([...Object.values(columns), ...Object.keys(defaults)])
  const needy = table.columns
    .filter(({ name, isNullable, hasDefault }) => {
      if (isNullable || hasDefault) return false
      return name === columns.id ? newId === undefined : !given.has(name)
    })
    .map(({ name, type }) => ({ code: 'needs_value' as const, column: name, expected: 'a default', actual: type }))
  const { deleted } = users
  const isUnmarked = deleted !== undefined && table.columns.every(({ name }) => name !== deleted.column)
  const mark = { code: 'no_column' as const, column: deleted?.column ?? null, expected: 'deleted', actual: 'nothing' }
  return [
    ...(isUnmarked ? [mark] : []),
    ...needy,
    ...Object.keys(defaults).flatMap((name) => defaultProblems(name, table)),
  ]
}

function defaultProblems(name: string, table: TableDescription): MappingProblem[] {
  const column = table.columns.find((candidate) => candidate.name === name)
  if (column === undefined) return [{ code: 'no_column', column: name, expected: 'a default', actual: 'nothing' }]
  if (!column.isGenerated) return []
  return [{ code: 'generated', column: name, expected: 'no default', actual: 'a column that the database computes' }]
}
