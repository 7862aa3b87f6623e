import type { Place } from './places.ts'
import { openSite } from './site.ts'

/** What a process that measures its memory is asked for, as JSON in its first argument. */
export interface MemoryJob {
  readonly what: 'accounts' | 'opt-ins'
  readonly place: Place
  readonly people: number
  readonly many: number
}

const { what, place, people, many } = JSON.parse(process.argv[2] ?? '') as MemoryJob
const { gc } = globalThis
if (gc === undefined) throw new TypeError('node --expose-gc test/bench/memory.ts <json>')

/** Returns the bytes in use once garbage is collected. */
function used(): number {
  gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

let statements = 0
let most = 0
const watch = () => {
  most = Math.max(most, used())
}
// Collecting costs more than a batch of the export: there one statement of fifty is enough.
const every = what === 'accounts' ? 1 : 50
const site = openSite(place, {
  people: many,
  log: () => {
    if (++statements % every === 0) watch()
  },
})

await site.readAccounts(['user1', 'user2'])
const before = used()
most = before
if (what === 'accounts') {
  const names = Array.from({ length: 10_000 }, (_, index) => `user${1 + (index % people)}`)
  const accounts = await site.readAccounts(names)
  watch()
  if (accounts.size === 0) throw new Error('no accounts')
} else {
  for await (const batch of site.exportOptIns()) if (batch.length === 0) throw new Error('an empty batch')
}
process.stdout.write(String((most - before) / 2 ** 20))
await site.db.destroy()
