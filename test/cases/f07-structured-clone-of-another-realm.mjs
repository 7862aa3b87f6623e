import vm from 'node:vm'

// Under Jest (and vitest's vm pools) `structuredClone` gives objects of the outer realm. The same here, without Jest.
const parse = vm.runInNewContext('JSON.parse')
const original = globalThis.structuredClone
globalThis.structuredClone = (value, options) => {
  const copy = original(value, options)
  return typeof copy === 'object' && copy !== null && !(copy instanceof Date) ? parse(JSON.stringify(copy)) : copy
}
const { attempt, memory, person, rules, usercore, verdict } = await import('./_kit.mjs')
const users = usercore.createUserCore({
  repository: memory.memoryRepository(),
  settings: { extended_profile_fields: ['a'] },
})
const ada = { username: 'ada' }
await person(users, 'ada', { profile: { year_of_birth: 1990, language_proficiencies: [{ code: 'en' }] } })
const wrong = []
const soon = (call) =>
  Promise.race([
    attempt(call),
    new Promise((end) => setTimeout(() => end({ ok: false, code: 'no end within 3 s' }), 3000)),
  ])
for (const [name, call] of Object.entries({
  applyJsonPatch: async () => rules.applyJsonPatch({ a: 1 }, [{ op: 'add', path: '/b', value: { c: 1 } }]),
  'accounts.patch': () => users.accounts.patch(ada, 'ada', [{ op: 'replace', path: '/bio', value: 'x' }]),
  'a language that is there already': () =>
    users.accounts.update(ada, 'ada', { language_proficiencies: [{ code: 'en' }, { code: 'fr' }] }),
})) {
  const r = await soon(call)
  if (!r.ok) wrong.push(`${name} (${r.code})`)
}
await verdict(
  wrong.length === 0,
  wrong.length === 0
    ? 'works where structuredClone is of another realm'
    : `does not work where structuredClone is of another realm: ${wrong.join(', ')}`,
)
