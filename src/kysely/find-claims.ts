import { type RawBuilder, sql } from 'kysely'
import type { Claim, ClaimSelector } from '../port/repository.ts'
import type { TableName } from '../port/tables.ts'
import { identifierKey } from '../values/text.ts'
import type { ValueList } from './dialect.ts'
import { formsOf, listParameter } from './people.ts'
import type { Statements } from './statements.ts'

/** Where a name or an address can be held. */
const places = [
  { kind: 'username', table: 'users', id: 'id', key: 'username_key' },
  { kind: 'former_username', table: 'former_usernames', id: 'user_id', key: 'username_key' },
  { kind: 'original_username', table: 'retirements', id: 'user_id', key: 'original_username_key' },
  { kind: 'email', table: 'users', id: 'id', key: 'email_key' },
  { kind: 'secondary_email', table: 'account_recoveries', id: 'user_id', key: 'secondary_email_key' },
] as const satisfies readonly { kind: Claim['kind']; table: TableName; id: string; key: string }[]

/** All of them but names that are ids, which nobody can claim. */
function placesOf({ names }: Statements) {
  return places.filter(({ kind }) => kind !== 'username' || !names.hasIdsAsNames)
}

/** Finds the holders of names and addresses: one statement, in which each place is asked for its list. */
export async function findClaims(on: Statements, by: ClaimSelector): Promise<Claim[]> {
  const { username_keys, email_keys } = by
  const usernames = listParameter(on, 'text', formsOf(on, 'username_key', username_keys, by.usernames))
  const emails = listParameter(on, 'text', formsOf(on, 'email_key', email_keys, by.emails))
  const listOf = (kind: Claim['kind']) => (kind.endsWith('username') ? usernames : emails)
  const { rows } = await on.run(
    `claims ${usernames.shape} ${emails.shape}`,
    () => claimsText(on, listOf),
    placesOf(on).flatMap(({ kind }) => listOf(kind).parameters),
  )
  const asked = { username: askedAmong(username_keys), email: askedAmong(email_keys) }
  return rows.map((row) => {
    const kind = row.kind as Claim['kind']
    // Where the key is not stored, this is what it is the key of.
    const key = identifierKey(String(row.claimed_key))
    return {
      user_id: on.codec.id(row.user_id),
      kind,
      key: asked[kind.endsWith('username') ? 'username' : 'email'](key),
    }
  })
}

/** About what collations of tables that are not ours take for the same. */
const similarity = new Intl.Collator('en', { sensitivity: 'base' })

/** Finds the key that was asked for, where the database has taken another one for it: it would not let in both. */
function askedAmong(keys: readonly string[]): (key: string) => string {
  const exact = new Set(keys)
  return (key) => (exact.has(key) ? key : (keys.find((asked) => similarity.compare(asked, key) === 0) ?? key))
}

function claimsText(on: Statements, listOf: (kind: Claim['kind']) => ValueList): RawBuilder<unknown> {
  const selects = placesOf(on).map(({ kind, table, id, key }) => {
    const column = on.column(table, key, 'claims')
    const holder = on.dialect.read('id', on.column(table, id, 'claims'))
    return sql`select ${sql.lit(kind)} as kind, ${holder} as user_id, ${on.cell(table, key, 'claims')} as claimed_key
      from ${table === 'users' ? on.table(table) : on.source(table)} as claims where ${listOf(kind).contains(column)}`
  })
  return sql.join(selects, sql` union all `)
}
