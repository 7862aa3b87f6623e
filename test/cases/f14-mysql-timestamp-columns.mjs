import { mysqlDb, person, site, sql, system, verdict } from './_kit.mjs'

// The host's own user table with TIMESTAMP columns, in sessions whose zone is not UTC.
const place = await mysqlDb({ session: ["set session time_zone = '+05:45'"], pool: { connectionLimit: 2 } })
await sql
  .raw(
    'create table members (id bigint auto_increment primary key, login varchar(150) not null unique, mail varchar(254) not null unique, enabled tinyint(1) not null, joined timestamp(6) not null default current_timestamp(6)) default charset = utf8mb4 collate = utf8mb4_general_ci',
  )
  .execute(place.db)
const users = {
  table: 'members',
  idType: 'bigint',
  columns: { id: 'id', username: 'login', email: 'mail', is_active: 'enabled', date_joined: 'joined' },
}
const s = await site(place, {}, { users })
await person(s.users, 'ada')
await sql.raw(`insert into members (login, mail, enabled) values ('bob', 'bob@example.com', 1)`).execute(place.db)
const [{ off }] = (
  await sql`select unix_timestamp(joined) - unix_timestamp() as off from members where login = 'ada'`.execute(place.db)
).rows
const bob = await s.users.accounts.get(system, 'bob')
const shown = (Date.parse(bob.date_joined) - Date.now()) / 1000
await verdict(
  Math.abs(Number(off)) < 120 && Math.abs(shown) < 120,
  `what we wrote is off by ${Math.round(Number(off))} s in the table, what the host wrote is shown off by ${Math.round(shown)} s`,
)
