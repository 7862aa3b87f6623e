/** One process of workers. Started by `crowd.ts`, and killed by it at any moment. */
import { flushCompileCache } from 'node:module'
import { system } from '../../../src/index.ts'
import { connect } from '../../hammer/connect.ts'
import type { Site } from '../../hammer/journal.ts'
import { workCore } from './site.ts'

// It is stored when a process exits, which one that is killed does not.
flushCompileCache()
const site: Site = JSON.parse(process.argv[2] ?? '')
const stop = new AbortController()
process.once('message', () => stop.abort())
const db = connect(site, site.urls[0] ?? '', 4)
await workCore(db, site).retirement.work(system, {
  concurrency: 4,
  leaseSeconds: 5,
  pollSeconds: 1,
  graceSeconds: 5,
  signal: stop.signal,
})
await db.destroy()
process.disconnect()
