import { type Kysely, sql } from 'kysely'
import { createUserCore } from 'usercore'
import { kyselyRepository } from 'usercore/kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { profileRow, userRow } from '../../src/testing/rows.ts'
import { databases, type TestDatabase } from '../stores/databases.ts'

/**
 * What usercore costs beside statements written by hand over the same tables, in the same run. The statements by hand
 * read and write what the operation does, without rules, visibility, history and outbox. Servers are tried when the
 * tests have their addresses.
 */

const count = 2000
const names = Array.from({ length: count }, (_, index) => `user${index}`)
const staff = { username: 'staff', staff: true }

async function fill(database: TestDatabase) {
  const db = database.connect()
  const repository = kyselyRepository(db, { dialect: database.dialect })
  const ids = names.map((name, index) => ({ ...userRow(name), id: index + 1 }))
  await repository.commit([
    { insert: 'users', rows: ids },
    { insert: 'profiles', rows: ids.map(({ id }) => profileRow(id, { name: `Name ${id}`, year_of_birth: 1990 })) },
    { insert: 'language_proficiencies', rows: ids.map(({ id }) => ({ user_id: id, code: 'en' })) },
    {
      insert: 'social_links',
      rows: ids.map(({ id }) => ({ user_id: id, platform: 'x', social_link: 'https://www.x.com/a' })),
    },
  ])
  return { db, users: createUserCore({ repository }) }
}

/** Reads what makes up accounts: four statements, put together by id. */
async function readByHand(db: Kysely<unknown>, usernames: readonly string[]) {
  const { rows } = await sql<{ id: number; version: number }>`
    select u.id, u.username, u.email, u.is_active, u.date_joined, u.last_login, p.* from usercore_users u
    join usercore_profiles p on p.user_id = u.id
    where u.username_key in (${sql.join(usernames)})`.execute(db)
  const ids = sql.join(rows.map((row) => row.id))
  const children = await Promise.all(
    ['language_proficiencies', 'social_links', 'extended_profiles'].map((table) =>
      sql<{ user_id: number }>`select * from ${sql.table(`usercore_${table}`)} where user_id in (${ids})`.execute(db),
    ),
  )
  const [languages, links, documents] = children.map((child) => Map.groupBy(child.rows, (row) => row.user_id))
  return rows.map((row) => ({
    ...row,
    languages: languages?.get(row.id) ?? [],
    links: links?.get(row.id) ?? [],
    documents: documents?.get(row.id) ?? [],
  }))
}

describe.each(Object.entries(databases))('accounts on %s', (_, create) => {
  let database: TestDatabase
  let filled: Awaited<ReturnType<typeof fill>>
  beforeAll(async () => {
    database = await create()
    filled = await fill(database)
  }, 120_000)
  afterAll(() => database.close())

  test.for([
    ['one', ['user7']],
    ['a thousand', names.slice(0, 1000)],
  ] as const)('read %s', async ([, usernames], { bench }) => {
    const { db, users } = filled
    const result = await bench.compare(
      bench('by hand', async () => void (await readByHand(db, usernames))),
      bench('usercore', async () => void (await users.accounts.getMany(staff, usernames))),
      { time: 1000 },
    )
    expect(result.get('usercore').latency.mean).toBeGreaterThan(0)
  })

  test('update one field', async ({ bench }) => {
    const { db, users } = filled
    const ada = { username: 'user7' }
    let turn = 0
    const result = await bench.compare(
      bench('by hand', async () => {
        const [row] = await readByHand(db, ['user8'])
        await sql`update usercore_profiles set bio = ${`bio ${turn++}`}, version = version + 1
          where user_id = ${row?.id} and version = ${row?.version}`.execute(db)
      }),
      bench('usercore', async () => void (await users.accounts.update(ada, 'user7', { bio: `bio ${turn++}` }))),
      { time: 1000 },
    )
    expect(result.get('usercore').latency.mean).toBeGreaterThan(0)
  })
})
