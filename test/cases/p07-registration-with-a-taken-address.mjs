import { attempt, person, site, sqliteDb, system, verdict } from './_kit.mjs'

// Registering again with an address that somebody has must change nothing of theirs.
const { users } = await site(await sqliteDb(), { settings: { extended_profile_fields: ['phone', 'company'] } })
await person(users, 'ada', { profile: { year_of_birth: 1990, extended_profile: { phone: '1', company: 'A' } } })
const before = JSON.stringify(await users.accounts.get(system, 'ada'))
const again = await attempt(() =>
  person(
    users,
    'eve',
    { email: 'ADA@example.com', profile: { extended_profile: { phone: '666', company: 'Evil' } } },
    {},
  ),
)
const same = await attempt(() =>
  person(users, 'ADA', { email: 'eve@example.com', profile: { extended_profile: { phone: '666' } } }, {}),
)
const after = JSON.stringify(await users.accounts.get(system, 'ada'))
await verdict(
  !again.ok && !same.ok && before === after && again.fields.email === 'conflict' && same.fields.username === 'conflict',
  `refused at ${Object.keys(again.fields ?? {})} and ${Object.keys(same.fields ?? {})}; the account ${before === after ? 'is as it was' : 'was changed'}`,
)
