import { type RawBuilder, sql } from 'kysely'
import type { Claim, ClaimSelector } from '../repository.ts'
import type { TableName } from '../tables.ts'
import { decodeId, storable } from './codecs.ts'
import { parameter, type Statements } from './statements.ts'

/** Where a name or an address can be held. */
const places = [
  { kind: 'username', table: 'users', id: 'id', key: 'username_key' },
  { kind: 'original_username', table: 'retirements', id: 'user_id', key: 'original_username_key' },
  { kind: 'email', table: 'users', id: 'id', key: 'email_key' },
  { kind: 'secondary_email', table: 'account_recoveries', id: 'user_id', key: 'secondary_email_key' },
] as const satisfies readonly { kind: Claim['kind']; table: TableName; id: string; key: string }[]

/** Finds the holders of names and addresses: one statement, which takes both lists as one parameter for each place. */
export async function findClaims(on: Statements, { username_keys, email_keys }: ClaimSelector): Promise<Claim[]> {
  const [usernames, emails] = [username_keys, email_keys].map((keys) => on.dialect.encodeList('text', storable(keys)))
  const { rows } = await on.run(
    'claims',
    () => claimsText(on),
    places.map(({ kind }) => (kind.endsWith('username') ? usernames : emails)),
  )
  return rows.map((row) => ({
    user_id: decodeId(row.user_id),
    kind: row.kind as Claim['kind'],
    key: String(row.claimed_key),
  }))
}

function claimsText(on: Statements): RawBuilder<unknown> {
  const selects = places.map(({ kind, table, id, key }) => {
    const column = sql.ref(`claims.${key}`)
    return sql`select ${sql.lit(kind)} as kind, ${sql.ref(`claims.${id}`)} as user_id, ${column} as claimed_key
      from ${sql.table(on.tableName(table))} as claims where ${on.dialect.isOneOf(column, parameter)}`
  })
  return sql.join(selects, sql` union all `)
}
