import { attempt, mysqlDb, person, postgresDb, site, sqliteDb, verdict } from './_kit.mjs'

// Registrations at once with one address, or one username, in several letter cases: one of them wins, the others get a field error.
const wrong = []
for (const open of [sqliteDb, postgresDb, mysqlDb]) {
  const { users, dialect, close } = await site(await open())
  const at = (n, make) => Promise.all(Array.from({ length: n }, (_, i) => attempt(() => make(i))))
  const byMail = await at(8, (i) =>
    person(users, `user${i}`, { email: i % 2 ? 'same@example.com' : 'SAME@Example.COM' }),
  )
  const byName = await at(8, (i) => person(users, i % 2 ? 'grace' : 'GRACE', { email: `grace${i}@example.com` }))
  for (const [field, all] of [
    ['email', byMail],
    ['username', byName],
  ])
    if (all.filter((r) => r.ok).length !== 1 || all.some((r) => !r.ok && r.fields[field] !== 'conflict'))
      wrong.push(`${dialect} ${field}`)
  await close()
}
await verdict(
  wrong.length === 0,
  wrong.length === 0 ? 'one account, seven field errors, on each database' : `not so: ${wrong.join(', ')}`,
)
