/**
 * On the user table that the site already has: usercore reads and writes its columns for who people are, refers to it,
 * and keeps everything else in tables of its own. The definition of the site's table is never touched.
 *
 * Runs on the SQLite that is part of Node; elsewhere only the connection and the types differ.
 */
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { Kysely, SqliteDialect } from 'kysely'
import { createUserCore, isUserCoreError, system } from 'usercore'
import { kyselyRepository, migrate, nodeSqlite, type UserTable, verifyMapping } from 'usercore/kysely'

/** The table as it was before usercore came, and two people who were there before. */
const database = new DatabaseSync(':memory:')
database.exec(`
  create table members (
    member_id text primary key not null, login text not null, mail text not null, enabled integer not null,
    joined text not null, password_hash text not null);
  create unique index members_login on members (lower(login));
  insert into members values
    ('m-1', 'ada', 'ada@example.com', 1, '1842-10-01 00:00:00', 'scrypt…'),
    ('m-2', 'Bob', 'bob@example.com', 1, '1979-05-11 00:00:00', 'scrypt…');`)
const db = new Kysely({ dialect: new SqliteDialect({ database: nodeSqlite(database) }) })

const members: UserTable = {
  table: 'members',
  idType: 'text',
  columns: { id: 'member_id', username: 'login', email: 'mail', is_active: 'enabled', date_joined: 'joined' },
}

console.log('— What is wrong with the mapping?')
const problems = await verifyMapping(db, { dialect: 'sqlite', users: members })
console.table(problems)
assert.deepEqual(
  problems.map(({ code, column }) => `${code} ${column}`),
  ['not_unique mail', 'needs_value member_id', 'needs_value password_hash'],
)

console.log('\n— The site adds the index, and says how new people get an id and a password that is not known')
database.exec('create unique index members_mail on members (lower(mail))')
let last = 2
const users: UserTable = { ...members, newId: () => `m-${++last}`, defaults: { password_hash: '!' } }
assert.deepEqual(await verifyMapping(db, { dialect: 'sqlite', users }), [])

const options = { dialect: 'sqlite', users } as const
console.log('steps:', await migrate(db, options))
const core = createUserCore({ repository: kyselyRepository(db, options) })

console.log('\n— People who were there before have accounts at once; a profile begins with the first change')
await core.accounts.update({ username: 'ada' }, 'ada', { name: 'Ada Lovelace', year_of_birth: 1980 })
const accounts = [...(await core.accounts.getMany(system, ['ada', 'bob'])).values()]
console.log(accounts.map(({ id, username, name, date_joined }) => ({ id, username, name, date_joined })))
assert.deepEqual(
  accounts.map(({ id, name }) => [id, name]),
  [
    ['m-1', 'Ada Lovelace'],
    ['m-2', null],
  ],
)

console.log('\n— New ones land in the table of the site, and names stay unique in both tables')
await core.accounts.create(system, { username: 'cy', email: 'cy@example.com', name: 'Cy' }, { active: true })
console.log(database.prepare('select member_id, login, mail from members').all())
const again = core.accounts.create(system, { username: 'BOB', email: 'b@example.com', name: 'Bob' })
await assert.rejects(again, (error) => isUserCoreError(error) && 'username' in error.field_errors)

await db.destroy()
