const { memoryRepository } = require('usercore/memory')
const { openSqlite } = require('./sqlite.mjs')
const { use } = require('./use.mjs')

test('works in memory', async () => process.stdout.write(`${JSON.stringify(await use(memoryRepository()))}\n`))
test('works on SQLite', async () => process.stdout.write(`${JSON.stringify(await use(await openSqlite()))}\n`))
