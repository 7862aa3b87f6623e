import { attempt, keyOf, outbox, person, site, sqliteDb, system, usercore, verdict } from './_kit.mjs'

// The activation mail went to an address that the account does not have any more: its link proves nothing of the new one.
const { users } = await site(await sqliteDb())
await person(users, 'ada', {}, {})
const byOperator = keyOf(await outbox(users), 'activation')
await users.accounts.updateAsOperator(system, 'ada', { email: 'other@example.com' })
const first = await attempt(() => users.accounts.activate(usercore.anonymous, byOperator))
await person(users, 'bob', {}, {})
const mailed = keyOf(await outbox(users), 'activation')
await users.accounts.update({ username: 'bob' }, 'bob', { email: 'bobs.new@example.com' })
await users.accounts.confirmEmailChange(keyOf(await outbox(users), 'email_change_confirmation'))
const second = await attempt(() => users.accounts.activate(usercore.anonymous, mailed))
const bad = [first, second].filter((r) => r.ok && r.value.outcome === 'activated').length
await verdict(bad === 0, `${bad} of 2 activation links that were mailed to a former address still confirm the account`)
