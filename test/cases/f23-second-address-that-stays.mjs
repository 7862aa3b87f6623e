import { attempt, keyOf, outbox, person, site, sqliteDb, verdict } from './_kit.mjs'

// Somebody wants their second address taken out, so that it can be used elsewhere.
const { users } = await site(await sqliteDb(), { settings: { enable_secondary_email: true } })
await person(users, 'ada')
const ada = { username: 'ada' }
await users.accounts.update(ada, 'ada', { secondary_email: 'old.job@example.com' })
await users.accounts.confirmSecondaryEmail(keyOf(await outbox(users), 'secondary_email_confirmation'))
for (const secondary_email of [null, '']) await attempt(() => users.accounts.update(ada, 'ada', { secondary_email }))
await attempt(() => users.accounts.patch(ada, 'ada', [{ op: 'remove', path: '/secondary_email' }]))
for (const name of Object.keys(users.accounts).filter((n) => /(remove|delete|drop|clear).*(second|email)/i.test(n)))
  await attempt(() => users.accounts[name](ada, 'ada'))
const free = await attempt(() => person(users, 'bob', { email: 'old.job@example.com' }))
await verdict(
  free.ok,
  free.ok ? 'a second address can be taken out' : 'a second address can never be taken out, and stays reserved',
)
