import { type Kysely, sql } from 'kysely'
import { expect } from 'vitest'
import { createUserCore } from '../../../src/create-user-core.ts'
import { type DialectName, kyselyRepository } from '../../../src/kysely/index.ts'
import { system } from '../../../src/site/actor.ts'
import { identifierKey } from '../../../src/values/text.ts'
import type { Variant } from './variants.ts'

interface Cell {
  readonly dialect: DialectName
  /** The session under test. */
  readonly db: Kysely<unknown>
  /** A session of the host with the right settings. */
  readonly admin: Kysely<unknown>
  readonly variant: Variant
  readonly username: string
}

let last = 0

/** Creates, finds, changes and pages a person of that name, and one of the same name that the host added. */
export async function tryCell({ dialect, db, admin, variant, username }: Cell): Promise<void> {
  const { users: mapping } = variant
  const repository = kyselyRepository(db, { dialect, users: mapping })
  const users = createUserCore({ repository, settings: { enable_unicode_usernames: true } })
  const email = `Mail${++last}@b\u00fccher.example`

  const { id } = await users.accounts.create(system, { username, email, name: 'N' }, { active: true })
  await found(id)
  expect(Math.abs((await storedMoment(admin, dialect, variant)) - Date.now()), 'stored moment').toBeLessThan(60_000)
  const again = users.accounts.create(system, { username, email: `again${email}`, name: 'N' })
  await expect(again, 'taken').rejects.toMatchObject({ field_errors: { username: { code: 'conflict' } } })
  await users.accounts.update({ username }, username, { bio: username })
  await users.accounts.updateAsOperator(system, username, { is_active: false })
  const changed = await users.accounts.get(system, username)
  expect(changed, 'changed').toMatchObject({ bio: username, is_active: false })
  expect(await repository.pageUsers('profiles', {}, { limit: 10 }), 'page').toEqual([id])
  expect(await repository.pageUsers('profiles', {}, { after: id, limit: 10 }), 'page behind').toEqual([])
  await remove()
  expect(await repository.pageUsers('profiles', {}, { limit: 10 }), 'a page without people').toEqual([])

  await addByHand()
  const added = await users.accounts.get(system, username)
  await found(added?.id as number)
  await remove()

  async function found(id: number | string): Promise<void> {
    const account = await users.accounts.get(system, username)
    expect(account, 'by name').toMatchObject({ id, username, email, is_active: true })
    expect(Math.abs(Date.parse(account?.date_joined ?? '') - Date.now()), 'shown moment').toBeLessThan(60_000)
    expect(await users.accounts.get(system, { id }), 'by id').toMatchObject({ username })
    expect(await users.accounts.getByEmail(system, email.toUpperCase()), 'by address').toMatchObject({ username })
  }

  async function addByHand(): Promise<void> {
    const keys = { login_key: identifierKey(username), mail_key: identifierKey(email), given: '', family: '' }
    const values: Record<string, unknown> = {
      login: username,
      mail: email,
      enabled: dialect === 'postgres' || dialect === 'pglite' ? true : 1,
      joined: now(dialect, variant),
      ...('login_key' in variant.columns ? keys : {}),
      ...(mapping.newId === undefined ? {} : { id: mapping.newId() }),
    }
    await sql`insert into members (${sql.join(Object.keys(values).map((column) => sql.ref(column)))})
      values (${sql.join(Object.values(values))})`.execute(admin)
  }

  async function remove(): Promise<void> {
    await sql`delete from members`.execute(admin)
  }
}

/** Returns the time as the host itself puts it into the column, in a zone where it has one and in UTC where not. */
function now(dialect: DialectName, { columns: { joined = '' } }: Variant) {
  if (dialect === 'sqlite') return sql`datetime('now')`
  if (dialect === 'mysql') return /^timestamp/.test(joined) ? sql`now(6)` : sql`utc_timestamp(6)`
  return /^timestamptz/.test(joined) ? sql`now()` : sql`(now() at time zone 'UTC')`
}

/** Returns the moment in the table, in milliseconds. */
async function storedMoment(db: Kysely<unknown>, dialect: DialectName, { columns: { joined = '' } }: Variant) {
  const seconds = {
    sqlite: sql`unixepoch(joined)`,
    mysql: /^timestamp/.test(joined) ? sql`unix_timestamp(joined)` : sql`timestampdiff(second, '1970-01-01', joined)`,
    postgres: sql`extract(epoch from joined)`,
    pglite: sql`extract(epoch from joined)`,
  }[dialect]
  const { rows } = await sql<{ seconds: unknown }>`select ${seconds} as seconds from members`.execute(db)
  return Number(rows[0]?.seconds) * 1000
}
