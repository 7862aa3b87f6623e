/**
 * Retirements that pg-boss drives: a job is one piece of work for one person, which sends the next one. The first job is sent
 * in the transaction of the request, so that there is neither without the other.
 *
 * Needs a server whose address is in TEST_POSTGRES_URL. The program starts itself again as its own worker, kills that one in
 * the middle of a step, and lets another one do the rest.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely, PostgresDialect, sql } from 'kysely'
import { Pool } from 'pg'
import { fromKysely, type JobAttempt, PgBoss, type SendOptions } from 'pg-boss'
import { createUserCore, definePipeline, isUserCoreError, type StepRun, system, type UserId } from 'usercore'
import { keptStatements, kyselyRepository, migrate } from 'usercore/kysely'

const url = process.env.TEST_POSTGRES_URL
const [schema = `usercore_example_${process.pid}`, task] = process.argv.slice(2)
const queue = 'retirement'
/** The lease ends before the job of a worker that is gone is given out again; a step of yours takes longer than here. */
const leaseSeconds = 2
const expireInSeconds = 3

interface Tables {
  readonly posts: { readonly id: number; readonly author_id: UserId }
  readonly step_calls: {
    readonly user_id: UserId
    readonly step: string
    readonly attempt: number
    readonly fence: number
  }
}
interface Piece {
  readonly user_id: UserId
}

if (url === undefined) console.log('No PostgreSQL at hand: set TEST_POSTGRES_URL to its address.')
else if (task === undefined) await main(url)
else await work(url)

/** Opens the site and the queue. Both are in schemas of this run. */
function openSite(connectionString: string) {
  const pool = new Pool({ connectionString, options: `-c search_path=${schema}` })
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: keptStatements(pool) }) })
  const noteCall = (step: string, { user_id, attempt, fence }: Parameters<StepRun>[0]) =>
    db.insertInto('step_calls').values({ user_id, step, attempt, fence }).execute()

  /** Deletes the posts of a person, two in each piece. With the task `hang` it gets stuck in the second piece. */
  const forums: StepRun = async (piece) => {
    await noteCall('forums', piece)
    const some = db.selectFrom('posts').select('id').where('author_id', '=', piece.user_id).orderBy('id').limit(2)
    const deleted = await db.deleteFrom('posts').where('id', 'in', some).returning('id').execute()
    if (task === 'hang' && piece.cursor !== null) {
      process.send?.({ user_id: piece.user_id, fence: piece.fence })
      await sleep(60_000)
    }
    const counts = { removed: deleted.length }
    const last = deleted.at(-1)
    return last === undefined ? { outcome: 'done', counts } : { outcome: 'more', cursor: last.id, counts }
  }
  /** Fails once for each person. */
  const crm: StepRun = async (piece) => {
    await noteCall('crm', piece)
    return piece.attempt === 1 ? { outcome: 'retry', code: 'crm_down', after_seconds: 1 } : { outcome: 'done' }
  }

  const users = createUserCore({
    repository: kyselyRepository(db, { dialect: 'postgres' }),
    steps: { forums, crm },
    settings: {
      retired_identifier_keys: [{ id: 'k1', secret: 'a secret of the site, of 32 characters or more' }],
      // No request of another process is under way here: a site waits, ten minutes by default.
      settle_minutes: 0,
      cool_off_days: 0, // a program that is over in seconds cannot wait for two weeks
      outbox_patience_hours: 0, // it delivers no messages either
    },
  })
  const boss = new PgBoss({
    connectionString,
    schema: `${schema}_boss`,
    schedule: false,
    // Looks for jobs whose worker is gone. The default is every minute.
    superviseIntervalSeconds: 1,
    monitorIntervalSeconds: 1,
  })
  return { db, users, boss }
}

type Site = ReturnType<typeof openSite>

/** Sends the next piece for a person; returns null where one waits already, which does the same. */
function sendPiece({ boss }: Site, user_id: UserId, options: SendOptions = {}) {
  return boss.send(queue, { user_id }, { ...options, singletonKey: String(user_id) })
}

/** Begins a retirement together with its first job, both or none. `after` runs before the commit. */
async function request(site: Site, user_id: UserId, after = async () => {}): Promise<void> {
  await site.db.transaction().execute(async (trx) => {
    await site.users.with(trx).retirement.request(system, { id: user_id })
    await sendPiece(site, user_id, { db: fromKysely(trx) })
    await after()
  })
}

/** Does one piece of work, and sends the next one: none is left to send for a person who is at the end or was stopped. */
async function handle(site: Site, { user_id }: Piece): Promise<void> {
  const advance = await site.users.retirement.advance(system, { id: user_id }, { leaseSeconds })
  if (advance.status === 'progress') await sendPiece(site, user_id)
  if (advance.status === 'waiting') await sendPiece(site, user_id, { startAfter: new Date(advance.until) })
  if (advance.status === 'busy') {
    await sendPiece(site, user_id, { startAfter: new Date(Date.now() + leaseSeconds * 1000) })
  }
}

/**
 * Ends a job behind the piece that it sent. It names the attempt: by a bare id, a worker that was paused would complete the
 * job of the one that took its place.
 */
async function handleJob(site: Site, { id, retryCount, data }: JobAttempt & { readonly data: Piece }): Promise<void> {
  const attempt = { id, retryCount }
  try {
    await handle(site, data)
    await site.boss.complete(queue, attempt)
  } catch (error) {
    // The queue stores what it is told of an error: the code, since a text can name the person.
    await site.boss.fail(queue, attempt, { code: isUserCoreError(error) ? error.code : 'error' })
  }
}

/** The worker: does piece after piece until no person is left. */
async function work(connectionString: string): Promise<void> {
  const site = openSite(connectionString)
  await site.boss.start()
  const isOver = async () => {
    const { groups } = await site.users.retirement.stats(system)
    return groups.every(({ state, stopped }) => state === 'COMPLETE' || stopped !== null)
  }
  for (;;) {
    const [job] = await site.boss.fetch<Piece>(queue)
    if (job !== undefined) await handleJob(site, job)
    else if (await isOver()) break
    else await sleep(100)
  }
  await site.boss.stop()
  await site.db.destroy()
  process.disconnect()
}

function startWorker(task: string): ChildProcess {
  return fork(import.meta.filename, [schema, task])
}

/** Makes the site: two people with posts in its forums, and the pipeline of their retirements. */
async function fillSite({ db, users, boss }: Site): Promise<{ ada: UserId; bob: UserId }> {
  await migrate(db, { dialect: 'postgres' })
  await sql`create table posts (id serial primary key, author_id bigint not null)`.execute(db)
  await sql`create table step_calls (user_id bigint, step text, attempt integer, fence integer)`.execute(db)
  await users.retirement.setPipeline(
    system,
    definePipeline([
      { step: 'forums', working: 'RETIRING_FORUMS', done: 'FORUMS_COMPLETE' },
      { step: 'crm', working: 'RETIRING_CRM', done: 'CRM_COMPLETE' },
      { step: 'misc', working: 'RETIRING_MISC', done: 'MISC_COMPLETE', action: 'misc' },
      { step: 'account', working: 'RETIRING_ACCOUNT', done: 'ACCOUNT_COMPLETE', action: 'account' },
    ]),
  )
  await boss.start()
  // `stately`: of one person a job runs and another one waits, at most. Attempts at a step are counted by the library,
  // so the queue gives none up.
  await boss.createQueue(queue, { policy: 'stately', expireInSeconds, retryLimit: 1_000_000, retryDelay: 1 })
  const add = async (username: string) => {
    const { id } = await users.accounts.create(system, { username, email: `${username}@example.com`, name: username })
    await sql`insert into posts (author_id) select ${id} from generate_series(1, 5)`.execute(db)
    return id
  }
  return { ada: await add('ada'), bob: await add('bob') }
}

async function main(connectionString: string): Promise<void> {
  const site = openSite(connectionString)
  const { db, users, boss } = site
  await sql`create schema ${sql.id(schema)}`.execute(db)
  const workers: ChildProcess[] = []
  try {
    const { ada, bob } = await fillSite(site)

    const broken = request(site, ada, () => Promise.reject(new Error('the host changes its mind')))
    await assert.rejects(broken, /changes its mind/)
    await assert.rejects(users.retirement.get(system, { id: ada }), { code: 'not_found' })
    assert.deepEqual(await boss.fetch(queue), [])
    console.log('— A transaction that was rolled back left neither a retirement nor a job')

    for (const id of [ada, bob]) await request(site, id)
    assert.equal(await sendPiece(site, ada), null)
    console.log('— Two retirements, with a job each; another one for the same person is refused while it waits')

    const first = startWorker('hang')
    workers.push(first)
    const [killed] = await once(first, 'message')
    first.kill('SIGKILL')
    await once(first, 'exit')
    console.log(`— The first worker was killed in the middle of a step, with the fence ${killed.fence}`)

    const second = startWorker('all')
    workers.push(second)
    const [code] = await once(second, 'exit')
    assert.equal(code, 0)
    for (const id of [ada, bob]) {
      const { current_state } = await users.retirement.get(system, { id })
      assert.equal(current_state.state_name, 'COMPLETE')
    }
    assert.deepEqual(await db.selectFrom('posts').selectAll().execute(), [])
    console.log('— The second one has done the rest: both retirements are COMPLETE')

    const calls = await db.selectFrom('step_calls').selectAll().orderBy('user_id').orderBy('fence').execute()
    console.table(calls)
    assert.equal(new Set(calls.map((call) => `${call.user_id} ${call.fence}`)).size, calls.length)
    const next = calls.find(({ user_id, fence }) => user_id === String(killed.user_id) && fence === killed.fence + 1)
    assert.deepEqual([next?.step, next?.attempt], ['forums', 2])
    assert.deepEqual(
      calls.filter(({ step }) => step === 'crm').map(({ attempt }) => attempt),
      [1, 2, 1, 2],
    )
    console.log('— Each attempt had a fence of its own, and the one that the kill broke off was counted')

    assert.deepEqual(await boss.fetch(queue, { ignoreStartAfter: true }), [])
    await users.retirement.cleanUp(system, [{ id: ada }, { id: bob }])
    console.log('— No job is left')
  } finally {
    for (const worker of workers) worker.kill('SIGKILL')
    await boss.stop()
    for (const name of [schema, `${schema}_boss`]) await sql`drop schema if exists ${sql.id(name)} cascade`.execute(db)
    await db.destroy()
  }
}
