import { attempt, keyOf, outbox, person, site, sqliteDb, system, verdict } from './_kit.mjs'

// Somebody mistypes their new address, notices at once, and wants to keep the one they have.
const { users } = await site(await sqliteDb())
await person(users, 'ada')
const ada = { username: 'ada' }
await users.accounts.update(ada, 'ada', { email: 'stranger@example.net' })
const key = keyOf(await outbox(users), 'email_change_confirmation')
const ways = [
  () => users.accounts.update(ada, 'ada', { email: 'ada@example.com' }),
  () => users.accounts.update(ada, 'ada', { email: null }),
  () => users.accounts.updateAsOperator(system, 'ada', { email: 'ada@example.com' }),
  ...Object.keys(users.accounts)
    .filter((name) => /(cancel|withdraw|drop|discard).*(e?mail|change|pending)/i.test(name))
    .map((name) => () => users.accounts[name](ada, 'ada')),
]
for (const way of ways) await attempt(way)
const stranger = await attempt(() => users.accounts.confirmEmailChange(key))
const account = await users.accounts.get(system, 'ada')
await verdict(
  !stranger.ok && account.email === 'ada@example.com',
  `a wanted address ${stranger.ok ? 'cannot be withdrawn: whoever got the mail takes the account' : 'can be withdrawn'}`,
)
