import { type RawBuilder, sql } from 'kysely'
import { parameter } from './insert-text.ts'
import type { Statements } from './statements.ts'

/** A column of texts by whose beginnings people are found, and in whose order they are listed. */
export interface ListedColumn {
  /** The column in the form that its index has. */
  readonly column: RawBuilder<unknown>
  /** The column as it is selected, and compared with again. */
  readonly read: RawBuilder<unknown>
  /** The expression of an index that the database takes; left out where one of the column itself does. */
  readonly indexed?: RawBuilder<unknown>
  /** The condition of a beginning. */
  readonly begins: RawBuilder<unknown>
  /** The parameters of the condition. */
  parameters(beginning: string): unknown[]
}

/** The places of the columns that lists use, which depend on who keeps them. */
export interface ListedColumns {
  readonly username: ListedColumn
  readonly email: ListedColumn
  readonly name: {
    readonly column: ListedColumn
    readonly source: RawBuilder<unknown>
    readonly id: RawBuilder<unknown>
    readonly conditions: readonly {
      readonly shape: string
      readonly text: RawBuilder<unknown>
      readonly parameters: []
    }[]
  }
  /** The source of profiles, with their countries. */
  readonly profiles: RawBuilder<unknown>
}

export function listedColumns(on: Statements): ListedColumns {
  const { names, dialect } = on
  const ofPeople = (key: 'username_key' | 'email_key') => {
    const column = on.column('users', key, 'person')
    return names.users === undefined ? ownColumn(column) : dialect.listedForeign(column)
  }
  const theirs = names.layout?.profileTable
  const name =
    theirs === undefined
      ? {
          column: ownColumn(sql.ref('named.value')),
          source: sql`${on.source('search_values')} as named`,
          id: sql.ref('named.user_id'),
          conditions: [{ shape: '', text: sql`${sql.ref('named.field')} = 'name'`, parameters: [] as [] }],
        }
      : {
          column: dialect.listedForeign(sql.ref('named.name')),
          source: sql`${theirs} as named`,
          id: sql.ref('named.user_id'),
          conditions: [],
        }
  return {
    username: ofPeople('username_key'),
    email: ofPeople('email_key'),
    name,
    profiles: theirs ?? on.source('profiles'),
  }
}

/** Returns a column of ours, whose texts are compared code point by code point. */
function ownColumn(column: RawBuilder<unknown>): ListedColumn {
  return { column, read: column, begins: inRange(column), parameters: rangeOf }
}

/** Makes the condition that a text lies in a range: see `rangeOf`. */
export function inRange(column: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`${column} >= ${parameter} and ${column} < ${parameter}`
}

const lastCodePoint = 0x10ffff

/** Returns the least text with a beginning, and the least one behind all that have it. */
export function rangeOf(beginning: string): [string, string] {
  const characters = [...beginning]
  while (characters.at(-1)?.codePointAt(0) === lastCodePoint) characters.pop()
  const next = (characters.pop()?.codePointAt(0) ?? lastCodePoint - 1) + 1
  // Halves of surrogate pairs are no text.
  characters.push(String.fromCodePoint(next === 0xd800 ? 0xe000 : next))
  return [beginning, characters.join('')]
}
