import { person, site, sqliteDb, verdict } from './_kit.mjs'

// Null takes a key out of metadata, at the top and below; an empty object changes nothing; empty values are values.
const { users } = await site(await sqliteDb(), {
  settings: { extended_profile_fields: ['foo', 'deep', 'zero', 'no', 'blank', 'list'] },
})
await person(users, 'ada', {
  profile: {
    year_of_birth: 1990,
    extended_profile: { foo: 'bar', deep: { a: 1, b: 2 }, zero: 0, no: false, blank: '', list: [1] },
  },
})
const ada = { username: 'ada' }
await users.accounts.update(ada, 'ada', { extended_profile: { foo: null, deep: { a: null, c: 0 }, list: [null] } })
await users.accounts.update(ada, 'ada', { extended_profile: {} })
const { values } = await users.extendedProfile.get(ada, ada)
const right =
  JSON.stringify(Object.entries(values).sort()) ===
  JSON.stringify(Object.entries({ deep: { b: 2, c: 0 }, zero: 0, no: false, blank: '', list: [null] }).sort())
await verdict(right, `left: ${JSON.stringify(values)}`)
