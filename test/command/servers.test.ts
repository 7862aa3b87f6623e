import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createConnection } from 'mysql2/promise'
import { Client } from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { stepNames } from '../../src/kysely/migrate.ts'
import { type ServerName, serverUrls } from '../stores/servers.ts'

/**
 * The command line as deployments use it: the built program, in a process of its own, on each database server at hand and
 * on a file of SQLite. The statements that `sql` prints are run by the client of the database, psql among them.
 */
const root = join(import.meta.dirname, '..', '..')
const program = join(root, 'dist', 'command', 'usercore.js')

function usercore(url: string, ...args: string[]) {
  const env = { ...process.env, DATABASE_URL: url }
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: root,
    env,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

/** A database of one test: its address, and its client, which runs the statements of a text. */
interface Place {
  readonly url: string
  readonly runText: (text: string) => Promise<unknown>
}

const ownName = () => `usercore_command_${process.pid}_${randomBytes(4).toString('hex')}`
const hasPsql = spawnSync('psql', ['--version']).status === 0

async function postgresPlace(server: string): Promise<Place> {
  const schema = ownName()
  const ask = async (text: string, connectionString: string) => {
    const client = new Client({ connectionString })
    await client.connect()
    await client.query(text).finally(() => client.end())
  }
  await ask(`create schema ${schema}`, server)
  onTestFinished(() => ask(`drop schema ${schema} cascade`, server))
  const url = `${server}?options=${encodeURIComponent(`-c search_path=${schema}`)}`
  const input = (text: string) =>
    execFileSync('psql', [url, '--quiet', '--single-transaction', '-v', 'ON_ERROR_STOP=1'], {
      input: text,
      stdio: 'pipe',
    })
  return { url, runText: async (text) => (hasPsql ? input(text) : ask(text, url)) }
}

async function mysqlPlace(server: string): Promise<Place> {
  const name = ownName()
  const ask = async (text: string, uri: string) => {
    const connection = await createConnection({ uri, multipleStatements: true })
    await connection.query(text).finally(() => connection.end())
  }
  await ask(`create database ${name}`, server)
  onTestFinished(() => ask(`drop database ${name}`, server))
  const url = Object.assign(new URL(server), { pathname: `/${name}` }).href
  return { url, runText: (text) => ask(text, url) }
}

async function sqlitePlace(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'usercore-command-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const url = join(folder, 'users.sqlite')
  const database = new DatabaseSync(url)
  onTestFinished(() => database.close())
  return { url, runText: async (text) => database.exec(text) }
}

const servers: Readonly<Record<ServerName, (url: string) => Promise<Place>>> = {
  postgres: postgresPlace,
  mariadb: mysqlPlace,
  mysql: mysqlPlace,
}
const places = [
  { name: 'sqlite', dialect: 'sqlite', open: sqlitePlace },
  ...Object.entries(serverUrls).map(([name, url]) => ({
    name,
    dialect: name === 'postgres' ? 'postgres' : 'mysql',
    open: () => servers[name as ServerName](url),
  })),
]

describe.each(places)(
  'the command line on $name',
  ({ dialect, open }) => {
    it('check has nothing to report after the statements of sql were run, nor migrate to do', async () => {
      const { url, runText } = await open()
      const empty = usercore(url, 'check', '--dialect', dialect)
      expect([empty.status, empty.stderr]).toEqual([1, ''])
      expect(empty.stdout.split('\n').filter((line) => line.startsWith('step_missing'))).toHaveLength(stepNames.length)
      await runText(usercore(url, 'sql', '--dialect', dialect).stdout)
      expect(usercore(url, 'check', '--dialect', dialect)).toEqual({ status: 0, stdout: '', stderr: '' })
      expect(usercore(url, 'migrate', '--dialect', dialect)).toEqual({ status: 0, stdout: '', stderr: '' })
    })

    it('migrate takes the steps, after which sql --since the last one has nothing that changes a table', async () => {
      const { url, runText } = await open()
      const migrated = usercore(url, 'migrate', '--dialect', dialect, '--prefix', 'p_')
      expect(migrated).toEqual({ status: 0, stdout: stepNames.map((step) => `${step}\n`).join(''), stderr: '' })
      const since = stepNames.at(-1) ?? ''
      await runText(usercore(url, 'sql', '--dialect', dialect, '--prefix', 'p_', '--since', since).stdout)
      expect(usercore(url, 'check', '--dialect', dialect, '--prefix', 'p_').status).toBe(0)
      expect(usercore(url, 'check', '--dialect', dialect).status).toBe(1)
    })
  },
  60_000,
)

it('the program ends though its file has opened something, and though its reader has had enough', () => {
  const folder = mkdtempSync(join(tmpdir(), 'usercore-command-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const config = join(folder, 'open.mjs')
  writeFileSync(config, `setInterval(() => {}, 1000); export default { dialect: 'sqlite' }`)
  const options = { encoding: 'utf8', timeout: 20_000 } as const
  const all = spawnSync(process.execPath, [program, 'sql', '--config', config], options)
  expect([all.status, all.stderr]).toEqual([0, ''])
  expect(all.stdout).toMatch(/^create table.*;\n$/s)
  const command = `"${process.execPath}" "${program}" sql --dialect postgres | head -n 1; exit "\${PIPESTATUS[0]}"`
  const some = spawnSync('bash', ['-c', command], options)
  expect([some.status, some.stderr]).toEqual([0, ''])
}, 60_000)
