import { attempt, person, site, sqliteDb, usercore, verdict } from './_kit.mjs'

// Zones that were renamed or are new: today's name and the old one can be chosen; the new one is offered.
const { users } = await site(await sqliteDb())
await person(users, 'ada')
const wrong = []
for (const [today, before] of [
  ['Europe/Kyiv', 'Europe/Kiev'],
  ['America/Ciudad_Juarez'],
  ['America/Coyhaique'],
  ['Asia/Kolkata', 'Asia/Calcutta'],
  ['America/Nuuk', 'America/Godthab'],
  ['Pacific/Kanton', 'Pacific/Enderbury'],
  ['Asia/Ho_Chi_Minh', 'Asia/Saigon'],
]) {
  for (const zone of [today, before].filter(Boolean))
    if (!(await attempt(() => users.preferences.set({ username: 'ada' }, 'ada', 'time_zone', zone))).ok)
      wrong.push(zone)
  if (!usercore.listTimeZones().some((entry) => entry.time_zone === today)) wrong.push(`${today} is not offered`)
}
await verdict(wrong.length === 0, wrong.length === 0 ? 'names of today and before can be chosen' : wrong.join(', '))
