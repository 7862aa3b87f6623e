/**
 * One process of a hammer, with some of its clients. Started by hammer.ts, which tells it when to stop and gets to know
 * all that its clients do.
 */
import { sql } from 'kysely'
import { kyselyRepository } from '../../src/kysely/index.ts'
import { runClient } from './client.ts'
import { connect } from './connect.ts'
import { hammerCore } from './hammer-core.ts'
import type { Entry, Site } from './journal.ts'

/** What a process is to do. */
export interface WorkerOptions {
  readonly site: Site
  /** How many clients there are in all processes, and the numbers of those in this one. */
  readonly clients: number
  readonly own: readonly number[]
  /** Connections to each server. */
  readonly connections: number
  /** Seconds for which messages and retirements are held. */
  readonly leaseSeconds: number
}

const { site, clients, own, connections, leaseSeconds }: WorkerOptions = JSON.parse(process.argv[2] ?? '')
const tell = (entry: Entry | 'ready') => void process.send?.(entry)
/** Waits for what hammer.ts says next: that everybody is ready, that time is up, that nobody is needed any longer. */
const heard = () => new Promise((resolve) => process.once('message', resolve))

// One pool and one user core for each server, as a host has them; two where there is one server.
const servers = site.urls.length === 1 ? [...site.urls, ...site.urls] : site.urls
const pools = servers.map((url) => connect(site, url, connections))
const cores = pools.map((db) => hammerCore(kyselyRepository(db, { dialect: site.dialect }), clients))

tell('ready')
await heard()
let isOver = false
void heard().then(() => {
  isOver = true
})
await Promise.all(
  own.map(async (number, index) => {
    const users = cores[index % cores.length]
    if (users !== undefined) await runClient({ number, users, leaseSeconds, note: tell }, () => isOver)
  }),
)

/** Asks for every connection of a pool at once. */
const answers = await Promise.allSettled(
  pools.flatMap((db) => Array.from({ length: connections }, () => sql`select 1`.execute(db))),
)
tell({ what: 'quiet', broken: answers.filter(({ status }) => status === 'rejected').length })
await heard()
for (const db of pools) await db.destroy()
process.disconnect()
