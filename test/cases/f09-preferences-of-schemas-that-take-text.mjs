import { load, person, site, sqliteDb, usercore, verdict } from './_kit.mjs'

// Declared preferences whose schema takes texts too: the value has to come back as it went in.
const z = await load('zod')
const preferences = usercore.definePreferences({
  digest: { schema: z.coerce.boolean(), default: true },
  layout: { schema: z.json(), default: {} },
  size: { schema: z.union([z.string(), z.number()]), default: 'm' },
})
const { users } = await site(await sqliteDb(), { preferences })
await person(users, 'ada')
const ada = { username: 'ada' }
const wrong = []
for (const [key, value] of [
  ['digest', false],
  ['layout', { columns: 2 }],
  ['size', 5],
]) {
  await users.preferences.set(ada, 'ada', key, value)
  const back = (await users.preferences.resolve(ada, 'ada', [key]))[key].value
  if (JSON.stringify(back) !== JSON.stringify(value))
    wrong.push(`${key} ${JSON.stringify(value)} comes back as ${JSON.stringify(back)}`)
}
await verdict(wrong.length === 0, wrong.length === 0 ? 'values come back as they went in' : wrong.join('; '))
