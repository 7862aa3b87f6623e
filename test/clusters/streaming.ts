/**
 * What holds on a PostgreSQL primary and the standby that streams from it, and what does not. Started by streaming.sh;
 * ends with 1 when something is not as the README says.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely, PostgresDialect, sql } from 'kysely'
import { Pool } from 'pg'
import { createUserCore } from '../../src/create-user-core.ts'
import { checkSchema, kyselyRepository, migrate } from '../../src/kysely/index.ts'
import { addUser, outboxRow } from '../../src/testing/rows.ts'
import { isUserCoreError } from '../../src/values/errors.ts'
import { report } from './report.ts'

const dialect = 'postgres'
const [primaryUrl = '', standbyUrl = ''] = (process.env.CLUSTER_URLS ?? '').split(',')
const ada = { username: 'ada' }
const { fact, end } = report('PostgreSQL, a primary and a streaming standby')

/** A server, as a host works on it, with settings of its sessions. */
function open(connectionString: string, settings = '') {
  const pool = new Pool({ connectionString, max: 4, options: settings })
  // Servers are killed here.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  const repository = kyselyRepository(db, { dialect, readAfterWrite: true })
  return { db, repository, users: createUserCore({ repository }) }
}
type Server = ReturnType<typeof open>

const primary = open(primaryUrl)
const careful = open(primaryUrl, '-c synchronous_commit=remote_apply')
const standby = open(standbyUrl)
const rounds = 200

await migrate(careful.db, { dialect })
await addUser(careful.repository, 'ada', { year_of_birth: 1990 })
await roles()
await reads()
await failover()
for (const { db } of [primary, careful, standby]) await db.destroy()
process.exitCode = end() ? 0 : 1

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'no error'
  } catch (error) {
    return isUserCoreError(error)
      ? [error.code, ...('driver_code' in error.params ? [error.params.driver_code] : [])].join(' ')
      : String(error)
  }
}

async function roles() {
  const differences = await checkSchema(standby.db, { dialect })
  const account = await standby.users.accounts.get(ada, 'ada')
  fact(
    'holds',
    'a standby serves reads, and checkSchema',
    account?.username === 'ada' && differences.length === 0,
    `${differences.length} differences to the schema`,
  )
  const codes = [
    await codeOf(standby.users.accounts.update(ada, 'ada', { bio: 'no' })),
    await codeOf(standby.users.outbox.deliver(() => {})),
  ]
  fact(
    'holds',
    'a standby refuses what writes, deliveries included, with an error that says so',
    codes.every((code) => code.endsWith(' 25006')),
    codes.join(', '),
  )
}

/** How many reads on the standby do not see what was just written. */
async function staleAfter(writer: Server): Promise<number> {
  let stale = 0
  for (let round = 0; round < rounds; round++) {
    const { version } = await writer.users.accounts.update(ada, 'ada', { city: `${round} ${Math.random()}` })
    if ((await standby.users.accounts.getVersioned(ada, ada)).version !== version) stale++
  }
  return stale
}

async function reads() {
  const began = Date.now()
  const plain = await staleAfter(primary)
  const between = Date.now()
  const applied = await staleAfter(careful)
  const [plainTook, appliedTook] = [between - began, Date.now() - between].map((took) => (took / rounds).toFixed(1))
  fact(
    'holds',
    'with synchronous_commit = remote_apply, the standby shows what was written',
    applied === 0,
    `${applied} of ${rounds} reads were stale, ${plain} without it; a write and a read took ${appliedTook} ms, ${plainTook} without it`,
  )

  await sql`select pg_wal_replay_pause()`.execute(standby.db)
  const { version } = await primary.users.accounts.update(ada, 'ada', { city: 'while the standby is behind' })
  const seen = await standby.users.accounts.getVersioned(ada, ada)
  const waiting = careful.users.accounts.update(ada, 'ada', { city: 'waits for the standby' })
  const first = await Promise.race([waiting.then(() => 'answered'), sleep(500, 'waiting')])
  await sql`select pg_wal_replay_resume()`.execute(standby.db)
  const last = await waiting
  const shown = await standby.users.accounts.getVersioned(ada, ada)
  fact(
    'does not hold',
    'otherwise it does too; readAfterWrite makes no difference here',
    seen.version === version,
    `version ${seen.version} read after ${version} was written`,
  )
  fact(
    'holds',
    'with remote_apply, a write waits for a standby that is behind',
    first === 'waiting' && shown.version === last.version,
    `${first} after 500 ms; then version ${shown.version} on both`,
  )
}

/** The primary dies, and the standby takes its place. */
async function failover() {
  await careful.repository.commit([{ insert: 'outbox', rows: [outboxRow('m1', 1), outboxRow('m2', 1)] }])
  const [now, later] = [new Date(), new Date(Date.now() + 60_000)].map((date) =>
    date.toISOString().replace('Z', '000Z'),
  )
  const lease = { now: now ?? '', leased_until: later ?? '', lease: 'before', limit: 1 }
  const leased = await careful.repository.leaseOutbox(lease)
  const { version: applied } = await careful.users.accounts.update(ada, 'ada', { bio: 'applied' })

  // Nothing more reaches the standby.
  const { rows: senders } = await sql<{ pid: number }>`select pid from pg_stat_replication`.execute(primary.db)
  for (const { pid } of senders) process.kill(pid, 'SIGSTOP')
  const { version: answered } = await primary.users.accounts.update(ada, 'ada', { bio: 'answered' })
  const unanswered = codeOf(careful.users.accounts.update(ada, 'ada', { bio: 'waits' }))
  await sleep(200)
  const { rows } = await sql<{ file: string }>`select pg_read_file('postmaster.pid') as file`.execute(primary.db)
  process.kill(Number(rows[0]?.file.split('\n')[0]), 'SIGKILL')
  for (const { pid } of senders) process.kill(pid, 'SIGKILL')
  const code = await unanswered
  await sql`select pg_promote()`.execute(standby.db)

  const { version } = await standby.users.accounts.getVersioned(ada, ada)
  fact(
    'holds',
    'what was answered under remote_apply is there when the standby takes over',
    version >= applied,
    `version ${version} after ${applied} was answered; a write that waited ended with ${code}`,
  )
  fact(
    'does not hold',
    'what was answered without it is there too',
    version >= answered,
    `version ${answered} was answered`,
  )
  const outcome = await codeOf(
    standby.users.accounts.update(ada, 'ada', { bio: 'next' }, { expectedVersion: answered }),
  )
  fact('holds', 'who builds on a version that is gone gets a conflict', outcome === 'conflict', outcome)
  const others = await standby.repository.leaseOutbox({ ...lease, lease: 'after', limit: 100 })
  fact(
    'holds',
    'leases go on, and so do writes, when the standby takes over',
    leased.length === 1 &&
      others.every(({ id }) => id !== leased[0]?.id) &&
      (await codeOf(standby.users.accounts.update(ada, 'ada', { bio: 'next' }))) === 'no error',
    `${leased.length} message leased before, ${others.length} others after`,
  )
}
