import { attempt, kysely, load, outbox, person, pgUrl, postgresDb, site, sqliteDb, system, verdict } from './_kit.mjs'

// A driver that the host has set to give every integer as BigInt: ids stay numbers, results stay JSON.
const places = [await sqliteDb({ prepare: (raw) => raw.defaultSafeIntegers(true) })]
const pg = await postgresDb()
const { default: driver } = await load('pg')
const types = {
  getTypeParser: (oid, format) => (oid === 20 || oid === 23 ? BigInt : driver.types.getTypeParser(oid, format)),
}
const pool = new driver.Pool({ connectionString: pgUrl, max: 2, options: `-c search_path=${pg.schema}`, types })
const db = new kysely.Kysely({ dialect: new kysely.PostgresDialect({ pool }) })
places.push({ db, dialect: 'postgres' })
const wrong = []
for (const place of places) {
  const r = await attempt(async () => {
    const { users } = await site(place)
    const { id } = await person(users, 'ada')
    const { version } = await users.accounts.update({ username: 'ada' }, 'ada', { bio: 'x' })
    const messages = await outbox(users)
    const account = await users.accounts.get(system, { id })
    JSON.stringify([account, messages, version, await users.preferences.list(system)])
    return (
      typeof id === 'number' &&
      typeof version === 'number' &&
      typeof account.year_of_birth === 'number' &&
      account.is_active === true
    )
  })
  if (r.value !== true) wrong.push(`${place.dialect}: ${r.error?.cause ?? r.error?.message ?? 'types'}`)
}
await db.destroy()
await verdict(wrong.length === 0, wrong.length === 0 ? 'ids and versions are numbers' : wrong.join('; '))
