import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { partsOfIndex } from '../../src/kysely/dialects/sqlite-index.ts'

it.each([
  ['create unique index i on members (lower(login))', ['lower(login)']],
  ['create unique index i on members(lower(login))', ['lower(login)']],
  ['CREATE UNIQUE INDEX IF NOT EXISTS "an on" ON "members" ( LOWER( "login" ) )', ['lower(login)']],
  ['create unique index `i` on [members] (lower([login]) collate nocase desc)', ['lower(login)']],
  ['create unique index main.i on members ((lower(`login`))) -- on x (y)', ['lower(login)']],
  ['create index i /* on a (b) */ on members\n(id, lower(login) asc, "a, b")', ['id', 'lower(login)', 'a, b']],
  ["create index i on members (coalesce(login, 'on (a, b)'))", ["coalesce(login,'on (a, b)')"]],
  ['create index i on members ((login) || (mail))', ['(login)||(mail)']],
])('the parts of %s', (statement, parts) => {
  const database = new Database(':memory:')
  database.exec('create table members (id integer, login text, mail text, "a, b" text)')
  database.exec(statement)
  const { sql } = database.prepare("select sql from sqlite_master where type = 'index'").get() as { sql: string }
  expect(partsOfIndex(sql)).toEqual(parts)
})

it.each(['', 'create table a (b)', 'create index i on a'])('there are none in %j', (text) =>
  expect(partsOfIndex(text)).toEqual([]),
)
