import { attempt, person, rules, site, sqliteDb, verdict } from './_kit.mjs'

// Merge patches that reach a prototype, in every place that takes one.
const { users } = await site(await sqliteDb())
await person(users, 'ada')
const ada = { username: 'ada' }
const evil = () => JSON.parse('{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}')
const calls = [
  () => users.accounts.update(ada, 'ada', evil()),
  () => users.accounts.update(ada, 'ada', { extended_profile: evil() }),
  () => users.accounts.update(ada, 'ada', { extended_profile: { a: evil() } }),
  () => users.preferences.update(ada, 'ada', evil()),
  async () => rules.applyMergePatch({}, evil()),
  () => users.extendedProfile.update(ada, 'ada', evil()),
]
const refused = []
for (const call of calls) {
  const { ok, code } = await attempt(call)
  refused.push(!ok && /(?:validation|patch)_error$/.test(code))
}
await verdict(
  refused.every(Boolean) && {}.polluted === undefined,
  `refused: ${refused.filter(Boolean).length} of ${calls.length}; prototype ${{}.polluted === undefined ? 'clean' : 'polluted'}`,
)
