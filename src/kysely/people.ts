import type { AccountSelector } from '../port/repository.ts'
import type { ColumnType, UserId, UserRow } from '../port/tables.ts'
import { formsOfName, spellingsOfKey } from '../values/text.ts'
import type { ValueList } from './dialect.ts'
import type { Statements } from './statements.ts'
import { isIntegerType } from './user-table.ts'

/** Selects people: the column that is asked for, and its values. */
export interface PeopleSelector {
  readonly column: 'id' | 'email_key' | 'username_key'
  readonly list: ValueList
  /** The number of values: at least that of the people who are found. */
  readonly count: number
  /** Tells texts of a statement apart. */
  readonly shape: string
}

/**
 * Selects people by names. Tables of a host may have no keys but names and addresses, whose domains have two spellings:
 * both are asked for.
 */
export function selectorOf(on: Statements, by: AccountSelector): PeopleSelector {
  const of = (column: PeopleSelector['column'], values: readonly unknown[]) => {
    const list = listParameter(on, column === 'id' ? 'id' : 'text', values)
    return { column, list, count: values.length, shape: `${column} ${list.shape}` }
  }
  if ('ids' in by) return of('id', by.ids)
  if ('username_keys' in by && on.names.hasIdsAsNames) return of('id', [...by.username_keys, ...(by.usernames ?? [])])
  return 'email_keys' in by
    ? of('email_key', formsOf(on, 'email_key', by.email_keys, by.emails))
    : of('username_key', formsOf(on, 'username_key', by.username_keys, by.usernames))
}

/**
 * Makes a test of the people who were asked for, letter by letter: collations of foreign tables take more names for
 * equal.
 */
export function askedFor(on: Statements, by: AccountSelector): (row: { readonly user: UserRow }) => boolean {
  if ('ids' in by) {
    const isAskedFor = isOneOf(on, by.ids)
    return ({ user }) => isAskedFor(user.id)
  }
  const [column, keys] =
    'email_keys' in by ? (['email_key', by.email_keys] as const) : (['username_key', by.username_keys] as const)
  if (keys.length === 1) return ({ user }) => user[column] === keys[0]
  const wanted = new Set(keys)
  return ({ user }) => wanted.has(user[column])
}

/** Makes a test of ids. Numbers and UUIDs have several spellings; of ids that are text each spelling is another id. */
export function isOneOf({ names }: Statements, ids: readonly UserId[]): (id: UserId) => boolean {
  const { idType = 'bigint' } = names.users ?? {}
  if (isIntegerType(idType) || /^uuid$/i.test(idType)) return () => true
  const wanted = new Set(ids)
  return (id) => wanted.has(id)
}

/** Returns every spelling of some keys. A value that is no text is the key of no person. */
export function spellingsOf(keys: readonly string[]): string[] {
  return keys.flatMap((key) => (typeof key === 'string' ? spellingsOfKey(key) : []))
}

/**
 * Returns them with the forms of the names that they are the keys of, where the table of people does not have the keys.
 */
export function formsOf(
  on: Statements,
  column: 'email_key' | 'username_key',
  keys: readonly string[],
  names: readonly string[] = [],
): string[] {
  const spellings = spellingsOf(keys)
  if (on.names.column('users', column) !== undefined) return spellings
  return [...new Set([...spellings, ...names.flatMap((name) => (typeof name === 'string' ? formsOfName(name) : []))])]
}

/** Makes a list without the values that no row can have. */
export function listParameter(on: Statements, type: ColumnType, values: readonly unknown[]): ValueList {
  return on.dialect.list(
    type,
    values.filter((value) => on.canHold(type, value)),
  )
}
