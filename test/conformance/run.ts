import { join } from 'node:path'
import { runVector } from './run-vector.ts'
import { stores } from './stores.ts'
import { readVectors } from './vector.ts'

/** `npm run conformance`: runs every case of a folder on every store that was asked for, and counts. */

const folder = process.env.CONFORMANCE_VECTORS ?? join(import.meta.dirname, 'vectors')
const chosen = process.env.CONFORMANCE_STORE ?? Object.keys(stores).join(',')
const counts = { passed: 0, failed: 0, skipped: 0 }

const vectors = readVectors(folder)
for (const name of chosen.split(',')) {
  const open = stores[name]
  if (open === undefined) throw new Error(`CONFORMANCE_STORE=${name}: there is ${Object.keys(stores).join(', ')}`)
  const store = await open()
  for (const vector of vectors) {
    const verdict = await runVector(vector, await store.fresh())
    counts[verdict.outcome]++
    if (verdict.outcome !== 'passed') console.log(`${verdict.outcome} ${name} ${vector.id}: ${verdict.reason}`)
  }
  await store.close()
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0
