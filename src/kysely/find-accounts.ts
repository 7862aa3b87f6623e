import { type RawBuilder, sql } from 'kysely'
import type { AccountRecord } from '../port/account-record.ts'
import type { AccountSelector } from '../port/repository.ts'
import type { TableName } from '../port/tables.ts'
import { askedFor, listOf, type PeopleSelector, selectorOf } from './people.ts'
import type { Statements } from './statements.ts'

/** Tables with at most one row for each person. They are joined; their columns are selected as `<table>.<column>`. */
const singles = [
  'profiles',
  'profile_images',
  'account_recoveries',
  'pending_name_changes',
] as const satisfies readonly TableName[]

/**
 * Tables with any number of rows for each person, with the condition of those that are wanted. They are selected as
 * JSON.
 */
const lists = {
  language_proficiencies: sql``,
  social_links: sql``,
  extended_profiles: sql``,
  preferences: sql` and (${sql.ref('part.key')} = 'account_privacy' or ${sql.ref('part.key')} like 'visibility.%')`,
} satisfies { readonly [Name in TableName]?: RawBuilder<unknown> }

/** Loads accounts with all their parts: one statement for any number of names. */
export async function findAccounts(on: Statements, by: AccountSelector): Promise<AccountRecord[]> {
  const selector = selectorOf(on, by)
  const { rows } = await on.run(
    `accounts by ${selector.shape}`,
    () => accountsText(on, selector),
    selector.list.parameters,
  )
  const { codec } = on
  const records = rows.map((row) => {
    const single = <Name extends (typeof singles)[number]>(table: Name) =>
      row[`${table}.user_id`] === null ? undefined : codec.row(table, row, `${table}.`)
    return {
      user: codec.row('users', row),
      profile: single('profiles'),
      profile_image: single('profile_images'),
      language_proficiencies: codec
        .jsonRows('language_proficiencies', row.language_proficiencies)
        .sort((a, b) => (a.code < b.code ? -1 : 1)),
      social_links: codec.jsonRows('social_links', row.social_links).sort((a, b) => (a.platform < b.platform ? -1 : 1)),
      extended_profiles: codec.jsonRows('extended_profiles', row.extended_profiles),
      preferences: codec.jsonRows('preferences', row.preferences),
      account_recovery: single('account_recoveries'),
      pending_name_change: single('pending_name_changes'),
    }
  })
  return records.filter(askedFor(on, by))
}

function accountsText(on: Statements, { column, list }: PeopleSelector): RawBuilder<unknown> {
  const id = on.column('users', 'id', 'person')
  const joins = singles.map(
    (table) => sql` left join ${on.source(table)} as ${sql.id(table)} on ${on.column(table, 'user_id', table)} = ${id}`,
  )
  const columns = [
    ...on.selected('users', 'person'),
    ...singles.flatMap((table) => on.selected(table, table, `${table}.`)),
    ...Object.entries(lists).map(([table, wanted]) => listOf(on, table as TableName, wanted)),
  ]
  return on.dialect.aggregating(sql`select ${sql.join(columns)}
    from ${on.source('users')} as person${sql.join(joins, sql``)}
    where ${list.contains(on.column('users', column, 'person'))}`)
}
