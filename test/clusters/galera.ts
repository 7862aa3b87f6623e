/**
 * What holds across the nodes of a Galera cluster, and what does not. Started by galera.sh; ends with 1 when something
 * is not as the README says.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely, MysqlDialect, sql } from 'kysely'
import { createPool } from 'mysql2'
import { addUser } from '../../src/testing/rows.ts'
import { hammer } from '../hammer/hammer.ts'
import {
  ada,
  type Cluster,
  codeOf,
  dialect,
  migrations,
  names,
  openNode,
  queues,
  times,
  versions,
} from './multi-primary.ts'
import { report } from './report.ts'

const urls = (process.env.CLUSTER_URLS ?? '').split(',')
const { fact, end } = report('Galera, two nodes')
const codesAtCommit = ['1213']
const lost = { statement: 0, commit: 0 }

const server = new Kysely<unknown>({ dialect: new MysqlDialect({ pool: createPool(urls[0] ?? '') }) })
await sql`create database usercore`.execute(server)
await server.destroy()
const open = (uri: string | undefined) => openNode(uri ?? '', lost, codesAtCommit)
const [one, two] = [open(urls[0]), open(urls[1])]
const nodes = [one, two]
const cluster: Cluster = {
  nodes,
  codesAtCommit,
  lost,
  fact,
  settle: () => Promise.all(nodes.map(({ db }) => sql`set statement wsrep_sync_wait = 1 for select 1`.execute(db))),
}

await migrations(cluster)
await addUser(one.repository, 'ada', { year_of_birth: 1990 })
await cluster.settle()
await versions(cluster)
await names(cluster)
await queues(cluster)
await reads()
await hammered()
await lostNode()
await Promise.all(nodes.map(({ close }) => close()))
process.exitCode = end() ? 0 : 1

async function reads() {
  const rounds = 200
  const staleOf = async (reader: typeof one.users) => {
    let stale = 0
    for (const round of times(rounds)) {
      const { version } = await one.users.accounts.update(ada, 'ada', { city: `${round} ${Math.random()}` })
      if ((await reader.accounts.getVersioned(ada, ada)).version !== version) stale++
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
    const plain = await two.users.accounts.getVersioned(ada, ada)
    const began = Date.now()
    const careful = two.careful.accounts.getVersioned(ada, ada)
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
    const seen = await two.db.transaction().execute((trx) => two.careful.with(trx).accounts.getVersioned(ada, ada))
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
  const fields = await one.fields()
  const missing = answered.filter((field) => !(field in fields))
  fact(
    'holds',
    'nothing that was answered goes with a node',
    answered.length > 0 && missing.length === 0,
    `${answered.length} answers, ${missing.length} lost, when the first node was told to go on alone`,
  )
}
