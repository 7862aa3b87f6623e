import { attempt, keyOf, outbox, person, site, sqliteDb, usercore, verdict } from './_kit.mjs'

// Links that are clicked twice: nothing breaks, nothing happens twice.
const { users } = await site(await sqliteDb())
await person(users, 'ada', {}, {})
const activation = keyOf(await outbox(users), 'activation')
const clicks = [
  await attempt(() => users.accounts.activate(usercore.anonymous, activation)),
  await attempt(() => users.accounts.activate(usercore.anonymous, activation)),
]
await users.accounts.update({ username: 'ada' }, 'ada', { email: 'new@example.com' })
const change = keyOf(await outbox(users), 'email_change_confirmation')
const confirms = await Promise.all([1, 2, 3].map(() => attempt(() => users.accounts.confirmEmailChange(change))))
const mails = (await outbox(users)).filter((m) => m.name === 'email_changed').length
const right =
  clicks[1].value?.outcome === 'already_active' &&
  confirms.filter((r) => r.ok).length === 1 &&
  confirms.every((r) => r.ok || r.code === 'not_found') &&
  mails === 2
await verdict(
  right,
  `second activation: ${clicks[1].value?.outcome ?? clicks[1].code}; three confirmations: ${confirms.map((r) => (r.ok ? 'ok' : r.code)).join(', ')}; mails: ${mails}`,
)
