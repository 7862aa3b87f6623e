/** A host with tables of its own: the repository takes its Kysely, and `users.with` its transactions. */
import type { Kysely } from 'kysely'
import { createUserCore } from 'usercore'
import { kyselyRepository, migrate } from 'usercore/kysely'

interface SiteTables {
  orders: { id: number; username: string }
}

export async function order(db: Kysely<SiteTables>, username: string): Promise<void> {
  await migrate(db, { dialect: 'sqlite' })
  const users = createUserCore({ repository: kyselyRepository(db, { dialect: 'sqlite' }) })
  await db.transaction().execute(async (trx) => {
    await trx.insertInto('orders').values({ id: 1, username }).execute()
    await users.with(trx).accounts.update({ username }, username, { bio: 'Has ordered.' })
  })
  // @ts-expect-error a database is no transaction
  users.with(db)
}
