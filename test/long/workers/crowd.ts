import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import { system, type UserCore } from '../../../src/index.ts'
import { type DialectName, kyselyRepository, migrate } from '../../../src/kysely/index.ts'
import type { Repository } from '../../../src/port/repository.ts'
import { userRow } from '../../../src/testing/rows.ts'
import { connect } from '../../hammer/connect.ts'
import type { Site } from '../../hammer/journal.ts'
import { buildProcess } from './build-process.ts'
import { pipeline, workCore } from './site.ts'
import { violationsOf } from './violations.ts'

/** The size of a run. */
export interface CrowdOptions {
  readonly dialect: DialectName
  readonly urls: readonly string[]
  readonly people: number
  readonly processes: number
  /** Processes that are killed each second. */
  readonly kills: number
}

/** The outcome of a run. */
export interface CrowdReport {
  /** Invariants that were broken, each with the number of people. */
  readonly violations: Readonly<Record<string, number>>
  readonly seconds: number
  readonly kills: number
  /** Calls of steps. */
  readonly calls: number
}

/** Lets many processes retire many people while some of them are killed, and counts the invariants that were broken. */
export async function crowd({ dialect, urls, people, processes, kills }: CrowdOptions): Promise<CrowdReport> {
  const site: Site = { dialect, urls, name: `usercore_crowd_${randomBytes(4).toString('hex')}` }
  const [url = ''] = urls
  const server = connect(site, url, 1, 'server')
  await sql.raw(`create ${dialect === 'mysql' ? 'database' : 'schema'} ${site.name}`).execute(server)
  const db = connect(site, url, 4)
  try {
    const users = await prepare(db, site, people)
    const begun = performance.now()
    const killed = await driveToEnd(users, site, people, { processes, kills })
    const { violations, calls } = await violationsOf(db, site, people)
    return { violations, calls, kills: killed, seconds: Math.round((performance.now() - begun) / 1000) }
  } finally {
    await db.destroy()
    const drop = dialect === 'mysql' ? `drop database ${site.name}` : `drop schema ${site.name} cascade`
    await sql.raw(drop).execute(server)
    await server.destroy()
  }
}

/** The people whose retirement is requested in one unit. */
const batch = 250

/** Makes the site with its people, all of whom have asked to be forgotten. */
async function prepare(db: Kysely<unknown>, site: Site, people: number): Promise<UserCore<unknown>> {
  await migrate(db, { dialect: site.dialect })
  await sql`create table effects (user_id bigint not null, fence integer not null, step varchar(32) not null,
    outcome varchar(32) not null, primary key (user_id, fence))`.execute(db)
  const repository = kyselyRepository(db, { dialect: site.dialect }) as Repository
  const users = workCore(db, site)
  await users.retirement.setPipeline(system, pipeline)
  for (let first = 0; first < people; first += batch) {
    const names = Array.from({ length: Math.min(batch, people - first) }, (_, index) => `user${first + index}`)
    const rows = names.map((name, index) => ({ ...userRow(name), id: 1 + first + index }))
    await repository.commit([{ insert: 'users', rows }])
    const candidates = rows.map(({ username, email }) => ({ username, email }))
    await users.retirement.requestByOperator(system, { users: candidates })
  }
  return users
}

/** Keeps as many processes at work as there are to be, kills some of them each second, and ends when all is done. */
async function driveToEnd(
  users: UserCore<unknown>,
  site: Site,
  people: number,
  { processes, kills }: Pick<CrowdOptions, 'processes' | 'kills'>,
): Promise<number> {
  await using built = await buildProcess()
  const start = () => built.start(site)
  const crowd: ChildProcess[] = Array.from({ length: processes }, start)
  let killed = 0
  while ((await completeOf(users)) < people) {
    for (let count = 0; count < kills; count++) {
      const place = Math.floor(Math.random() * processes)
      crowd[place]?.kill('SIGKILL')
      crowd[place] = start()
      killed += 1
    }
    await sleep(1000)
  }
  const ended = crowd.map((one) => once(one, 'exit'))
  for (const one of crowd) one.send('stop')
  await Promise.all(ended)
  return killed
}

async function completeOf(users: UserCore<unknown>): Promise<number> {
  const { groups } = await users.retirement.stats(system)
  return groups.filter(({ state }) => state === 'COMPLETE').reduce((sum, { count }) => sum + count, 0)
}
