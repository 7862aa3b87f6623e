import { attempt, keyOf, outbox, person, site, sqliteDb, system, verdict } from './_kit.mjs'

// The second address goes with the request for retirement, is free for others, and is overwritten before it is deleted.
const place = await sqliteDb()
const { users } = await site(place)
await person(users, 'ada')
await users.accounts.update({ username: 'ada' }, 'ada', { secondary_email: 'second@example.com' })
await users.accounts.confirmSecondaryEmail(keyOf(await outbox(users), 'secondary_email_confirmation'))
place.raw.exec(
  'create table gone (secondary_email text); create trigger watch before delete on usercore_account_recoveries begin insert into gone values (old.secondary_email); end',
)
await users.retirement.setPipeline(system)
await users.retirement.request({ username: 'ada' }, { username: 'ada' })
const last = place.raw
  .prepare('select secondary_email from gone')
  .all()
  .map((row) => row.secondary_email)
  .join()
const other = await attempt(() => person(users, 'bob', { email: 'second@example.com' }))
await verdict(
  other.ok && last !== '' && !last.includes('second@'),
  `the last state of the row says ${last}; registration with it ${other.ok ? 'works' : other.code}`,
)
