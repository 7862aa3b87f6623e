/**
 * What holds across the nodes of a Galera cluster, and what does not. Started by galera.sh; ends with 1 when something
 * is not as the README says.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely, type LogEvent, MysqlDialect, sql } from 'kysely'
import { createPool } from 'mysql2'
import { system } from '../../src/actor.ts'
import { createUserCore } from '../../src/create-user-core.ts'
import { isUserCoreError } from '../../src/errors.ts'
import { parseDocument } from '../../src/extended-profile/document.ts'
import { checkSchema, kyselyRepository, migrate } from '../../src/kysely/index.ts'
import { addUser, outboxRow } from '../../src/testing/rows.ts'
import { hammer } from '../hammer/hammer.ts'
import { driver, pipeline } from '../hammer/hammer-core.ts'
import { report } from './report.ts'

const dialect = 'mysql'
const urls = (process.env.CLUSTER_URLS ?? '').split(',')
const ada = { username: 'ada' }
const settings = {
  minimum_cool_off_days: 0,
  retired_identifier_keys: [{ id: 'k1', secret: 'a secret that only this program knows of' }],
}
const { fact, end } = report('Galera, two nodes')

/** How often the database said that somebody else was faster: in a statement, and at a COMMIT. */
const lost = { statement: 0, commit: 0 }
function count(event: LogEvent): void {
  const error = event.level === 'error' ? event.error : undefined
  if (!(error instanceof Error) || !('errno' in error) || error.errno !== 1213) return
  lost[event.query.sql === 'commit' ? 'commit' : 'statement']++
}

/** One node, as a host works on it. */
function open(uri: string) {
  const pool = createPool({ uri, database: 'usercore', connectionLimit: 12 })
  const db = new Kysely<unknown>({ dialect: new MysqlDialect({ pool }), log: count })
  const repository = kyselyRepository(db, { dialect })
  const careful = kyselyRepository(db, { dialect, readAfterWrite: true })
  const core = (of: typeof repository) => createUserCore({ repository: of, settings })
  return { db, repository, users: core(repository), careful: core(careful) }
}

const server = new Kysely<unknown>({ dialect: new MysqlDialect({ pool: createPool(urls[0] ?? '') }) })
await sql`create database usercore`.execute(server)
await server.destroy()
const [one, two] = [open(urls[0] ?? ''), open(urls[1] ?? '')]
const nodes = [one, two]
const nodeOf = (index: number) => (index % 2 === 0 ? one : two)
const times = (count: number) => Array.from({ length: count }, (_, index) => index)
const stored = (outcomes: readonly PromiseSettledResult<unknown>[]) =>
  outcomes.filter(({ status }) => status === 'fulfilled').length
const codes = (outcomes: readonly PromiseSettledResult<unknown>[]) =>
  outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [codeOf(outcome.reason)] : []))
function codeOf(error: unknown): string {
  return isUserCoreError(error) ? [error.code, error.params.driver_code].filter(Boolean).join(' ') : String(error)
}
/** The extended profile of ada, as a node has it once it has applied everything. */
async function fieldsOn({ db }: typeof one): Promise<object> {
  const repository = kyselyRepository(db, { dialect, readAfterWrite: true })
  const [row] = await repository.select('extended_profiles', { owner: 'user' })
  return parseDocument(row?.document ?? '') ?? {}
}
/** Waits until a node has applied all that the cluster has committed. */
const settle = () => Promise.all(nodes.map(({ db }) => sql`set statement wsrep_sync_wait = 1 for select 1`.execute(db)))

await migrations()
await addUser(one.repository, 'ada', { year_of_birth: 1990 })
await settle()
await versions()
await names()
await queues()
await reads()
await hammered()
await lostNode()
await Promise.all(nodes.map(({ db }) => db.destroy()))
process.exitCode = end() ? 0 : 1

async function migrations() {
  const taken: string[] = []
  let differences = 0
  for (const prefix of ['a_', 'b_', 'c_', 'd_', 'usercore_']) {
    const steps = await Promise.all([...nodes, ...nodes].map(({ db }) => migrate(db, { dialect, prefix })))
    taken.push(steps.map(({ length }) => length).join('+'))
    await settle()
    for (const { db } of nodes) differences += (await checkSchema(db, { dialect, prefix })).length
  }
  fact(
    'holds',
    'migrate on both nodes at once',
    differences === 0,
    `two callers on each node, five times, took ${taken.join(', ')} steps; ${differences} differences to the schema`,
  )
}

async function versions() {
  const before = { ...lost }
  const writes = await Promise.allSettled(
    times(60).map((index) =>
      nodeOf(index).users.accounts.update(ada, 'ada', { extended_profile: { [`f${index}`]: index } }),
    ),
  )
  const { version } = await one.careful.accounts.getVersioned(ada)
  const kept = Object.keys(await fieldsOn(two)).length
  fact(
    'holds',
    'parallel updates of one account, from both nodes, are all kept',
    stored(writes) === 60 && kept === 60 && version === 61,
    `${kept} of 60 are there, at version ${version}; errno 1213 came ${lost.statement - before.statement} times in a statement, ${lost.commit - before.commit} times at COMMIT`,
  )

  let wrong = 0
  let conflicts = 0
  for (const round of times(30)) {
    const { version } = await one.careful.accounts.getVersioned(ada)
    const outcomes = await Promise.allSettled(
      nodes.map(({ careful }, node) =>
        careful.accounts.update(ada, 'ada', { bio: `${round} ${node}` }, { expectedVersion: version }),
      ),
    )
    if (stored(outcomes) !== 1) wrong++
    conflicts += codes(outcomes).filter((code) => code === 'conflict').length
  }
  fact(
    'holds',
    'of two updates of one version exactly one wins',
    wrong === 0 && conflicts === 30,
    `30 rounds, ${conflicts} conflicts, ${wrong} without a winner or with two`,
  )

  let atCommit = ''
  await one.db
    .transaction()
    .execute(async (trx) => {
      await one.users.with(trx).accounts.update(ada, 'ada', { goals: 'of the transaction' })
      await two.careful.accounts.update(ada, 'ada', { goals: 'of the other node' })
      await sleep(200)
    })
    .catch((error) => {
      atCommit = String(error.errno)
    })
  const { account } = await one.careful.accounts.getVersioned(ada)
  fact(
    'holds',
    'a transaction of the host that lost is rolled back whole, and told',
    atCommit === '1213' && account.goals === 'of the other node',
    `its COMMIT failed with errno ${atCommit}`,
  )
}

async function names() {
  let wrong = 0
  for (const round of times(20)) {
    const outcomes = await Promise.allSettled(
      nodes.map(({ users }) =>
        users.accounts.create(system, {
          username: `same${round}`,
          email: `same${round}@example.com`,
          name: 'Same',
          profile: { year_of_birth: 1990 },
        }),
      ),
    )
    if (stored(outcomes) !== 1) wrong++
  }
  fact(
    'holds',
    'of two accounts with one name, made at once on two nodes, one is',
    wrong === 0,
    `20 rounds, ${wrong} wrong`,
  )
}

async function queues() {
  await one.repository.commit([{ delete: 'outbox', where: {} }])
  const ids = times(400).map((index) => `m${String(index).padStart(4, '0')}`)
  await one.repository.commit([{ insert: 'outbox', rows: ids.map((id) => outboxRow(id, 1)) }])
  await settle()
  const before = { ...lost }
  const seen: string[] = []
  await Promise.all(
    times(16).map(async (index) => {
      while ((await nodeOf(index).users.outbox.deliver(({ id }) => void seen.push(id), { limit: 7 })).delivered > 0);
    }),
  )
  const left = await two.repository.select('outbox', {})
  fact(
    'holds',
    'each message is handed to one deliverer, whatever the node',
    left.length === 0 && seen.length === 400 && new Set(seen).size === 400,
    `400 messages handed out ${seen.length} times by 16 deliverers; errno 1213 came ${lost.statement - before.statement} times`,
  )

  await one.users.retirement.populateStates(system, pipeline)
  for (const index of times(40)) {
    await addUser(one.repository, `gone${index}`)
    await one.users.retirement.request(system, `gone${index}`)
  }
  await settle()
  const claimed: string[] = []
  await Promise.all(
    times(8).map(async (index) => {
      for (let none = 0; none < 2; ) {
        const got = await nodeOf(index).users.retirement.claim(driver, { limit: 3 })
        claimed.push(...got.map(({ retirement }) => retirement.original_username))
        if (got.length === 0) none++
      }
    }),
  )
  fact(
    'holds',
    'each retirement is claimed by one worker, whatever the node',
    claimed.length === 40 && new Set(claimed).size === 40,
    `40 retirements claimed ${claimed.length} times by 8 workers`,
  )
}

async function reads() {
  const rounds = 200
  const staleOf = async (reader: typeof one.users) => {
    let stale = 0
    for (const round of times(rounds)) {
      const { version } = await one.users.accounts.update(ada, 'ada', { city: `${round} ${Math.random()}` })
      if ((await reader.accounts.getVersioned(ada)).version !== version) stale++
    }
    return stale
  }
  const seen = [await staleOf(two.users), await staleOf(two.careful)]
  fact(
    'holds',
    'with readAfterWrite, reads on one node see what was written on the other',
    seen[1] === 0,
    `${seen[1]} of ${rounds} reads were stale, ${seen[0]} without it`,
  )

  // A node that has fallen behind: it applies nothing while its tables are locked.
  const waited = await two.db.connection().execute(async (locked) => {
    await sql`flush tables with read lock`.execute(locked)
    const { version } = await one.users.accounts.update(ada, 'ada', { city: 'while the other was behind' })
    const plain = await two.users.accounts.getVersioned(ada)
    const began = Date.now()
    const careful = two.careful.accounts.getVersioned(ada)
    await sleep(500)
    await sql`unlock tables`.execute(locked)
    return { version, plain: plain.version, careful: (await careful).version, took: Date.now() - began }
  })
  fact(
    'does not hold',
    'without readAfterWrite, they do too',
    waited.plain === waited.version,
    `version ${waited.plain} read after ${waited.version} was written`,
  )
  fact(
    'holds',
    'with readAfterWrite, a read waits for a node that is behind',
    waited.careful === waited.version && waited.took >= 400,
    `version ${waited.careful} after ${waited.took} ms`,
  )

  const inTransaction = await two.db.connection().execute(async (locked) => {
    await sql`flush tables with read lock`.execute(locked)
    const { version } = await one.users.accounts.update(ada, 'ada', { city: 'while a transaction reads' })
    const seen = await two.db.transaction().execute((trx) => two.careful.with(trx).accounts.getVersioned(ada))
    await sql`unlock tables`.execute(locked)
    return { version, seen: seen.version }
  })
  fact(
    'does not hold',
    'readAfterWrite counts inside a transaction of the host',
    inTransaction.seen === inTransaction.version,
    `version ${inTransaction.seen} read after ${inTransaction.version} was written`,
  )
}

async function hammered() {
  const { violations, counts, kills } = await hammer({ dialect, urls, clients: 16, seconds: 15, kills: 5 })
  for (const violation of violations) process.stdout.write(`${violation}\n`)
  fact(
    'holds',
    'the hammer on both nodes, connections killed, breaks no promise',
    violations.length === 0,
    `${counts['update stored']} updates, ${counts.claim} claims, ${counts.message} messages, ${kills} connections killed`,
  )
}

/** The second node dies without a word: the first cannot know that it is not the one that was cut off. */
async function lostNode() {
  const { rows } = await sql<{ file: string }>`select @@pid_file as file`.execute(two.db)
  const answered: string[] = []
  const writeUntilItEnds = async ({ users }: typeof one, node: number) => {
    const until = Date.now() + 30_000
    for (let count = 0; Date.now() < until; count++) {
      const field = `last_${node}_${count}`
      try {
        await users.accounts.update(ada, 'ada', { extended_profile: { [field]: count } })
        answered.push(field)
      } catch (error) {
        return codeOf(error)
      }
      await sleep(20)
    }
    return 'no error'
  }
  const writers = nodes.map(writeUntilItEnds)
  await sleep(1000)
  process.kill(Number(readFileSync(rows[0]?.file ?? '', 'utf8')), 'SIGKILL')
  const ends = await Promise.all(writers)
  fact(
    'does not hold',
    'one of two nodes goes on when the other dies',
    ends[0] === 'no error',
    `its writes end with ${ends[0]}, those of the dead one with ${ends[1]}`,
  )

  await sql`set global wsrep_provider_options = 'pc.bootstrap = yes'`.execute(one.db)
  await sleep(1000)
  const fields = await fieldsOn(one)
  const missing = answered.filter((field) => !(field in fields))
  fact(
    'holds',
    'nothing that was answered goes with a node',
    answered.length > 0 && missing.length === 0,
    `${answered.length} answers, ${missing.length} lost, when the first node was told to go on alone`,
  )
}
