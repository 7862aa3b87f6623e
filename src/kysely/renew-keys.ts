import { type Kysely, sql } from 'kysely'
import { type TableName, tables } from '../port/tables.ts'
import { identifierKey } from '../values/text.ts'
import { dialectOf } from './dialect.ts'
import { prepareErasure } from './erasure.ts'
import { inSchemaOf, plain } from './host-database.ts'
import type { MigrateOptions } from './migrate.ts'
import { type Names, namesOf } from './names.ts'
import { requireDatabase } from './options.ts'

/** The columns that hold the keys of names and addresses, each with the column that it is the key of. */
const keyed = [
  { table: 'users', id: 'id', value: 'username', key: 'username_key' },
  { table: 'users', id: 'id', value: 'email', key: 'email_key' },
  { table: 'former_usernames', id: 'username_key', value: 'username', key: 'username_key' },
  { table: 'account_recoveries', id: 'user_id', value: 'secondary_email', key: 'secondary_email_key' },
  { table: 'retirements', id: 'user_id', value: 'original_username', key: 'original_username_key' },
  { table: 'retirements', id: 'user_id', value: 'original_email', key: 'original_email_key' },
] as const satisfies readonly { table: TableName; id: string; value: string; key: string }[]

/** The number of rows that are read at once. */
const batch = 1000

/**
 * Makes every stored key anew where the rule of `identifierKey` has changed since. `migrate` does it; operators who run
 * the statements of `migrationSql` by hand call it afterwards, as often as they like. Keys that the host or another
 * system does not store are made when they are read, and need nothing.
 *
 * A key that another row has is left as it was: two accounts that had one mailbox in two spellings both stay. Look-ups
 * find the other one by either spelling, until one of the two gets another address.
 */
export async function renewKeys<DB>(db: Kysely<DB>, options: MigrateOptions): Promise<void> {
  requireDatabase(db, options)
  await prepareErasure(plain(db), dialectOf(options.dialect))
  await renewStoredKeys(plain(db), namesOf(inSchemaOf(db, options)))
}

/** Renews the keys of a database whose names are known. */
export async function renewStoredKeys(db: Kysely<unknown>, names: Names): Promise<void> {
  for (const column of keyed) {
    const isStored = names.layout?.keeps(column.table) !== true && names.column(column.table, column.key) !== undefined
    if (isStored) await renewColumn(db, names, column)
  }
}

async function renewColumn(
  db: Kysely<unknown>,
  names: Names,
  { table, id, value, key }: (typeof keyed)[number],
): Promise<void> {
  const place = sql.table(names.table(table))
  const [idColumn, valueColumn, keyColumn] = [id, value, key].map((column) =>
    sql.ref(names.column(table, column) ?? column),
  )
  const isUnique = [tables[table].primary, ...tables[table].unique].some((columns) => columns.join() === key)
  let after: unknown
  for (;;) {
    const behind = after === undefined ? sql`` : sql`where ${idColumn} > ${after}`
    const { rows } = await sql<{ id: unknown; value: unknown; key: unknown }>`
      select ${idColumn} as id, ${valueColumn} as value, ${keyColumn} as ${sql.id('key')}
      from ${place} ${behind} order by ${idColumn} limit ${sql.lit(batch)}`.execute(db)
    for (const row of rows) {
      const fresh = identifierKey(String(row.value))
      if (fresh === row.key || fresh === '') continue
      const others = sql`select 1 from ${place} where ${keyColumn} = ${fresh}`
      if (isUnique && (await others.execute(db)).rows.length > 0) continue
      await sql`update ${place} set ${keyColumn} = ${fresh} where ${idColumn} = ${row.id}`.execute(db)
    }
    if (rows.length < batch) return
    after = rows.at(-1)?.id
  }
}
