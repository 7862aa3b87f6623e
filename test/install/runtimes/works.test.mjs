import { memoryRepository } from 'usercore/memory'
import { openSqlite } from './sqlite.mjs'
import { use } from './use.mjs'

test('works in memory', async () => process.stdout.write(`${JSON.stringify(await use(memoryRepository()))}\n`))
test('works on SQLite', async () => process.stdout.write(`${JSON.stringify(await use(await openSqlite()))}\n`))
