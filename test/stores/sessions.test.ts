import { type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkSchema, migrate, verifyMapping } from '../../src/kysely/index.ts'
import { testRepository } from '../../src/testing/index.ts'
import { watchedStoresOver } from './contract-stores.ts'
import { databases, mysqlDatabase, postgresDatabase, type TestDatabase } from './databases.ts'
import { type ServerName, serverUrls } from './servers.ts'

/** Settings that a host can make on its sessions: either the contract holds under one, or every check names it. */

/** The smallest limits of sessions that MySQL and MariaDB have in common. */
const smallest = `group_concat_max_len = 4, max_sort_length = 64, max_join_size = 1, sql_big_selects = 1,
  sort_buffer_size = 32768, join_buffer_size = 128, read_buffer_size = 8192, read_rnd_buffer_size = 1,
  max_heap_table_size = 16384, tmp_table_size = 1024, eq_range_index_dive_limit = 0, optimizer_search_depth = 0,
  range_alloc_block_size = 4096, max_seeks_for_key = 1, div_precision_increment = 0, max_error_count = 0`
const largest = `max_sort_length = 8388608, optimizer_search_depth = 62, tmp_table_size = 1073741824,
  eq_range_index_dive_limit = 4294967295, div_precision_increment = 30, lock_wait_timeout = 31536000`
const modes = `ANSI,TRADITIONAL,STRICT_ALL_TABLES,HIGH_NOT_PRECEDENCE,NO_UNSIGNED_SUBTRACTION,NO_AUTO_VALUE_ON_ZERO,REAL_AS_FLOAT`

/** Sessions under which everything holds: each has as many settings at once as are compatible. */
const served: Readonly<Record<ServerName, Readonly<Record<string, string>>>> = {
  mysql: {
    'every mode, the smallest limits, a Turkish collation': `sql_mode = '${modes}', ${smallest},
      collation_connection = 'utf8mb4_tr_0900_ai_ci', sql_require_primary_key = 1, range_optimizer_max_mem_size = 1,
      default_storage_engine = 'MyISAM', lc_time_names = 'ja_JP'`,
    'no mode, the largest limits, serializable transactions, a binary collation': `sql_mode = '', ${largest},
      group_concat_max_len = 18446744073709551615, transaction_isolation = 'SERIALIZABLE',
      collation_connection = 'utf8mb4_bin'`,
  },
  mariadb: {
    'every mode, the smallest limits, a Turkish collation': `sql_mode = '${modes},SIMULTANEOUS_ASSIGNMENT,MSSQL,DB2',
      ${smallest}, collation_connection = 'utf8mb4_turkish_ci', default_storage_engine = 'MyISAM', lc_time_names = 'ja_JP'`,
    'no mode, the largest limits, serializable transactions, a binary collation': `sql_mode = '', ${largest},
      group_concat_max_len = 1073741824, tx_isolation = 'SERIALIZABLE', collation_connection = 'utf8mb4_bin'`,
  },
  postgres: {
    'the smallest limits, and old ways to read statements': `-c work_mem=64kB -c temp_buffers=800kB
      -c from_collapse_limit=1 -c join_collapse_limit=1 -c standard_conforming_strings=off -c backslash_quote=on
      -c escape_string_warning=off -c transform_null_equals=on -c array_nulls=off -c quote_all_identifiers=on
      -c extra_float_digits=-15 -c plan_cache_mode=force_generic_plan -c IntervalStyle=sql_standard
      -c enable_seqscan=off -c row_security=off`,
  },
}

const contractOn = (create: () => Promise<TestDatabase>) =>
  testRepository((name, test) => name.startsWith('big lists: ') || it(name, test), watchedStoresOver(create))

/** Opens a database whose connections have a session of their own. */
function openWith(server: ServerName, session: string, content: 'tables' | 'empty' = 'tables') {
  const url = serverUrls[server] ?? ''
  return server === 'postgres'
    ? postgresDatabase(url, content, { options: session.replaceAll(/\s+/g, ' ') })
    : mysqlDatabase(url, content, {}, session)
}

for (const [server, sessions] of Object.entries(served) as [ServerName, Readonly<Record<string, string>>][]) {
  for (const [what, session] of Object.entries(sessions)) {
    describe.runIf(server in serverUrls)(`the contract on ${server} with ${what}`, () =>
      contractOn(() => openWith(server, session)),
    )
  }
}

const inMysql = {
  "sql_mode = 'NO_BACKSLASH_ESCAPES'": 'sql_mode',
  "sql_mode = 'ANSI,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES'": 'sql_mode',
  "sql_mode = 'PAD_CHAR_TO_FULL_LENGTH'": 'sql_mode',
  'autocommit = 0': 'autocommit',
  'foreign_key_checks = 0': 'foreign_key_checks',
  'unique_checks = 0': 'unique_checks',
  'sql_safe_updates = 1': 'sql_safe_updates',
  'sql_auto_is_null = 1': 'sql_auto_is_null',
  'sql_big_selects = 0': 'sql_big_selects',
  'sql_select_limit = 1000000': 'sql_select_limit',
  "completion_type = 'CHAIN'": 'completion_type',
  'session transaction isolation level read uncommitted': 'transaction_isolation',
  'names latin1': 'character_set_client',
  'names utf8mb3': 'character_set_client',
  'character_set_results = latin1': 'character_set_results',
}

/** Settings that are refused, with the one that the checks name. */
const refused: Readonly<Record<ServerName, Readonly<Record<string, string>>>> = {
  mysql: inMysql,
  mariadb: { ...inMysql, "sql_mode = 'ORACLE'": 'sql_mode', "sql_mode = 'EMPTY_STRING_IS_NULL'": 'sql_mode' },
  postgres: { '-c session_replication_role=replica': 'session_replication_role' },
}
const inPglite = { replica: 'session_replication_role', latin1: 'client_encoding' }
const inSqlite = { off: 'foreign_keys' }

/** A table of a host that does not exist: the checks name the setting all the same. */
const users = {
  table: 'missing',
  idType: 'bigint',
  columns: { id: 'id', username: 'login', email: 'mail', is_active: 'enabled', date_joined: 'joined' },
}

async function expectRefused(db: Kysely<unknown>, dialect: TestDatabase['dialect'], setting: string) {
  const named = expect.stringMatching(new RegExp(`^${setting} is `))
  expect(await checkSchema(db, { dialect })).toContainEqual({ code: 'wrong_setting', name: named })
  expect(await verifyMapping(db, { dialect, users })).toContainEqual(
    expect.objectContaining({ code: 'wrong_setting', expected: expect.stringMatching(new RegExp(`^${setting}: `)) }),
  )
  await expect(migrate(db, { dialect })).rejects.toMatchObject({ code: 'config_error', params: { setting: named } })
}

for (const [server, settings] of Object.entries(refused) as [ServerName, Readonly<Record<string, string>>][]) {
  describe.runIf(server in serverUrls)(`on ${server}`, () => {
    it.each(Object.entries(settings))('a session with %s is refused', async (session, setting) => {
      const database = await openWith(server, session, 'empty')
      try {
        await expectRefused(database.connect(), database.dialect, setting)
      } finally {
        await database.close()
      }
    })
  })
}

describe.each(['sqlite', 'node-sqlite', 'pglite'])('on %s', (name) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = (await databases[name]?.()) ?? expect.fail()
  })
  afterAll(() => database.close())

  it('a session as it comes is not refused', async () => {
    const { dialect } = database
    expect(await checkSchema(database.connect(), { dialect })).toEqual([])
  })

  it.each(Object.entries(name === 'pglite' ? inPglite : inSqlite))('one with %s is', async (session, setting) => {
    const { dialect } = database
    const db = database.connect()
    const set = (value: string) =>
      sql.raw(`${dialect === 'sqlite' ? 'pragma' : 'set'} ${setting} = ${value}`).execute(db)
    await set(session)
    await expectRefused(db, dialect, setting)
    await set(name === 'pglite' ? 'default' : 'on')
  })
})
