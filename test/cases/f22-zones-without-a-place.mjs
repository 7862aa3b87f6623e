import { attempt, person, site, sqliteDb, usercore, verdict } from './_kit.mjs'

// Zones that browsers report on machines set to a plain offset.
const { users } = await site(await sqliteDb())
await person(users, 'ada')
const refused = []
for (const zone of ['Etc/GMT+5', 'Etc/GMT-3', 'Etc/UTC'])
  if (
    !usercore.isTimeZone(zone) ||
    !(await attempt(() => users.preferences.set({ username: 'ada' }, 'ada', 'time_zone', zone))).ok
  )
    refused.push(zone)
await verdict(
  refused.length === 0,
  refused.length === 0
    ? 'zones of plain offsets can be chosen'
    : `refused though browsers report them: ${refused.join(', ')}`,
)
