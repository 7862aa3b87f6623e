import { adapter, attempt, mysqlDb, person, site, sql, system, verdict } from './_kit.mjs'

// The host's own user table in utf8 of three bytes: what does not fit is nobody's name, and a field error for a new one.
const place = await mysqlDb({ pool: { connectionLimit: 2 } })
await sql
  .raw(
    'create table members (id bigint auto_increment primary key, login varchar(150) not null unique, mail varchar(254) not null unique, enabled tinyint(1) not null, joined datetime(6) not null) default charset = utf8mb3 collate = utf8mb3_general_ci',
  )
  .execute(place.db)
const users = {
  table: 'members',
  idType: 'bigint',
  columns: { id: 'id', username: 'login', email: 'mail', is_active: 'enabled', date_joined: 'joined' },
}
const told = await adapter.verifyMapping(place.db, { dialect: 'mysql', users })
const s = await site(place, { settings: { enable_unicode_usernames: true } }, { users })
await person(s.users, 'ada')
const look = await attempt(() => s.users.accounts.getMany(system, ['\u{1d4b3}y', 'ada']))
const validate = await attempt(() => s.users.accounts.validate({ username: '\u{1d4b3}y' }))
const made = await attempt(() => person(s.users, '\u{1d4b3}y', { email: 'x@example.com', name: 'X' }))
const right =
  told.length > 0 ||
  (look.ok && look.value.size === 1 && validate.ok && (made.ok || made.code === 'account_validation_error'))
await verdict(
  right,
  `verifyMapping finds ${told.length}; look-up ${look.ok ? 'works' : look.code}; registration ${made.ok ? 'works' : `${made.code} ${JSON.stringify(made.error.params)}`}`,
)
