/** What holds across nodes that are all written to, whatever keeps them together. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely, type LogEvent, MysqlDialect } from 'kysely'
import { createPool } from 'mysql2'
import { parseDocument } from '../../src/accounts/extended-profile/document.ts'
import { createUserCore } from '../../src/create-user-core.ts'
import { checkSchema, kyselyRepository, migrate } from '../../src/kysely/index.ts'
import { stepNames } from '../../src/kysely/migrate.ts'
import { system } from '../../src/site/actor.ts'
import { addUser, outboxRow } from '../../src/testing/rows.ts'
import { isUserCoreError } from '../../src/values/errors.ts'
import { driver, pipeline } from '../hammer/hammer-core.ts'
import type { Report } from './report.ts'

export const dialect = 'mysql'
export const ada = { username: 'ada' }
const settings = {
  minimum_cool_off_days: 0,
  retirement_service_worker_username: driver.username,
  retired_identifier_keys: [{ id: 'k1', secret: 'a secret that only this program knows of' }],
}

/** How often the database said that somebody else was faster: in a statement, and at a COMMIT. */
export interface Lost {
  statement: number
  commit: number
}

/** Nodes that are all written to. */
export interface Cluster {
  readonly nodes: readonly Node[]
  /** Errors, by number, with which a COMMIT fails that came after one on another node. */
  readonly codesAtCommit: readonly string[]
  readonly lost: Lost
  readonly fact: Report['fact']
  /** Waits until every node has applied all that was committed. */
  settle(): Promise<unknown>
}

/** One node, as a host works on it. */
export type Node = ReturnType<typeof openNode>

/** Opens a node. `careful` is the session of reads that wait for what others have committed. */
export function openNode(uri: string, lost: Lost, codesAtCommit: readonly string[], careful?: string) {
  const count = (event: LogEvent) => {
    const error = event.level === 'error' ? event.error : undefined
    if (!(error instanceof Error) || !('errno' in error) || !codesAtCommit.includes(String(error.errno))) return
    lost[event.query.sql === 'commit' ? 'commit' : 'statement']++
  }
  const connect = (session?: string) => {
    const pool = createPool({ uri, database: 'usercore', connectionLimit: 12 })
    if (session !== undefined) pool.on('connection', (connection) => connection.query(`set ${session}`))
    return new Kysely<unknown>({ dialect: new MysqlDialect({ pool }), log: count })
  }
  const db = connect()
  const carefulDb = careful === undefined ? db : connect(careful)
  const repository = kyselyRepository(db, { dialect })
  const current = kyselyRepository(carefulDb, { dialect, readAfterWrite: careful === undefined })
  const core = (of: typeof repository) => createUserCore({ repository: of, settings })
  return {
    db,
    carefulDb,
    repository,
    users: core(repository),
    careful: core(current),
    /** The extended profile of ada, as the node has it once it has applied everything. */
    async fields(): Promise<object> {
      const [row] = await current.select('extended_profiles', { owner: 'user' })
      return parseDocument(row?.document ?? '') ?? {}
    },
    async close() {
      for (const each of new Set([db, carefulDb])) await each.destroy()
    },
  }
}

const ends = ({ nodes }: Cluster) => {
  const [one, two] = nodes
  if (one === undefined || two === undefined) throw new TypeError('a cluster has two nodes')
  return { one, two }
}
const nodeOf = ({ nodes }: Cluster, index: number) => nodes[index % nodes.length] as Node
export const times = (count: number) => Array.from({ length: count }, (_, index) => index)
const stored = (outcomes: readonly PromiseSettledResult<unknown>[]) =>
  outcomes.filter(({ status }) => status === 'fulfilled').length
const codes = (outcomes: readonly PromiseSettledResult<unknown>[]) =>
  outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [codeOf(outcome.reason)] : []))
export function codeOf(error: unknown): string {
  return isUserCoreError(error)
    ? [error.code, ...('driver_code' in error.params ? [error.params.driver_code] : [])].join(' ')
    : String(error)
}

/** Migrates on all nodes at once, with two callers on each. */
export async function migrations(cluster: Cluster) {
  const { nodes } = cluster
  const taken: string[] = []
  let differences = 0
  for (const prefix of ['a_', 'b_', 'c_', 'd_', 'usercore_']) {
    const steps = await Promise.all([...nodes, ...nodes].map(({ db }) => migrate(db, { dialect, prefix })))
    taken.push(steps.map(({ length }) => length).join('+'))
    if (steps.flat().sort().join() !== stepNames.join()) differences++
    await cluster.settle()
    for (const { db } of nodes) differences += (await checkSchema(db, { dialect, prefix })).length
  }
  cluster.fact(
    'holds',
    'migrate on all nodes at once',
    differences === 0,
    `two callers on each, five times, took ${taken.join(', ')} steps; ${differences} differences to the schema and the list of steps`,
  )
}

export async function versions(cluster: Cluster) {
  const { one, two } = ends(cluster)
  const before = { ...cluster.lost }
  const writes = await Promise.allSettled(
    times(60).map((index) =>
      nodeOf(cluster, index).users.accounts.update(ada, 'ada', { extended_profile: { [`f${index}`]: index } }),
    ),
  )
  const { version } = await one.careful.accounts.getVersioned(ada, ada)
  const kept = Object.keys(await two.fields()).length
  cluster.fact(
    'holds',
    'parallel updates of one account, from all nodes, are all kept',
    stored(writes) === 60 && kept === 60 && version === 61,
    `${kept} of 60 are there, at version ${version}; the database preferred others ${cluster.lost.statement - before.statement} times in a statement, ${cluster.lost.commit - before.commit} times at COMMIT`,
  )

  let wrong = 0
  let conflicts = 0
  for (const round of times(30)) {
    const { version } = await one.careful.accounts.getVersioned(ada, ada)
    const outcomes = await Promise.allSettled(
      cluster.nodes.map(({ careful }, node) =>
        careful.accounts.update(ada, 'ada', { bio: `${round} ${node}` }, { expectedVersion: version }),
      ),
    )
    if (stored(outcomes) !== 1) wrong++
    conflicts += codes(outcomes).filter((code) => code === 'conflict').length
  }
  cluster.fact(
    'holds',
    'of updates of one version, one on each node, exactly one wins',
    wrong === 0 && conflicts === 30 * (cluster.nodes.length - 1),
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
  const { account } = await one.careful.accounts.getVersioned(ada, ada)
  cluster.fact(
    'holds',
    'a transaction of the host that lost is rolled back whole, and told',
    cluster.codesAtCommit.includes(atCommit) && account.goals === 'of the other node',
    `its COMMIT failed with errno ${atCommit}`,
  )
}

export async function names(cluster: Cluster) {
  let wrong = 0
  for (const round of times(20)) {
    const outcomes = await Promise.allSettled(
      cluster.nodes.map(({ users }) =>
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
  cluster.fact(
    'holds',
    'of accounts with one name, made at once on every node, one is',
    wrong === 0,
    `20 rounds, ${wrong} wrong`,
  )
}

export async function queues(cluster: Cluster) {
  const { one, two } = ends(cluster)
  await one.repository.commit([{ delete: 'outbox', where: {} }])
  const ids = times(400).map((index) => `m${String(index).padStart(4, '0')}`)
  await one.repository.commit([{ insert: 'outbox', rows: ids.map((id) => outboxRow(id, 1)) }])
  await cluster.settle()
  const before = { ...cluster.lost }
  const seen: string[] = []
  await Promise.all(
    times(16).map(async (index) => {
      while (
        (await nodeOf(cluster, index).users.outbox.deliver(({ id }) => void seen.push(id), { limit: 7 })).delivered > 0
      );
    }),
  )
  const left = await two.repository.select('outbox', {})
  cluster.fact(
    'holds',
    'each message is handed to one deliverer, whatever the node',
    left.length === 0 && seen.length === 400 && new Set(seen).size === 400,
    `400 messages handed out ${seen.length} times by 16 deliverers; the database preferred others ${cluster.lost.statement - before.statement} times`,
  )

  await one.users.retirement.setPipeline(system, pipeline)
  for (const index of times(40)) {
    await addUser(one.repository, `gone${index}`)
    await one.users.retirement.request(system, `gone${index}`)
  }
  await cluster.settle()
  const claimed: string[] = []
  await Promise.all(
    times(8).map(async (index) => {
      for (let none = 0; none < 2; ) {
        const got = await nodeOf(cluster, index).users.retirement.claim(driver, { limit: 3 })
        claimed.push(...got.map(({ retirement }) => retirement.original_username))
        if (got.length === 0) none++
      }
    }),
  )
  cluster.fact(
    'holds',
    'each retirement is claimed by one worker, whatever the node',
    claimed.length === 40 && new Set(claimed).size === 40,
    `40 retirements claimed ${claimed.length} times by 8 workers`,
  )
}
