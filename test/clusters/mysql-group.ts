/**
 * What holds across the nodes of a MySQL group in which all are written to, and what does not. Started by
 * mysql-group.sh; ends with 1 when something is not as the README says.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { createConnection } from 'mysql2/promise'
import { addUser } from '../../src/testing/rows.ts'
import {
  ada,
  type Cluster,
  codeOf,
  migrations,
  type Node,
  names,
  openNode,
  queues,
  times,
  versions,
} from './multi-primary.ts'
import { report } from './report.ts'

const urls = (process.env.CLUSTER_URLS ?? '').split(',')
const { fact, end } = report('MySQL group, three nodes')
// A deadlock, an error of the storage engine during COMMIT, and what a plugin has rolled back.
const codesAtCommit = ['1213', '1180', '3101']
const lost = { statement: 0, commit: 0 }

for (const [index, url] of urls.entries()) await join(url, index === 0)
const nodes = urls.map((url) => openNode(url, lost, codesAtCommit, "group_replication_consistency = 'BEFORE'"))
const [one, two, three] = nodes as [Node, Node, Node]
const cluster: Cluster = {
  nodes,
  codesAtCommit,
  lost,
  fact,
  settle,
}

await migrations(cluster)
await addUser(one.repository, 'ada', { year_of_birth: 1990 })
await cluster.settle()
await versions(cluster)
await names(cluster)
await queues(cluster)
await reads()
await lostNode()
await Promise.all(nodes.map(({ close }) => close().catch(() => {})))
process.exitCode = end() ? 0 : 1

/** Waits until every node has applied what each of them has committed by now. */
async function settle() {
  for (const from of nodes) {
    const { rows } = await sql<{ done: string }>`select @@gtid_executed as done`.execute(from.db)
    const [{ done } = { done: '' }] = rows
    await Promise.all(nodes.map(({ db }) => sql`select wait_for_executed_gtid_set(${done}, 60)`.execute(db)))
  }
}

/** Lets a node join the group; the first one founds it. */
async function join(url: string, isFirst: boolean) {
  const node = await createConnection(url)
  await node.query("change replication source to source_user = 'root' for channel 'group_replication_recovery'")
  if (isFirst) await node.query('set global group_replication_bootstrap_group = ON')
  await node.query('start group_replication')
  if (isFirst) {
    await node.query('set global group_replication_bootstrap_group = OFF')
    await node.query('create database usercore')
  }
  for (;;) {
    const [rows] = await node.query(
      'select 1 from performance_schema.replication_group_members where member_id = @@server_uuid and member_state = "ONLINE"',
    )
    if ((rows as unknown[]).length > 0) break
    await sleep(200)
  }
  await node.end()
}

async function reads() {
  const rounds = 100
  let stale = 0
  for (const round of times(rounds)) {
    const { version } = await one.users.accounts.update(ada, 'ada', { city: `${round} ${Math.random()}` })
    if ((await two.careful.accounts.getVersioned(ada, ada)).version !== version) stale++
  }
  fact(
    'holds',
    "with group_replication_consistency = 'BEFORE', reads on one node see what was written on another",
    stale === 0,
    `${stale} of ${rounds} reads were stale`,
  )
}

/** The third node dies without a word, while all are written to: two are more than half. */
async function lostNode() {
  const { rows } = await sql<{ file: string }>`select @@pid_file as file`.execute(three.db)
  const answered: string[] = []
  let isOver = false
  const writeUntilItEnds = async ({ users }: Node, node: number) => {
    const failures: string[] = []
    for (let count = 0; !isOver; count++) {
      const field = `last_${node}_${count}`
      try {
        await users.accounts.update(ada, 'ada', { extended_profile: { [field]: count } })
        answered.push(field)
      } catch (error) {
        failures.push(codeOf(error))
        if (node === 2) break
      }
      // An account has room for some two hundred fields.
      await sleep(300)
    }
    return failures
  }
  const writers = nodes.map(writeUntilItEnds)
  await sleep(1000)
  process.kill(Number(readFileSync(rows[0]?.file ?? '', 'utf8')), 'SIGKILL')
  await sleep(15_000)
  isOver = true
  const [first, second, dead] = await Promise.all(writers)
  const failures = [...(first ?? []), ...(second ?? [])]
  fact(
    'holds',
    'two of three nodes go on when the third dies',
    failures.length === 0,
    `${failures.length} writes failed on them${failures.length > 0 ? ` (${[...new Set(failures)]})` : ''}; those of the dead one end with ${dead}`,
  )
  const fields = [await one.fields(), await two.fields()]
  const missing = answered.filter((field) => !fields.every((of) => field in of))
  fact(
    'holds',
    'nothing that was answered goes with a node',
    answered.length > 0 && missing.length === 0,
    `${answered.length} answers, ${missing.length} lost`,
  )
}
