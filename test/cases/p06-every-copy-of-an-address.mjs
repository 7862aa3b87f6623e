import { clock, day, keyOf, outbox, person, site, sqliteDb, system, verdict } from './_kit.mjs'

// Everything that keeps an address or a name in some form (keys, history, pending, outbox): nothing left after clean-up.
const now = clock()
const place = await sqliteDb()
const { users } = await site(place, {
  clock: now,
  settings: { email_change_rate_limit: '9/d', event_value_fields: ['name', 'email', 'bio', 'account_privacy'] },
})
await person(users, 'zorro', {
  email: 'Zorro.One@Mailbox.Example',
  name: 'Diego Vega',
  profile: { year_of_birth: 1990, bio: 'swordplay', extended_profile: { nick: 'elzorro' } },
})
const zorro = { username: 'zorro' }
await users.accounts.update(zorro, 'zorro', { email: 'zorro.two@mailbox.example' })
await users.accounts.confirmEmailChange(keyOf(await outbox(users), 'email_change_confirmation'))
await users.accounts.update(zorro, 'zorro', {
  email: 'zorro.three@mailbox.example',
  secondary_email: 'zorro.four@mailbox.example',
  name: 'Diego de la Vega',
  bio: 'masks',
})
await users.accounts.requestNameChange(zorro, zorro, 'Don Diego')
await users.preferences.update(zorro, 'zorro', { note: 'I am elzorro' })
await users.retirement.setPipeline(system)
await users.retirement.request(zorro, zorro)
now.forward(15 * day)
const [claim] = await users.retirement.claim(system)
const move = (state, note) => users.retirement.move(system, claim, { state, note })
await move('RETIRING_LMS', 'could not find zorro.two@mailbox.example of Diego de la Vega')
await users.retirement.runStep(system, claim, 'account')
await move('COMPLETE', '')
await users.retirement.cleanUp(system, ['zorro'])
const left = []
for (const { name } of place.raw.prepare("select name from sqlite_master where type = 'table'").all()) {
  const text = JSON.stringify(place.raw.prepare(`select * from "${name}"`).all()).toLowerCase()
  for (const word of ['zorro', 'vega', 'mailbox.example', 'swordplay', 'masks'])
    if (text.includes(word)) left.push(`${word} in ${name}`)
}
await verdict(left.length === 0, left.length === 0 ? 'no table has a copy' : left.join(', '))
