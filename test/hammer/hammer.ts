import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import { type DialectName, kyselyRepository, migrate } from '../../src/kysely/index.ts'
import { system } from '../../src/site/actor.ts'
import { addUser } from '../../src/testing/rows.ts'
import { connect } from './connect.ts'
import { hammerCore, pipeline } from './hammer-core.ts'
import type { Entry, Outcome, Site } from './journal.ts'
import { readStored } from './stored.ts'
import { violationsIn } from './violations.ts'
import type { WorkerOptions } from './worker.ts'

/** How hard to hammer. */
export interface HammerOptions {
  readonly dialect: DialectName
  /** The servers: one, or the nodes of a cluster. */
  readonly urls: readonly string[]
  readonly clients: number
  readonly seconds: number
  /** Connections that are killed each second. */
  readonly kills: number
}

/** What came of it. */
export interface HammerReport {
  /** Promises that were broken, each as a sentence. */
  readonly violations: readonly string[]
  /** How much was done, by what it was and how it came out. */
  readonly counts: Readonly<Record<string, number>>
  readonly kills: number
}

/** Fewest processes, and clients for which there is one more. */
const processes = { fewest: 2, clients: 16 }
const connections = 4
const leaseSeconds = 1
const retirements = 24

/**
 * Lets many clients, in several processes, change one account and take from one queue while their connections are
 * killed, and tells which promises were broken.
 */
export async function hammer({ dialect, urls, clients, seconds, kills }: HammerOptions): Promise<HammerReport> {
  const site: Site = { dialect, urls, name: `usercore_hammer_${randomBytes(4).toString('hex')}` }
  const servers = urls.map((url) => connect(site, url, 1, 'server'))
  const [server] = servers
  if (server === undefined) throw new TypeError('a hammer needs a server')
  const journal: Entry[] = []
  const note = (entry: Entry) => void journal.push(entry)
  await prepare(site, server, clients)
  try {
    const count = Math.max(processes.fewest, Math.ceil(clients / processes.clients))
    const workers = Array.from({ length: count }, (_, worker) => {
      const own = Array.from({ length: clients }, (_, client) => client).filter((client) => client % count === worker)
      return startWorker({ site, clients, own, connections, leaseSeconds }, note)
    })
    const all = async (stage: 'ready' | 'quiet' | 'ended') => {
      await Promise.all(workers.map((worker) => worker[stage]))
    }
    const next = () => {
      for (const worker of workers) worker.next()
    }
    await all('ready')
    next()
    const until = Date.now() + seconds * 1000
    const killed = await Promise.all(servers.map((db) => killUntil(until, db, site, kills / servers.length)))
    next()
    await all('quiet')
    const stored = await readStored(site, clients, leaseSeconds, note)
    next()
    await all('ended')
    return {
      violations: violationsIn(journal, stored),
      counts: countOf(journal),
      kills: killed.reduce((sum, count) => sum + count, 0),
    }
  } finally {
    const drop =
      dialect === 'mysql' ? sql`drop database ${sql.id(site.name)}` : sql`drop schema ${sql.id(site.name)} cascade`
    await drop.execute(server)
    for (const db of servers) await db.destroy()
  }
}

/** Makes the tables, the account and the retirements. */
async function prepare(site: Site, server: Kysely<unknown>, clients: number): Promise<void> {
  const create =
    site.dialect === 'mysql' ? sql`create database ${sql.id(site.name)}` : sql`create schema ${sql.id(site.name)}`
  await create.execute(server)
  const db = connect(site, site.urls[0] ?? '', 4)
  await migrate(db, { dialect: site.dialect })
  const repository = kyselyRepository(db, { dialect: site.dialect })
  const users = hammerCore(repository, clients)
  await users.retirement.setPipeline(system, pipeline)
  await addUser(repository, 'ada', { year_of_birth: 1990 })
  for (let number = 0; number < retirements; number++) {
    await addUser(repository, `gone${number}`)
    await users.retirement.request(system, `gone${number}`)
  }
  await db.destroy()
}

/** A process with clients, which goes on to its next stage when it is told to. */
interface Worker {
  readonly ready: Promise<void>
  readonly quiet: Promise<void>
  readonly ended: Promise<void>
  next(): void
}

function startWorker(options: WorkerOptions, note: (entry: Entry) => void): Worker {
  const child = fork(join(import.meta.dirname, 'worker.ts'), [JSON.stringify(options)])
  const ended = once(child, 'exit').then(([code]) => {
    if (code !== 0) note({ what: 'error', doing: 'a process', error: `ended with ${code}` })
  })
  const toldThat = (stage: string) =>
    new Promise<void>((resolve) => {
      child.on('message', (told: Entry | 'ready') => {
        if (told === stage || (typeof told === 'object' && told.what === stage)) resolve()
      })
      // One that ends too early is noted, and does not hold up the others.
      void ended.then(resolve)
    })
  child.on('message', (told: Entry | 'ready') => {
    if (told !== 'ready') note(told)
  })
  return {
    ready: toldThat('ready'),
    quiet: toldThat('quiet'),
    ended,
    next: () => child.connected && child.send('next'),
  }
}

/** Kills connections at random, so many each second. Answers how many. */
async function killUntil(until: number, server: Kysely<unknown>, site: Site, perSecond: number): Promise<number> {
  let killed = 0
  while (Date.now() < until) {
    await sleep(Math.min(((Math.random() * 2) / perSecond) * 1000, until - Date.now()))
    killed += await killOne(server, site)
  }
  return killed
}

async function killOne(server: Kysely<unknown>, { dialect, name }: Site): Promise<number> {
  if (dialect !== 'mysql') {
    const { rows } = await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = ${name} order by random() limit 1`.execute(server)
    return rows.length
  }
  const { rows } = await sql<{ id: number }>`select id from information_schema.processlist
    where db = ${name} order by rand() limit 1`.execute(server)
  const [victim] = rows
  if (victim === undefined) return 0
  // It may be gone by now.
  await sql`kill connection ${sql.lit(victim.id)}`.execute(server).catch(() => {})
  return 1
}

function countOf(journal: readonly Entry[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const entry of journal) {
    const outcome: Outcome | undefined = 'outcome' in entry ? entry.outcome : undefined
    const key = outcome === undefined ? entry.what : `${entry.what} ${outcome}`
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}
