import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Dialect, Kysely, MysqlDialect, PostgresDialect, SqliteDialect } from 'kysely'
import { createPool } from 'mysql2'
import { Pool } from 'pg'
import { describe, expect, it } from 'vitest'
import type { DialectName } from '../../../src/kysely/index.ts'
import { kyselyRepository, migrate, nodeSqlite } from '../../../src/kysely/index.ts'
import type { Repository } from '../../../src/port/repository.ts'
import { fileJournal } from '../../../src/retirement/file-journal.ts'
import { definePipeline } from '../../../src/retirement/pipeline.ts'
import { system } from '../../../src/site/actor.ts'
import { addUser } from '../../../src/testing/rows.ts'
import { serverUrls } from '../../stores/servers.ts'
import { days, dump, openSite, worker } from '../site.ts'

/** A database that the tools of its vendor can dump and restore, while no connection is open. */
interface Restorable {
  readonly dialect: DialectName
  connect(): Dialect
  dump(file: string): void
  restore(file: string): void
  remove(): void
}

const name = `backup_${process.pid}`

function sqliteFile(folder: string): Restorable {
  const path = join(folder, 'site.db')
  return {
    dialect: 'sqlite',
    connect: () => new SqliteDialect({ database: nodeSqlite(new DatabaseSync(path)) }),
    dump: (file) => copyFileSync(path, file),
    restore: (file) => copyFileSync(file, path),
    remove: () => {},
  }
}

function postgresSchema(url: string): Restorable {
  const run = (text: string) => execFileSync('psql', ['-q', '-v', 'ON_ERROR_STOP=1', '-d', url, '-c', text])
  run(`set client_min_messages = error; drop schema if exists ${name} cascade; create schema ${name}`)
  return {
    dialect: 'postgres',
    connect: () =>
      new PostgresDialect({ pool: new Pool({ connectionString: url, options: `-c search_path=${name}` }) }),
    dump: (file) => void execFileSync('pg_dump', ['-d', url, '-n', name, '-f', file]),
    restore(file) {
      run(`set client_min_messages = error; drop schema ${name} cascade`)
      execFileSync('psql', ['-q', '-v', 'ON_ERROR_STOP=1', '-d', url, '-f', file], { stdio: 'ignore' })
    },
    remove: () => void run(`set client_min_messages = error; drop schema ${name} cascade`),
  }
}

function mariadbDatabase(url: string): Restorable {
  const { hostname, port, username, password } = new URL(url)
  const to = [`-h${hostname}`, `-P${port}`, `-u${username}`, ...(password === '' ? [] : [`-p${password}`])]
  const run = (text: string) => execFileSync('mariadb', [...to, '-e', text])
  const make = `create database ${name}`
  run(`drop database if exists ${name}; ${make}`)
  return {
    dialect: 'mysql',
    connect: () => new MysqlDialect({ pool: createPool({ uri: url, database: name, connectionLimit: 4 }) }),
    dump: (file) => writeFileSync(file, execFileSync('mariadb-dump', [...to, name], { maxBuffer: 2 ** 28 })),
    restore(file) {
      run(`drop database ${name}; ${make}`)
      execFileSync('mariadb', [...to, name], { input: readFileSync(file) })
    },
    remove: () => void run(`drop database ${name}`),
  }
}

/** Tells whether a program is installed. */
function hasTool(tool: string): boolean {
  try {
    execFileSync(tool, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const { postgres, mariadb } = serverUrls

/** The databases that can be tried here, by the way of their backup. */
const backups: Readonly<Record<string, (folder: string) => Restorable>> = {
  'a copy of a file of SQLite': sqliteFile,
  ...(postgres !== undefined && hasTool('pg_dump') ? { pg_dump: () => postgresSchema(postgres) } : {}),
  ...(mariadb !== undefined && hasTool('mariadb-dump') ? { 'mariadb-dump': () => mariadbDatabase(mariadb) } : {}),
}

const people = Array.from({ length: 100 }, (_, index) => `person${String(index).padStart(3, '0')}x`)
const retired = people.filter((_, index) => index % 2 === 0)
const others = people.filter((_, index) => index % 2 === 1)
const pipeline = definePipeline([{ step: 'account', working: 'RETIRING_LMS', done: 'LMS_COMPLETE', action: 'account' }])

/** Returns everything that is stored of people, as text. */
async function storedOf(repository: Repository, names: readonly string[]): Promise<string[]> {
  const accounts = await repository.findAccounts({ username_keys: names })
  const preferences = await repository.findPreferences({ by: { username_keys: names } })
  return [...accounts, ...preferences].map((record) => JSON.stringify(record)).sort()
}

describe.each(Object.entries(backups))('a backup by %s that is restored', (_, make) => {
  it('is brought up to date by the journal: the same 50 of 100 are gone, the others are equal byte by byte', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'usercore-backup-'))
    const database = make(folder)
    const { dialect } = database
    const backup = join(folder, 'backup')
    const journal = fileJournal(join(folder, 'erasures.jsonl'))
    /** Runs something on the site over connections of its own. */
    const onSite = async (
      names: readonly string[],
      run: (site: Awaited<ReturnType<typeof openSite>>, repository: Repository) => Promise<void>,
    ) => {
      const db = new Kysely<unknown>({ dialect: database.connect() })
      try {
        await migrate(db, { dialect })
        const repository = kyselyRepository(db, { dialect }) as Repository
        const site = await openSite(repository, [], { journal, settings: { outbox_patience_hours: 0 } })
        await site.users.retirement.setPipeline(system, pipeline)
        for (const username of names) {
          await addUser(repository, username, { name: `${username} the first`, bio: `bio of ${username}` })
          await site.users.preferences.set({ username }, username, 'theme', `theme of ${username}`)
        }
        await run(site, repository)
      } finally {
        await db.destroy()
      }
    }
    try {
      await onSite(people, async () => {})
      database.dump(backup)
      let before: string[] = []
      await onSite([], async ({ users, clock }, repository) => {
        await users.retirement.requestMany(system, retired)
        clock.advance(days(15))
        expect((await users.retirement.work(system, { idle: 'return' })).complete).toBe(retired.length)
        await users.retirement.cleanUp(worker, retired)
        before = await storedOf(repository, others)
        expect(await dump(repository)).not.toMatch(new RegExp(retired.join('|')))
      })
      expect(before).toHaveLength(2 * others.length)
      database.restore(backup)
      await onSite([], async ({ users, clock }, repository) => {
        expect(await storedOf(repository, retired)).toHaveLength(2 * retired.length)
        clock.advance(days(20))
        const results: string[] = []
        for await (const { result } of users.retirement.replay(system, { since: '2024-01-01T00:00:00Z' }))
          results.push(result)
        expect(results).toEqual(retired.map(() => 'replayed'))
        expect(await dump(repository)).not.toMatch(new RegExp(retired.join('|')))
        expect(await storedOf(repository, others)).toEqual(before)
        const kinds = (await repository.select('retirement_receipts', {})).map(({ kind }) => kind)
        expect(kinds).toEqual(retired.map(() => 'replay'))
      })
    } finally {
      database.remove()
      rmSync(folder, { recursive: true })
    }
  }, 300_000)
})
