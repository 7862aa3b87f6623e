import { type RawBuilder, sql } from 'kysely'
import type { Claim, ClaimSelector } from '../port/repository.ts'
import type { TableName } from '../port/tables.ts'
import { identifierKey } from '../values/text.ts'
import type { ValueList } from './dialect.ts'
import { formsOf, listParameter } from './people.ts'
import type { Statements } from './statements.ts'

/** The columns that can hold a name or an address. Retired ones have no holder, and are told apart by their kind. */
const places = [
  { kind: 'username', table: 'users', id: 'id', key: 'username_key' },
  { kind: 'former_username', table: 'former_usernames', id: 'user_id', key: 'username_key' },
  { kind: 'original_username', table: 'retirements', id: 'user_id', key: 'original_username_key' },
  { kind: 'email', table: 'users', id: 'id', key: 'email_key' },
  { kind: 'secondary_email', table: 'account_recoveries', id: 'user_id', key: 'secondary_email_key' },
  { kind: 'retired_username', table: 'retired_identifiers', id: null, key: 'form' },
  { kind: 'retired_email', table: 'retired_identifiers', id: null, key: 'form' },
] as const satisfies readonly { kind: Claim['kind']; table: TableName; id: string | null; key: string }[]

/** Returns them without names that are ids, which no person can take. */
function placesOf({ names }: Statements) {
  return places.filter(({ kind }) => kind !== 'username' || !names.hasIdsAsNames)
}

/** Finds the holders of names and addresses: one statement, in which each column is asked for its list. */
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
    // Where the key is not stored, the cell has the name or address that the key is made from.
    const key = identifierKey(String(row.claimed_key))
    return {
      user_id: row.user_id === null ? null : on.codec.id(row.user_id),
      kind,
      key: asked[kind.endsWith('username') ? 'username' : 'email'](key),
    }
  })
}

/** Compares roughly as the collations of foreign tables do. */
const similarity = new Intl.Collator('en', { sensitivity: 'base' })

/**
 * Finds the key that was asked for where the database has found another one that it takes for equal: it would not store
 * both.
 */
function askedAmong(keys: readonly string[]): (key: string) => string {
  const exact = new Set(keys)
  return (key) => (exact.has(key) ? key : (keys.find((asked) => similarity.compare(asked, key) === 0) ?? key))
}

function claimsText(on: Statements, listOf: (kind: Claim['kind']) => ValueList): RawBuilder<unknown> {
  const selects = placesOf(on).map(({ kind, table, id, key }) => {
    const column = on.column(table, key, 'claims')
    const holder = id === null ? sql`null` : on.dialect.read('id', on.column(table, id, 'claims'))
    const ofKind = id === null ? sql`${sql.ref('claims.kind')} = ${sql.lit(kind.replace('retired_', ''))} and ` : sql``
    return sql`select ${sql.lit(kind)} as kind, ${holder} as user_id, ${on.cell(table, key, 'claims')} as claimed_key
      from ${table === 'users' ? on.table(table) : on.source(table)} as claims where ${ofKind}${listOf(kind).contains(column)}`
  })
  return sql.join(selects, sql` union all `)
}
