import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import Database from 'better-sqlite3'
import { Kysely, type SqliteDatabase, SqliteDialect, sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { checkSchema, kyselyRepository, migrate, nodeSqlite, renewKeys } from '../../src/kysely/index.ts'
import type { Repository } from '../../src/port/repository.ts'
import { addUser, userRow } from '../../src/testing/rows.ts'
import { bringTo, openSite, type Site, worker } from '../retirement/site.ts'
import { addTalker, retire } from '../retirement/talker.ts'
import { bytesOf } from '../stores/databases.ts'
import { drain } from '../support/host.ts'

type Open = (path: string) => SqliteDatabase

const drivers: readonly (readonly [name: string, open: Open])[] = [
  ['better-sqlite3', (path) => new Database(path)],
  ['node:sqlite', (path) => nodeSqlite(new DatabaseSync(path, { timeout: 5000 }))],
]

/** Matches the values of the talker in personal columns, as far as they are text. */
const said = /secret-|hearsay|1815-12-10/

interface SqliteFile extends AsyncDisposable {
  readonly path: string
  readonly db: Kysely<unknown>
  readonly repository: Repository
}

async function openFile(open: Open, journal: string): Promise<SqliteFile> {
  const folder = mkdtempSync(join(tmpdir(), 'usercore-'))
  const path = join(folder, 'users.sqlite')
  const db = new Kysely<unknown>({
    dialect: new SqliteDialect({ database: open(path) }),
  })
  await sql`pragma journal_mode = ${sql.raw(journal)}`.execute(db)
  await sql`pragma synchronous = off`.execute(db)
  await migrate(db, { dialect: 'sqlite' })
  return {
    path,
    db,
    repository: kyselyRepository(db, { dialect: 'sqlite' }) as Repository,
    async [Symbol.asyncDispose]() {
      await db.destroy()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Has many people write beside the talker, so that pages fill up, split, and are freed. */
async function crowd({ users }: Site, repository: Repository, name: string): Promise<void> {
  for (let index = 1; index <= 60; index++) {
    const username = `${name}${index}`
    await addUser(repository, username, { bio: 'x'.repeat(index * 7) })
    await users.preferences.set({ username }, username, 'theme', 'y'.repeat(index * 11))
  }
  await drain(users)
}

describe.each(drivers)('the file of SQLite, by %s', (_, open) => {
  it.each(['wal', 'delete', 'truncate'])('has no byte of the erased, with the journal %s', async (journal) => {
    await using file = await openFile(open, journal)
    const { repository } = file
    const site = await openSite(repository)
    await crowd(site, repository, 'before')
    const talker = await addTalker(site, repository)
    const { username } = talker
    for (const size of [10, 3000, 200]) {
      const value = `secret-${'z'.repeat(size)}`
      await site.users.preferences.update({ username }, username, { early: value, later: null })
      await crowd(site, repository, `beside${size}x`)
    }
    await site.users.preferences.delete({ username }, username, 'early')
    expect(said.test(bytesOf(file.path))).toBe(true)
    await retire(site, repository, talker)
    expect(said.exec(bytesOf(file.path))?.[0]).toBeUndefined()
  })

  it('has none after a transaction of the host, once the host has put the log into the file', async () => {
    await using file = await openFile(open, 'wal')
    const site = await openSite(file.repository)
    const talker = await addTalker(site, file.repository)
    await file.db.transaction().execute(async (transaction) => {
      const within = { ...site, users: site.users.with(transaction) }
      await retire(within, file.repository.with(transaction), talker)
    })
    await sql`pragma wal_checkpoint(truncate)`.execute(file.db)
    expect(said.exec(bytesOf(file.path))?.[0]).toBeUndefined()
  })

  it('has some while a reader holds an earlier state, and the next erasure makes up for it', async () => {
    await using file = await openFile(open, 'wal')
    const site = await openSite(file.repository, ['bob'])
    const talker = await addTalker(site, file.repository)
    const reader = open(file.path)
    reader.prepare('begin').run([])
    reader.prepare('select * from usercore_users').all([])
    await sql`pragma busy_timeout = 0`.execute(file.db)
    await retire(site, file.repository, talker)
    expect(said.test(bytesOf(file.path))).toBe(true)
    reader.prepare('commit').run([])
    await bringTo(site, 'bob', 'RETIRING_LMS_MISC')
    await site.users.retirement.runStep(worker, 'bob', 'misc')
    reader.close()
    expect(said.exec(bytesOf(file.path))?.[0]).toBeUndefined()
  })
})

const moment = '2024-06-15T12:00:00.000000Z'

describe('a connection to SQLite', () => {
  it.each<[what: string, write: (db: Kysely<unknown>, repository: Repository) => Promise<unknown>]>([
    ['migrate', (db) => migrate(db, { dialect: 'sqlite' })],
    ['renewKeys', (db) => renewKeys(db, { dialect: 'sqlite' })],
    ['insertUser', (_, { insertUser }) => insertUser(userRow('ada'), () => [])],
    ['commit', (_, { commit }) => commit([{ delete: 'outbox', where: {} }])],
    ['leaseOutbox', (_, { leaseOutbox }) => leaseOutbox({ now: moment, leased_until: moment, lease: 'one', limit: 1 })],
    [
      'leaseRetirements',
      (_, { leaseRetirements }) =>
        leaseRetirements({
          now: moment,
          leased_until: moment,
          lease: 'one',
          idle: ['PENDING'],
          working: [],
          before: moment,
          limit: 1,
        }),
    ],
    [
      'a transaction of the host',
      (db, repository) =>
        db
          .transaction()
          .execute((transaction) => repository.with(transaction).commit([{ delete: 'outbox', where: {} }])),
    ],
  ])('overwrites removed values from the first write on: %s', async (_, write) => {
    await using file = await openFile((path) => new Database(path), 'delete')
    const other = new Database(file.path)
    const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: other }) })
    expect(other.pragma('secure_delete', { simple: true })).toBe(0)
    await write(db, kyselyRepository(db, { dialect: 'sqlite' }) as Repository)
    expect(other.pragma('secure_delete', { simple: true })).toBe(1)
    await db.destroy()
  })
})

describe('checkSchema', () => {
  it('asks SQLite to overwrite removed values, and reports a connection or journal that keeps them', async () => {
    const plain: Open = (path) => new Database(path)
    const check = async (journal: string, open: Open) => {
      await using file = await openFile(plain, journal)
      const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: open(file.path) }) })
      await sql`pragma journal_mode = ${sql.raw(journal)}`.execute(db)
      const problems = await checkSchema(db, { dialect: 'sqlite' })
      await db.destroy()
      return problems
    }
    /** A driver that does not let its settings be changed, like those of hosted databases. */
    const closed: Open = (path) => {
      const database = new Database(path)
      return {
        close: () => database.close(),
        prepare(text) {
          if (/secure_delete = /.test(text)) throw new Error('not authorized')
          return database.prepare(text)
        },
      }
    }
    expect(await check('wal', plain)).toEqual([])
    expect(await check('wal', closed)).toEqual([{ code: 'wrong_setting', name: 'secure_delete is 0, not 1' }])
    expect(await check('persist', plain)).toEqual([
      { code: 'wrong_setting', name: 'journal_mode is persist, not any other mode' },
    ])
  })
})
