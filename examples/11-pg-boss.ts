/**
 * Messages go on through pg-boss, a queue in the same PostgreSQL. They are handed over in one transaction: it removes them
 * from the outbox and adds them to the queue, so none is lost and none is doubled, even if the process is killed.
 *
 * Needs a server whose address is in TEST_POSTGRES_URL. The program starts itself again as its own worker, kills that one
 * in the middle of a transaction, and lets another one do the rest.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { Kysely, PostgresDialect, sql } from 'kysely'
import { Pool } from 'pg'
import { fromKysely, PgBoss } from 'pg-boss'
import { createUserCore, system, toCloudEvent } from 'usercore'
import { keptStatements, kyselyRepository, migrate } from 'usercore/kysely'

const url = process.env.TEST_POSTGRES_URL
const [schema = `usercore_example_${process.pid}`, task] = process.argv.slice(2)
const queue = 'user-messages'

if (url === undefined) console.log('No PostgreSQL at hand: set TEST_POSTGRES_URL to its address.')
else if (task === undefined) await main(url)
else await work(url, task)

/** Opens the site and the queue. Both are in schemas of this run. */
function openSite(connectionString: string) {
  const pool = new Pool({ connectionString, options: `-c search_path=${schema}` })
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: keptStatements(pool) }) })
  const users = createUserCore({ repository: kyselyRepository(db, { dialect: 'postgres' }) })
  const boss = new PgBoss({ connectionString, schema: `${schema}_boss`, supervise: false, schedule: false })
  return { db, users, boss }
}

/** Hands some messages over, and returns how many. `before` runs when one of them is in the queue, before the commit. */
async function handOver(
  { db, users, boss }: ReturnType<typeof openSite>,
  before: () => Promise<void>,
): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const { delivered } = await users.with(trx).outbox.deliver(
      async (message) => {
        const event = toCloudEvent(message, { source: 'https://example.com/users' })
        await boss.send(queue, event, { db: fromKysely(trx), singletonKey: message.id })
        await before()
      },
      { limit: 5 },
    )
    return delivered
  })
}

/** The worker: hands all messages over. With the task `hang` it gets stuck in the middle of the second transaction. */
async function work(connectionString: string, task: string): Promise<void> {
  const site = openSite(connectionString)
  await site.boss.start()
  let sent = 0
  const stuck = async () => {
    if (++sent < 8 || task !== 'hang') return
    process.send?.('in the middle')
    await new Promise(() => {
      setInterval(() => {}, 1000)
    })
  }
  while ((await handOver(site, stuck)) > 0);
  await site.boss.stop()
  await site.db.destroy()
  process.disconnect()
}

function startWorker(task: string): ChildProcess {
  return fork(import.meta.filename, [schema, task])
}

async function main(connectionString: string): Promise<void> {
  const { db, users, boss } = openSite(connectionString)
  await sql`create schema ${sql.id(schema)}`.execute(db)
  try {
    await migrate(db, { dialect: 'postgres' })
    await boss.start()
    await boss.createQueue(queue)
    for (const username of ['ada', 'bob', 'cy', 'dan']) {
      await users.accounts.create(system, { username, email: `${username}@example.com`, name: username })
      for (const city of ['London', 'Rome', 'Oslo']) await users.accounts.update(system, username, { city })
    }
    const { waiting: count } = await users.outbox.stats(system)
    console.log(`— ${count} messages of four people wait`)

    const first = startWorker('hang')
    await once(first, 'message')
    first.kill('SIGKILL')
    await once(first, 'exit')
    console.log('— The first worker was killed between sending a message and the commit')

    const second = startWorker('all')
    const [code] = await once(second, 'exit')
    assert.equal(code, 0)
    assert.deepEqual(await users.outbox.stats(system), { waiting: 0, leased: 0, dead: 0, oldest_waiting_at: null })
    console.log('— The second one has handed over the rest: the outbox is empty')

    const jobs = await boss.fetch<{ readonly id: string; readonly type: string; readonly subject: string }>(queue, {
      batchSize: 1000,
    })
    const ids = jobs.map(({ data }) => data.id)
    assert.equal(new Set(ids).size, count)
    assert.equal(ids.length, count)
    console.log(`— The queue has each of the ${ids.length} messages once`)
    console.log(jobs.slice(0, 4).map(({ data }) => `${data.type} of person ${data.subject}`))
    await boss.complete(
      queue,
      jobs.map(({ id }) => id),
    )
  } finally {
    await boss.stop()
    for (const name of [schema, `${schema}_boss`]) await sql`drop schema if exists ${sql.id(name)} cascade`.execute(db)
    await db.destroy()
  }
}
