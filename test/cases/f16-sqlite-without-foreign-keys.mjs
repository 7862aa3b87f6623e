import { adapter, attempt, person, site, sqliteDb, system, verdict } from './_kit.mjs'

// SQLite with foreign keys off, its own default, under the host's table that numbers rows anew: the next person gets the id.
const place = await sqliteDb({
  prepare: (raw) => {
    raw.pragma('foreign_keys = off')
    raw.exec(
      'create table members (id integer primary key, login text not null, mail text not null, enabled integer not null, joined text not null)',
    )
    raw.exec('create unique index m1 on members (lower(login))')
    raw.exec('create unique index m2 on members (lower(mail))')
  },
})
const users = {
  table: 'members',
  idType: 'integer',
  columns: { id: 'id', username: 'login', email: 'mail', is_active: 'enabled', date_joined: 'joined' },
}
const told = [...(await adapter.verifyMapping(place.db, { dialect: 'sqlite', users }))]
const r = await attempt(async () => {
  const s = await site(place, {}, { users })
  told.push(...(await adapter.checkSchema(place.db, { dialect: 'sqlite', users })))
  await person(s.users, 'ada', { profile: { year_of_birth: 1990, bio: 'of ada alone' } })
  place.raw.exec('delete from members')
  place.raw.exec(
    "insert into members (login, mail, enabled, joined) values ('bob', 'bob@example.com', 1, '2020-01-01 00:00:00')",
  )
  return (await s.users.accounts.get(system, 'bob')).bio
})
await verdict(
  !r.ok || told.length > 0 || r.value === null,
  r.ok && told.length === 0 && r.value !== null
    ? 'the next person has the profile of the one who was deleted, and no check says a word'
    : 'noticed, or kept apart',
)
