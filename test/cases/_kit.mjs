// Shared helper of the scripts beside it: loads the built package from the dist folder named by the first argument,
// opens throw-away databases, and ends with one line and an exit code.

import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

process.on('uncaughtException', (error) => {
  console.log(`FALLS: stopped by ${error?.code ?? error?.name}: ${error?.message}`.split('\n')[0])
  process.exit(1)
})

export const dist = resolve(process.argv[2] ?? '')
const require = createRequire(`${dist}/index.js`)
/** A module as the package itself would find it. */
export const load = (name) => import(pathToFileURL(require.resolve(name)).href)
export const own = (file) => import(pathToFileURL(`${dist}/${file}`).href)

export const usercore = await own('index.js')
export const rules = await own('rules/index.js')
export const adapter = await own('kysely/index.js')
export const memory = await own('memory/index.js')
export const kysely = await load('kysely')
export const { sql } = kysely
const closing = []
/** Closes once, at the latest when the script ends. */
function once(work) {
  let done
  const close = () => (done ??= work())
  closing.push(close)
  return close
}

export const pgUrl = process.env.TEST_POSTGRES_URL ?? 'postgres://root@127.0.0.1:5432/test'
export const myUrl = process.env.TEST_MARIADB_URL ?? process.env.TEST_MYSQL_URL ?? 'mysql://root@127.0.0.1:3306/test'
export const draw = () => `h_bugs_${randomBytes(4).toString('hex')}`

export async function sqliteDb({ file = ':memory:', prepare } = {}) {
  const { default: Database } = await load('better-sqlite3')
  const raw = new Database(file)
  prepare?.(raw)
  const db = new kysely.Kysely({ dialect: new kysely.SqliteDialect({ database: raw }) })
  const close = once(() => db.destroy())
  return { db, raw, dialect: 'sqlite', close }
}

export async function postgresDb({ pool = {}, kyselyOptions = {}, schema } = {}) {
  const { default: pg } = await load('pg')
  const name = schema ?? draw()
  const admin = new pg.Client(pgUrl)
  await admin.connect()
  if (schema === undefined) await admin.query(`create schema "${name}"`)
  const made = new pg.Pool({ connectionString: pgUrl, max: 8, options: `-c search_path=${name}`, ...pool })
  made.on('error', () => {})
  const db = new kysely.Kysely({ dialect: new kysely.PostgresDialect({ pool: made }), ...kyselyOptions })
  const close = once(async () => {
    await db.destroy()
    if (schema === undefined) await admin.query(`drop schema "${name}" cascade`)
    await admin.end()
  })
  return { db, pool: made, admin, schema: name, dialect: 'postgres', pg, close }
}

export async function mysqlDb({ pool = {}, kyselyOptions = {}, session = [], charset = 'utf8mb4' } = {}) {
  const { createPool } = await load('mysql2')
  const name = draw()
  const url = new URL(myUrl)
  const base = {
    host: url.hostname,
    port: Number(url.port || 3306),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  }
  const admin = createPool(base).promise()
  await admin.query(`create database ${name} default charset ${charset}`)
  const made = createPool({ ...base, database: name, connectionLimit: 8, ...pool })
  if (session.length > 0)
    made.on('connection', (c) => {
      for (const text of session) c.query(text)
    })
  const db = new kysely.Kysely({ dialect: new kysely.MysqlDialect({ pool: made }), ...kyselyOptions })
  const close = once(async () => {
    await db.destroy()
    await admin.query(`drop database ${name}`)
    await admin.end()
  })
  return { db, pool: made, admin, database: name, dialect: 'mysql', close }
}

export const key = { id: 'k1', secret: 'thirty-two characters, or some more' }

/** A site on a database: tables made, and a core over them. */
export async function site(place, options = {}, naming = {}) {
  const on = { dialect: place.dialect, ...naming }
  await adapter.migrate(place.db, on)
  const { settings, ...rest } = options
  const make = (more = {}) =>
    usercore.createUserCore({
      repository: adapter.kyselyRepository(more.db ?? place.db, on),
      settings: { retired_identifier_keys: [key], settle_minutes: 0, ...settings, ...more.settings },
      ...rest,
      ...more.options,
    })
  return { ...place, users: make(), make, naming: on }
}

export const { system } = usercore

export async function person(users, username, more = {}, options = { active: true }) {
  return users.accounts.create(
    system,
    { username, email: `${username}@example.com`, name: username, profile: { year_of_birth: 1990 }, ...more },
    options,
  )
}

/** Delivers everything that waits, and answers it. */
export async function outbox(users) {
  const messages = []
  for (;;) {
    const { delivered } = await users.outbox.deliver((message) => void messages.push(message))
    if (delivered === 0) return messages
  }
}
export const keyOf = (messages, name) => messages.findLast((m) => m.kind === 'mail' && m.name === name)?.payload.key

/** Runs a call; answers its error's code and field errors, or the result. */
export async function attempt(call) {
  try {
    return { ok: true, value: await call() }
  } catch (error) {
    return {
      ok: false,
      code: error.code ?? error.name,
      fields: Object.fromEntries(Object.entries(error.field_errors ?? {}).map(([k, v]) => [k, v.code])),
      error,
    }
  }
}

export function clock(start = '2026-03-01T12:00:00Z') {
  let now = Date.parse(start)
  const read = () => new Date(now)
  read.forward = (ms) => {
    now += ms
  }
  return read
}

export const day = 86_400_000

/** Ends the script: one line, and 0 where usercore behaves rightly. */
export async function verdict(right, line) {
  for (const close of closing.reverse()) await close().catch(() => {})
  console.log(`${right ? 'stands' : 'FALLS'}: ${line}`)
  process.exit(right ? 0 : 1)
}
