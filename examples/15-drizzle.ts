/**
 * Inside a transaction of another ORM: what usercore writes is stored together with rows that Drizzle writes, or not at all.
 *
 * The site gives out library cards. It works with Drizzle, and begins its transactions there. Usercore gets the client
 * that is in the transaction; it begins and commits nothing itself. The same runs on PostgreSQL, MariaDB and MySQL, where
 * TEST_POSTGRES_URL, TEST_MARIADB_URL and TEST_MYSQL_URL have their addresses.
 */
import assert from 'node:assert/strict'
import Database from 'better-sqlite3'
import { sql } from 'drizzle-orm'
import { drizzle as drizzleOnSqlite } from 'drizzle-orm/better-sqlite3'
import { mysqlTable, varchar } from 'drizzle-orm/mysql-core'
import { drizzle as drizzleOnMysql } from 'drizzle-orm/mysql2'
import { drizzle as drizzleOnPostgres } from 'drizzle-orm/node-postgres'
import { pgTable, text as pgText } from 'drizzle-orm/pg-core'
import { sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { Kysely, MysqlDialect, PostgresDialect, SqliteDialect } from 'kysely'
import { createPool } from 'mysql2'
import { createConnection } from 'mysql2/promise'
import { Pool } from 'pg'
import { createUserCore, isUserCoreError, system, type UserCore } from 'usercore'
import { keptStatements, kyselyRepository, migrate, type TransactionClient, transactionOver } from 'usercore/kysely'

/** What the site does with its database by Drizzle. */
interface Site {
  readonly users: UserCore<unknown>
  /** Runs work in a transaction that Drizzle begins. `client` is the one that holds it. */
  inTransaction(work: (site: { client: TransactionClient; giveCard: GiveCard }) => Promise<void>): Promise<void>
  cards(): Promise<string[]>
  close(): Promise<void>
}

type GiveCard = (username: string, number: string) => Promise<unknown>

async function openSqlite(): Promise<Site> {
  const cards = sqliteTable('library_cards', { number: text().primaryKey(), username: text().notNull() })
  const client = new Database(':memory:')
  const orm = drizzleOnSqlite(client)
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: client }) })
  await migrate(db, { dialect: 'sqlite' })
  orm.run(sql`create table library_cards (number text primary key, username text not null)`)
  return {
    users: createUserCore({ repository: kyselyRepository(db, { dialect: 'sqlite' }) }),
    async inTransaction(work) {
      // `orm.transaction` of better-sqlite3 waits for no promise, so that Drizzle is told itself when to begin and to end.
      orm.run(sql`begin immediate`)
      try {
        await work({
          client,
          giveCard: async (username, number) => orm.insert(cards).values({ username, number }).run(),
        })
        orm.run(sql`commit`)
      } catch (error) {
        if (client.inTransaction) orm.run(sql`rollback`)
        throw error
      }
    },
    cards: async () =>
      orm
        .select()
        .from(cards)
        .all()
        .map(({ number }) => number),
    close: () => db.destroy(),
  }
}

async function openPostgres(connectionString: string): Promise<Site> {
  const cards = pgTable('library_cards', { number: pgText().primaryKey(), username: pgText().notNull() })
  const schema = `usercore_example_${process.pid}`
  const pool = new Pool({ connectionString, options: `-c search_path=${schema}` })
  await pool.query(`create schema ${schema}`)
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: keptStatements(pool) }) })
  await migrate(db, { dialect: 'postgres' })
  await pool.query('create table library_cards (number text primary key, username text not null)')
  return {
    users: createUserCore({ repository: kyselyRepository(db, { dialect: 'postgres' }) }),
    async inTransaction(work) {
      const client = await pool.connect()
      try {
        await drizzleOnPostgres(client).transaction((tx) =>
          work({ client, giveCard: (username, number) => tx.insert(cards).values({ username, number }) }),
        )
      } finally {
        client.release()
      }
    },
    cards: async () => (await drizzleOnPostgres(pool).select().from(cards)).map(({ number }) => number),
    async close() {
      await pool.query(`drop schema ${schema} cascade`)
      await db.destroy()
    },
  }
}

async function openMysql(uri: string): Promise<Site> {
  const name = { length: 100 }
  const cards = mysqlTable('library_cards', { number: varchar(name).primaryKey(), username: varchar(name).notNull() })
  const database = `usercore_example_${process.pid}`
  const server = await createConnection(uri)
  await server.query(`create database ${database}`)
  const pool = createPool({ uri, database })
  const db = new Kysely<unknown>({ dialect: new MysqlDialect({ pool: keptStatements(pool) }) })
  await migrate(db, { dialect: 'mysql' })
  await pool.promise().query('create table library_cards (number varchar(100) primary key, username text not null)')
  return {
    users: createUserCore({ repository: kyselyRepository(db, { dialect: 'mysql' }) }),
    async inTransaction(work) {
      const client = await pool.promise().getConnection()
      try {
        await drizzleOnMysql(client).transaction((tx) =>
          work({ client, giveCard: (username, number) => tx.insert(cards).values({ username, number }) }),
        )
      } finally {
        client.release()
      }
    },
    cards: async () => (await drizzleOnMysql(pool.promise()).select().from(cards)).map(({ number }) => number),
    async close() {
      await db.destroy()
      await server.query(`drop database ${database}`)
      await server.end()
    },
  }
}

const { TEST_POSTGRES_URL, TEST_MARIADB_URL, TEST_MYSQL_URL } = process.env
await visit('SQLite', await openSqlite())
if (TEST_POSTGRES_URL !== undefined) await visit('PostgreSQL', await openPostgres(TEST_POSTGRES_URL))
if (TEST_MARIADB_URL !== undefined) await visit('MariaDB', await openMysql(TEST_MARIADB_URL))
if (TEST_MYSQL_URL !== undefined) await visit('MySQL', await openMysql(TEST_MYSQL_URL))

async function visit(database: string, { users, inTransaction, cards, close }: Site): Promise<void> {
  console.log(`\n— ${database}`)
  await users.accounts.create(system, { username: 'ada', email: 'ada@example.com', name: 'Ada' }, { active: true })

  /** Registers a person and gives them a card: the account, its mail, the phone number and the card, all or none. */
  const register = (username: string, phone_number: string, number: string) =>
    inTransaction(async ({ client, giveCard }) => {
      const { accounts } = users.with(transactionOver(client))
      await accounts.create(system, { username, email: `${username}@example.com`, name: username })
      await giveCard(username, number)
      await accounts.update(system, username, { phone_number })
    })
  const state = async () => {
    const people = await users.accounts.getMany(system, ['ada', 'bob', 'cy', 'dan'])
    const { waiting } = await users.outbox.stats(system)
    return { people: [...people.keys()], cards: await cards(), waiting }
  }

  await register('bob', '+442079460001', 'card-1')
  const stored = { people: ['ada', 'bob'], cards: ['card-1'], waiting: 2 }
  assert.deepEqual(await state(), stored)
  console.log('Bob has an account and a card', stored)

  await assert.rejects(register('cy', '+442079460002', 'card-1'))
  assert.deepEqual(await state(), stored)
  console.log('Card 1 is taken: Drizzle takes back the account of Cy, and the mail to him is never sent')

  await assert.rejects(register('cy', 'no number', 'card-2'), isUserCoreError)
  assert.deepEqual(await state(), stored)
  console.log('A phone number that is refused takes back the card of Drizzle, too')

  await inTransaction(async ({ client, giveCard }) => {
    const { accounts } = users.with(transactionOver(client))
    const again = accounts.create(system, { username: 'bob', email: 'bob@example.org', name: 'Bob' })
    await assert.rejects(again, { code: 'account_validation_error' })
    // What was refused has left nothing, and the transaction goes on.
    await giveCard('ada', 'card-3')
  })
  assert.deepEqual(await state(), { ...stored, cards: ['card-1', 'card-3'] })
  console.log('A refusal that is caught leaves the transaction usable: Ada has card 3')

  let late: UserCore<unknown> | undefined
  await inTransaction(async ({ client }) => {
    late = users.with(transactionOver(client))
    await late.accounts.get(system, 'ada')
  })
  const dan = { username: 'dan', email: 'dan@example.com', name: 'Dan' }
  await assert.rejects(async () => late?.accounts.create(system, dan), { code: 'config_error' })
  console.log('Once the transaction is over, calls in it are refused')
  await close()
}
