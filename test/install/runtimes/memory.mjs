/** Prints what came out in memory. */
import { memoryRepository } from 'usercore/memory'
import { use } from './use.mjs'

process.stdout.write(`${JSON.stringify(await use(memoryRepository()))}\n`)
