import { type RawBuilder, sql } from 'kysely'
import type { AccountRecord } from '../accounts/account-record.ts'
import type { AccountSelector } from '../repository.ts'
import type { TableName } from '../tables.ts'
import { columnsOf, decodeJsonRows, decodeRow } from './codecs.ts'
import { listOf, selectorOf } from './people.ts'
import { parameter, type Statements } from './statements.ts'

/** Tables with at most one row of each person. They are joined; their columns are called `<table>.<column>`. */
const singles = ['profiles', 'account_recoveries', 'pending_name_changes'] as const satisfies readonly TableName[]

/** Tables with any number of rows of each person, and which of the rows are wanted. They come as JSON. */
const lists = {
  language_proficiencies: sql``,
  social_links: sql``,
  extended_profiles: sql``,
  preferences: sql` and (part.key = 'account_privacy' or part.key like 'visibility.%')`,
} satisfies { readonly [Name in TableName]?: RawBuilder<unknown> }

/** Loads accounts with all their parts: one statement, which takes the names as one parameter. */
export async function findAccounts(on: Statements, by: AccountSelector): Promise<AccountRecord[]> {
  const { column, list } = selectorOf(on, by)
  const { rows } = await on.run(`accounts by ${column}`, () => accountsText(on, column), [list])
  return rows.map((row) => {
    const single = <Name extends (typeof singles)[number]>(table: Name) =>
      row[`${table}.user_id`] === null ? undefined : decodeRow(table, row, `${table}.`)
    return {
      user: decodeRow('users', row),
      profile: single('profiles'),
      language_proficiencies: decodeJsonRows('language_proficiencies', row.language_proficiencies).sort((a, b) =>
        a.code < b.code ? -1 : 1,
      ),
      social_links: decodeJsonRows('social_links', row.social_links).sort((a, b) => (a.platform < b.platform ? -1 : 1)),
      extended_profiles: decodeJsonRows('extended_profiles', row.extended_profiles),
      preferences: decodeJsonRows('preferences', row.preferences),
      account_recovery: single('account_recoveries'),
      pending_name_change: single('pending_name_changes'),
    }
  })
}

function accountsText(on: Statements, column: string): RawBuilder<unknown> {
  const singleColumns = singles.flatMap((table) =>
    columnsOf(table).map((name) => sql`${sql.ref(`${table}.${name}`)} as ${sql.id(`${table}.${name}`)}`),
  )
  const joins = singles.map(
    (table) => sql` left join ${sql.table(on.tableName(table))} as ${sql.id(table)}
      on ${sql.ref(`${table}.user_id`)} = person.id`,
  )
  const listColumns = Object.entries(lists).map(([table, wanted]) => listOf(on, table as TableName, wanted))
  const columns = columnsOf('users').map((name) => sql.ref(`person.${name}`))
  return sql`select ${sql.join([...columns, ...singleColumns, ...listColumns])}
    from ${sql.table(on.tableName('users'))} as person${sql.join(joins, sql``)}
    where ${on.dialect.isOneOf(sql.ref(`person.${column}`), parameter)}`
}
