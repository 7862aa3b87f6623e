import { adapter, attempt, draw, kysely, load, person, pgUrl, system, usercore, verdict } from './_kit.mjs'

// One tenant per schema; the second connection sees the schema of the first behind its own.
const { default: pg } = await load('pg')
const admin = new pg.Client(pgUrl)
await admin.connect()
const [shared, tenant] = [draw(), draw()]
await admin.query(`create schema ${shared}`)
await admin.query(`create schema ${tenant}`)
const open = (path) =>
  new kysely.Kysely({
    dialect: new kysely.PostgresDialect({
      pool: new pg.Pool({ connectionString: pgUrl, max: 2, options: `-c search_path=${path}` }),
    }),
  })
const [first, second] = [open(shared), open(`${tenant},${shared}`)]
await adapter.migrate(first, { dialect: 'postgres' })
const r = await attempt(async () => {
  await adapter.migrate(second, { dialect: 'postgres' })
  const users = usercore.createUserCore({ repository: adapter.kyselyRepository(second, { dialect: 'postgres' }) })
  await person(users, 'ada')
  const others = usercore.createUserCore({ repository: adapter.kyselyRepository(first, { dialect: 'postgres' }) })
  return (await attempt(() => others.accounts.get(system, 'ada'))).ok
})
for (const db of [first, second]) await db.destroy()
await admin.query(`drop schema ${shared}, ${tenant} cascade`)
await admin.end()
await verdict(
  !r.ok || r.value === false,
  r.ok && r.value
    ? 'migrate makes no tables in the schema of the connection, and its people land in the other one'
    : 'each schema has its own people, or migrate says why not',
)
