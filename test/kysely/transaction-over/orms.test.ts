import createKnex, { type Knex } from 'knex'
import { type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createUserCore, type UserCore } from '../../../src/create-user-core.ts'
import { kyselyRepository, type TransactionClient, transactionOver } from '../../../src/kysely/index.ts'
import { system } from '../../../src/site/actor.ts'
import { databases, sqliteDatabase, type TestDatabase } from '../../stores/databases.ts'
import { serverUrls } from '../../stores/servers.ts'

/** An ORM on a database, with a table `cards` of its own. */
interface Orm {
  /** Runs work in a transaction of the ORM, which ends as the work does. */
  transaction(
    work: (client: TransactionClient, insert: (name: string) => Promise<unknown>) => Promise<void>,
  ): Promise<void>
  close(): Promise<void>
}

/** Where the tables of a test are. */
interface Place {
  readonly url: string
  /** The schema or database. */
  readonly name: string
}

/** Opens Knex, whose transactions have their client as the connection of their own `client`. */
function knex(config: Knex.Config): Orm {
  const orm = createKnex(config)
  return {
    transaction: (work) =>
      orm.transaction(async (trx) => {
        await work(await trx.client.acquireConnection(), (name) => trx('cards').insert({ name }))
      }),
    close: () => orm.destroy(),
  }
}

/** Drizzle is tried by `examples/15-drizzle.ts`: its declarations do not hold for the compiler of the tests. */
const orms: Readonly<Record<string, (place: Place) => Orm>> = {
  postgres: ({ url, name }) => knex({ client: 'pg', connection: url, searchPath: [name] }),
  mysql: ({ url, name }) => knex({ client: 'mysql2', connection: { uri: url, database: name } as never }),
  sqlite: ({ url }) => knex({ client: 'better-sqlite3', connection: { filename: url }, useNullAsDefault: true }),
}

/** Opens a database, and says where its tables are. */
async function openPlace(store: string): Promise<{ readonly database: TestDatabase; readonly place: Place }> {
  if (store === 'sqlite') {
    const database = await sqliteDatabase()
    return { database, place: { url: database.path, name: '' } }
  }
  const database = (await databases[store]?.()) ?? expect.fail()
  const name = database.dialect === 'postgres' ? sql`current_schema()` : sql`database()`
  const { rows } = await sql<{ name: string }>`select ${name} as name`.execute(database.connect())
  return { database, place: { url: String(serverUrls[store as keyof typeof serverUrls]), name: String(rows[0]?.name) } }
}

describe.each(['sqlite', ...Object.keys(serverUrls)])('a transaction of Knex on %s', (store) => {
  let database: TestDatabase
  let db: Kysely<unknown>
  let orm: Orm
  let users: UserCore<unknown>
  beforeAll(async () => {
    const opened = await openPlace(store)
    database = opened.database
    db = database.connect()
    await sql`create table cards (name varchar(50) not null)`.execute(db)
    users = createUserCore({ repository: kyselyRepository(db, { dialect: database.dialect }) })
    orm = orms[store === 'mariadb' ? 'mysql' : store]?.(opened.place) ?? expect.fail()
  }, 60_000)
  afterAll(async () => {
    await orm.close()
    await database.close()
  })

  const person = (username: string) => ({ username, email: `${username}@example.com`, name: username })
  const stored = async () => {
    const { rows } = await sql<{ name: string }>`select name from cards`.execute(db)
    const people = await users.accounts.getMany(system, ['ada', 'bob'])
    return { people: [...people.keys()], cards: rows.map(({ name }) => name) }
  }

  it('holds what usercore writes, to be stored or not with what the ORM writes', async () => {
    const failing = orm.transaction(async (client, insert) => {
      const { accounts } = users.with(transactionOver(client))
      await insert('before')
      await accounts.create(system, person('ada'))
      await accounts.update(system, 'ada', { bio: 'Mathematician' })
      await insert('after')
      throw new Error('the host changes its mind')
    })
    await expect(failing).rejects.toThrow('the host changes its mind')
    expect(await stored()).toEqual({ people: [], cards: [] })

    let late: UserCore<unknown> | undefined
    await orm.transaction(async (client, insert) => {
      late = users.with(transactionOver(client))
      await late.accounts.create(system, person('ada'))
      await insert('card')
    })
    expect(await stored()).toEqual({ people: ['ada'], cards: ['card'] })
    await expect(late?.accounts.create(system, person('bob'))).rejects.toMatchObject({
      code: 'config_error',
      params: { option: 'transaction' },
    })
    expect(await stored()).toEqual({ people: ['ada'], cards: ['card'] })
  })
})
