import { person, site, sqliteDb, system, verdict } from './_kit.mjs'

// A patch of one field, and one by trusted code that has another part: everything that is not named stays.
const { users } = await site(await sqliteDb(), { settings: { extended_profile_fields: ['one', 'two', 'flag'] } })
await person(users, 'ada', {
  profile: {
    year_of_birth: 1990,
    country: 'US',
    state: 'MA',
    bio: 'b',
    city: 'c',
    goals: 'g',
    phone_number: '+1555',
    language_proficiencies: [{ code: 'en' }],
    social_links: [{ platform: 'x', social_link: 'ada' }],
    extended_profile: { one: 1, two: 2 },
  },
})
const whole = async () => {
  const { account_privacy, ...account } = await users.accounts.get(system, 'ada')
  return account
}
const before = await whole()
await users.accounts.update({ username: 'ada' }, 'ada', { extended_profile: { one: 9 } })
await users.accounts.update({ username: 'ada' }, 'ada', { bio: 'new' })
await users.extendedProfile.update({ system: true, name: 'crm' }, 'ada', { flag: true })
await users.accounts.updateAsOperator(system, 'ada', { is_active: true })
const after = await whole()
const expected = {
  ...before,
  bio: 'new',
  extended_profile: [
    { field_name: 'one', field_value: 9 },
    { field_name: 'two', field_value: 2 },
    { field_name: 'flag', field_value: true },
  ],
}
await verdict(JSON.stringify(after) === JSON.stringify(expected), 'what a patch does not name stays as it was')
