import Database from 'better-sqlite3'
import { Kysely, SqliteDialect, sql } from 'kysely'
import { createUserCore } from 'usercore'
import { kyselyRepository, migrate } from 'usercore/kysely'
import { describe, expect, test } from 'vitest'
import { profileRow, userRow } from '../../src/testing/rows.ts'

/**
 * What usercore costs beside statements written by hand over the same tables, in the same run. The statements by hand
 * read and write what the operation does, without rules, visibility, history and outbox.
 */

const count = 2000
const names = Array.from({ length: count }, (_, index) => `user${index}`)
const staff = { username: 'staff', staff: true }

async function open() {
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Database(':memory:') }) })
  await migrate(db, { dialect: 'sqlite' })
  const repository = kyselyRepository(db, { dialect: 'sqlite' })
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

describe('accounts on SQLite', () => {
  test('read one', async ({ bench }) => {
    const { db, users } = await open()
    const result = await bench.compare(
      bench('by hand', async () => void (await readByHand(db, ['user7']))),
      bench('usercore', async () => void (await users.accounts.get(staff, ['user7']))),
      { time: 1000 },
    )
    expect(result.get('usercore').latency.mean).toBeGreaterThan(0)
  })

  test('read a thousand', async ({ bench }) => {
    const { db, users } = await open()
    const thousand = names.slice(0, 1000)
    const result = await bench.compare(
      bench('by hand', async () => void (await readByHand(db, thousand))),
      bench('usercore', async () => void (await users.accounts.get(staff, thousand))),
      { time: 1000 },
    )
    expect(result.get('usercore').latency.mean).toBeGreaterThan(0)
  })

  test('update one field', async ({ bench }) => {
    const { db, users } = await open()
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
