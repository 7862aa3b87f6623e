import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { type MigrateOptions, openEdxTables } from '../../src/kysely/index.ts'
import { databases } from '../stores/databases.ts'
import { everyStatement } from './every-statement.ts'
import { reservedWords } from './reserved-words.ts'

/**
 * Words that our SQL uses on purpose: words of its grammar, functions and types. All others without quotes are names.
 */
const grammar = new Set(
  `add all alter and any array as asc begin bigint bit_xor blob boolean by cascade case cast char character check coalesce collate
  collation column commit concat conflict constraint conv convert count create cross current_schema database default delete desc distinct
  div do drop else end engine escape exists false for force foreign from generated group having identity if in index inner
  insert int integer interval into is join json json_array key lateral left like limit lock longtext lower mode not nothing null on or
  order primary read references regexp release restrict returning right rollback row savepoint schema select set share straight_join table
  then tinyint to transaction true union unique unsigned update using values varchar when where with write`.split(
    /\s+/,
  ),
)

interface Word {
  readonly text: string
  /** Tells whether it stands where only a name or an alias can: behind `as`, before or behind a dot. */
  readonly isName: boolean
}

/** Returns the words of a statement that are not quoted. */
function wordsOf(statement: string): Word[] {
  const bare = statement
    .replaceAll(/'(?:[^']|'')*'/g, ' ? ')
    .replaceAll(/`[^`]*`|"[^"]*"/g, ' # ')
    // Comments that a server executes.
    .replaceAll(/\/\*M?!\d*|\*\//g, ' ')
  const tokens = bare.match(/\$\d+|[a-z_]\w*|\d\w*|::|[^\s\w]/gi) ?? []
  const words: Word[] = []
  /** Tells for each open bracket whether it is that of a `cast`. */
  const brackets: boolean[] = []
  tokens.forEach((token, index) => {
    const [before, after] = [tokens[index - 1]?.toLowerCase(), tokens[index + 1]]
    if (token === '(') brackets.push(before === 'cast')
    if (token === ')') brackets.pop()
    if (!/^[a-z_]/i.test(token)) return
    const isAlias = before === 'as' && brackets.at(-1) !== true
    words.push({ text: token.toLowerCase(), isName: isAlias || before === '.' || after === '.' })
  })
  return words
}

/** Returns the names in a statement that a database reserves, each with the databases. */
function reservedIn(statement: string): string[] {
  const found = wordsOf(statement).filter(({ text, isName }) => isName || !grammar.has(text))
  return found.flatMap(({ text }) =>
    Object.entries(reservedWords).flatMap(([database, words]) => (words.has(text) ? [`${text} (${database})`] : [])),
  )
}

const mapped = {
  table: 'members',
  idType: 'bigint',
  columns: { id: 'no', username: 'login', email: 'mail', is_active: 'enabled', date_joined: 'joined' },
}
const sites: readonly (readonly [name: string, options: MigrateOptions])[] = [
  ...(['postgres', 'pglite', 'sqlite', 'mysql'] as const).flatMap((dialect) => [
    [dialect, { dialect }] as const,
    [`${dialect} with a table of the host`, { dialect, users: mapped }] as const,
  ]),
  ['mysql beside Open edX', { dialect: 'mysql', tables: openEdxTables }],
]

describe.each(sites)('every statement on %s', (_, options) => {
  it.each([false, true])(
    'has no name without quotes that a database reserves (readAfterWrite: %s)',
    async (careful) => {
      const statements = await everyStatement(options, careful)
      expect(statements.length).toBeGreaterThan(500)
      expect([...new Set(statements.flatMap((text) => reservedIn(text)))]).toEqual([])
    },
  )
})

describe('the search for reserved words', () => {
  it.each([
    ['select 1 from `a` as stored', ['stored (mysql)']],
    ['select stored.b from c', ['stored (mysql)']],
    ['select b.stored from c', ['stored (mysql)']],
    ['select b from stored', ['stored (mysql)']],
    ['select rank from c', ['rank (mysql)']],
    ['select 1 as key from (select 1)', ['key (mysql)', 'key (mariadb)']],
    ['select cast(a as char) as order_no from c', []],
    ['select \'as stored\', `stored`.`key` as "stored"', []],
    ['/*M! set statement a = 1 for */ select 1', []],
    ['select 1 /*!80017 as stored */', ['stored (mysql)']],
  ])('finds in %s: %j', (statement, found) => expect(reservedIn(statement)).toEqual(found))
})

/** The statements by which a server lists the words that it reserves. */
const lists = {
  mysql: 'select lower(word) as word from information_schema.keywords where reserved = 1',
  postgres: "select word from pg_get_keywords() where catcode in ('R', 'T')",
}

describe.each(Object.entries(lists))('the list of %s', (name, query) => {
  it.runIf(name in databases)('has every word that the server reserves', async () => {
    const database = await databases[name]?.('empty')
    const { rows } = (await sql<{ word: string }>`${sql.raw(query)}`.execute(database?.connect() ?? expect.fail())) as {
      readonly rows: { readonly word: string }[]
    }
    await database?.close()
    const known = reservedWords[name as keyof typeof lists]
    expect(rows.map(({ word }) => word).filter((word) => !known.has(word))).toEqual([])
    expect(rows.length).toBeGreaterThan(50)
  })
})
