import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import Database from 'better-sqlite3'
import { Kysely, MysqlDialect, PostgresDialect, SqliteDialect, sql } from 'kysely'
import { createPool } from 'mysql2'
import { Pool } from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { keptStatements, nodeSqlite } from '../../src/kysely/index.ts'
import { serverUrls } from '../stores/servers.ts'

describe.skipIf(serverUrls.postgres === undefined)('kept statements of node-postgres', () => {
  /** Opens a database over one connection, so that each statement finds the state that the one before has left. */
  function open(max?: number) {
    const pool = new Pool({ connectionString: serverUrls.postgres, max: 1 })
    const db = new Kysely<unknown>({
      dialect: new PostgresDialect({ pool: keptStatements(pool, { ...(max && { max }) }) }),
    })
    onTestFinished(() => db.destroy())
    const named = async () => {
      const { rows } = await sql<{ count: number }>`select count(*)::int as count from pg_prepared_statements`.execute(
        db,
      )
      return rows[0]?.count
    }
    return { db, named }
  }
  const add = async (db: Kysely<unknown>, number: number) =>
    (await sql<{ sum: number }>`select 1 + ${number}::int as sum`.execute(db)).rows[0]?.sum

  it('have a name from the second use of a text on', async () => {
    const { db, named } = open()
    expect([await add(db, 1), await named()]).toEqual([2, 0])
    expect([await add(db, 2), await named()]).toEqual([3, 1])
    expect([await add(db, 3), await named()]).toEqual([4, 1])
  })

  it('forget the least used of more than `max`, also on the server', async () => {
    const { db, named } = open(2)
    const run = (index: number) => sql`select ${sql.lit(index)}, ${index}::int`.execute(db)
    for (const index of [1, 2, 3, 4]) for (const _ of [1, 2]) await run(index)
    expect(await named()).toBe(2)
    for (const index of [1, 2, 3, 4]) await run(index)
    expect(await named()).toBe(2)
  })

  it.each(['discard all', 'deallocate all'])('are sent as text after %s', async (text) => {
    const { db } = open()
    await add(db, 1)
    await add(db, 1)
    // Hidden from the wrapper, as by a pooler.
    await sql`do ${sql.raw(`$$ begin execute '${text === 'discard all' ? 'deallocate all' : text}'; end $$`)}`.execute(
      db,
    )
    expect([await add(db, 4), await add(db, 5)]).toEqual([5, 6])
    await sql.raw(text).execute(db)
    expect([await add(db, 4), await add(db, 5)]).toEqual([5, 6])
  })

  const forget = sql`do $$ begin execute 'deallocate all'; end $$`

  it('start a transaction again that has sent nothing else', async () => {
    const { db } = open()
    for (const _ of [1, 2]) await add(db, 1)
    await forget.execute(db)
    const isolation = await db
      .transaction()
      .setIsolationLevel('serializable')
      .execute(async (transaction) => {
        expect(await add(transaction, 1)).toBe(2)
        return (await sql<{ transaction_isolation: string }>`show transaction_isolation`.execute(transaction)).rows
      })
    expect(isolation).toEqual([{ transaction_isolation: 'serializable' }])
  })

  it('pass the error on in a transaction that has written, and nothing of it is stored', async () => {
    const { db } = open()
    await sql`create temporary table kept (number int)`.execute(db)
    for (const _ of [1, 2]) await add(db, 1)
    const writing = db.transaction().execute(async (transaction) => {
      await sql`insert into kept values (1)`.execute(transaction)
      await forget.execute(transaction)
      await add(transaction, 1)
    })
    await expect(writing).rejects.toMatchObject({ code: '26000' })
    expect((await sql`select * from kept`.execute(db)).rows).toEqual([])
    expect(await add(db, 1)).toBe(2)
  })

  it('see the columns that a table got since', async () => {
    const { db } = open()
    await sql`create temporary table kept (number int)`.execute(db)
    await sql`insert into kept values (1)`.execute(db)
    const read = async () => (await sql`select * from kept where number = ${1}`.execute(db)).rows
    for (const _ of [1, 2]) expect(await read()).toEqual([{ number: 1 }])
    await sql`alter table kept add column word text default 'new'`.execute(db)
    for (const _ of [1, 2]) expect(await read()).toEqual([{ number: 1, word: 'new' }])
  })
})

describe.each(['mariadb', 'mysql'] as const)('kept statements of mysql2 on %s', (server) => {
  const url = serverUrls[server]
  it.skipIf(url === undefined)(
    'are executed from the second use on, with the same answers, and at most `max`',
    async () => {
      const pool = createPool({ uri: String(url), connectionLimit: 1 })
      const db = new Kysely<unknown>({ dialect: new MysqlDialect({ pool: keptStatements(pool, { max: 2 }) }) })
      onTestFinished(() => db.destroy())
      const status = async (name: string) => {
        const { rows } = await sql<{ Value: string }>`show session status like ${sql.lit(name)}`.execute(db)
        return Number(rows[0]?.Value)
      }
      const run = (index: number) =>
        sql`select ${sql.lit(index)} as place, ${'ü😀'} as word, ${null} as nothing`.execute(db)
      for (const index of [1, 2, 3, 4]) {
        const [first, second] = [await run(index), await run(index)]
        expect(second.rows).toEqual(first.rows)
      }
      expect([await status('Com_stmt_prepare'), await status('Com_stmt_close')]).toEqual([4, 2])
    },
  )
})

describe.each([
  ['better-sqlite3', (path: string) => keptStatements(new Database(path))],
  ['node:sqlite', (path: string) => nodeSqlite(new DatabaseSync(path))],
])('kept statements of %s', (_, open) => {
  function openFile() {
    const folder = mkdtempSync(join(tmpdir(), 'usercore-'))
    const path = join(folder, 'kept.sqlite')
    const raw = open(path)
    const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: raw }) })
    onTestFinished(async () => {
      await db.destroy()
      rmSync(folder, { recursive: true })
    })
    return { db, raw, path }
  }

  it('are compiled once', () => {
    const { raw } = openFile()
    expect(raw.prepare('select ? as a')).toBe(raw.prepare('select ? as a'))
  })

  it.each(['own', 'other'] as const)('see the columns that a table got since from its %s connection', async (from) => {
    const { db, path } = openFile()
    await sql`create table kept (number int)`.execute(db)
    await sql`insert into kept values (1)`.execute(db)
    const read = async () => (await sql`select * from kept where number = ${1}`.execute(db)).rows
    for (const _ of [1, 2]) expect(await read()).toEqual([{ number: 1 }])
    const alter = `alter table kept add column word text default 'new'`
    if (from === 'own') await sql.raw(alter).execute(db)
    else new Database(path).exec(alter).close()
    for (const _ of [1, 2]) expect(await read()).toEqual([{ number: 1, word: 'new' }])
  })

  it('can be walked twice at once', () => {
    const { raw } = openFile()
    const walk = () => raw.prepare('select 1 as n union all select ?').iterate([2])
    const [one, two] = [walk(), walk()]
    expect([[...one], [...two]]).toEqual([
      [{ n: 1 }, { n: 2 }],
      [{ n: 1 }, { n: 2 }],
    ])
  })
})

it('keptStatements refuses a value that is no pool and no database, and an invalid `max`', () => {
  for (const pool of [undefined, null, 'pool', {}]) {
    expect(() => keptStatements(pool as never)).toThrow(expect.objectContaining({ code: 'config_error' }))
  }
  const pool = { connect() {}, end() {} }
  expect(() => keptStatements(pool as never, { max: 0 })).toThrow(expect.objectContaining({ code: 'config_error' }))
  expect(() => keptStatements(pool as never, { most: 1 } as never)).toThrow(
    expect.objectContaining({ code: 'config_error' }),
  )
})
