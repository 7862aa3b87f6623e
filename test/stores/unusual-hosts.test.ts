import { CamelCasePlugin, type KyselyPlugin, sql } from 'kysely'
import type { PoolOptions } from 'mysql2'
import { types } from 'pg'
import { describe, expect, it } from 'vitest'
import { testRepository } from '../../src/testing/index.ts'
import { watchedStoresOver } from './contract-stores.ts'
import { databases, mysqlDatabase, postgresDatabase, type TestDatabase } from './databases.ts'
import { serverUrls } from './servers.ts'

/** The contract holds whatever a host does to its driver, its session and its Kysely. */

const { postgres } = serverUrls
const camelCase = [new CamelCasePlugin()]

/** Runs all of it but the big lists, which take a third of the time and depend no more on a host than small ones. */
const contractOn = (create: () => Promise<TestDatabase>, plugins?: KyselyPlugin[]) =>
  testRepository((name, test) => name.startsWith('big lists: ') || it(name, test), watchedStoresOver(create, plugins))

describe('SQLite with CamelCasePlugin', () => contractOn(databases.sqlite ?? expect.fail, camelCase))

describe.runIf(postgres)('PostgreSQL with raw text for every type, another zone and another style of dates', () => {
  const settings = {
    options: '-c TimeZone=Asia/Kolkata -c DateStyle=German',
    types: { getTypeParser: () => (text: string) => text } as unknown as typeof types,
  }
  const create = () => postgresDatabase(postgres ?? '', 'tables', settings)
  contractOn(create, camelCase)

  it('is really set so', async () => {
    const database = await create()
    const { rows } = await sql`select 1::int8 as number, '2024-06-15T12:00:00Z'::timestamptz as moment`.execute(
      database.connect(),
    )
    expect(rows).toEqual([{ number: '1', moment: '15.06.2024 17:30:00 IST' }])
    await database.close()
  })
})

describe.runIf(postgres)('PostgreSQL with numbers as bigint, in serializable transactions', () => {
  const getTypeParser = ((oid: number) =>
    oid === 20 ? BigInt : types.getTypeParser(oid)) as typeof types.getTypeParser
  const settings = { options: '-c default_transaction_isolation=serializable', types: { ...types, getTypeParser } }
  contractOn(() => postgresDatabase(postgres ?? '', 'tables', settings))
})

for (const [server, url] of [
  ['MariaDB', serverUrls.mariadb],
  ['MySQL', serverUrls.mysql],
] as const) {
  const on = (settings: PoolOptions) => () => mysqlDatabase(url ?? '', 'tables', settings)

  describe.runIf(url)(`${server} with text for dates and numbers, another zone, and changed rows counted`, () => {
    const numbers = { supportBigNumbers: true, bigNumberStrings: true }
    contractOn(on({ ...numbers, dateStrings: true, timezone: '-03:30', flags: ['-FOUND_ROWS'] }), camelCase)
  })

  // mysql2 gives a cast the bytes of a prepared statement, which are no text: such a pool keeps no statements.
  describe.runIf(url)(`${server} with every column cast to text`, () =>
    contractOn(on({ typeCast: (field: { string(): string | null }) => field.string() })),
  )
}
