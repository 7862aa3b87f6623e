import vm from 'node:vm'
import { attempt, person, rules, site, sqliteDb, verdict } from './_kit.mjs'

// Plain objects made in another realm: what Jest, vm sandboxes and Electron hand over.
const { users } = await site(await sqliteDb(), { settings: { extended_profile_fields: ['a'] } })
await person(users, 'ada')
const ada = { username: 'ada' }
const far = (text) => vm.runInNewContext(`(${text})`)
const calls = {
  patch: () => users.accounts.update(ada, 'ada', far('{ bio: "x" }')),
  'nested object': () => users.accounts.update(ada, 'ada', { extended_profile: { a: far('{ b: [1] }') } }),
  'list of objects': () => users.accounts.update(ada, 'ada', { language_proficiencies: [far('{ code: "en" }')] }),
  preferences: () => users.preferences.update(ada, 'ada', far('{ theme: "dark" }')),
  'JSON Patch': () => users.accounts.patch(ada, 'ada', far('[{ op: "replace", path: "/bio", value: "y" }]')),
  'pure merge patch': async () => rules.applyMergePatch(far('{ a: 1 }'), { b: 2 }),
}
const refused = []
for (const [name, call] of Object.entries(calls)) {
  const r = await attempt(call)
  if (!r.ok) refused.push(`${name} (${r.code})`)
}
await verdict(
  refused.length === 0,
  refused.length === 0 ? 'objects of another realm count as plain' : `refused though plain: ${refused.join(', ')}`,
)
