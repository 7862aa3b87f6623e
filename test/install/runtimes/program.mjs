/** Prints which runtime this is, and what came out on each store. */
import { memoryRepository } from 'usercore/memory'
import { openSqlite } from './sqlite.mjs'
import { use } from './use.mjs'

const runtime = globalThis.Bun ? 'bun' : globalThis.Deno ? 'deno' : 'node'
const result = { runtime, memory: await use(memoryRepository()), sqlite: await use(await openSqlite()) }
process.stdout.write(`${JSON.stringify(result)}\n`)
