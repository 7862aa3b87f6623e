/**
 * Personal data in the site's own tables: declared once, compared with the live schema, planned, exported, erased and looked for.
 *
 * Runs on the SQLite that is part of Node; elsewhere only the connection and the types differ.
 */
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { Kysely, SqliteDialect } from 'kysely'
import { createUserCore, definePersonalData, definePipeline, type ExportManifest, system } from 'usercore'
import { checkCoverage, kyselyPersonalData, kyselyRepository, migrate, nodeSqlite } from 'usercore/kysely'

const database = new DatabaseSync(':memory:')
const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: nodeSqlite(database) }) })
const options = { dialect: 'sqlite' } as const
await migrate(db, options)
database.exec(`
  create table orders (id integer primary key, customer_id integer not null references usercore_users (id),
    ordered_at text not null, address text, phone text);
  create index orders_of on orders (customer_id);
  create index orders_by_phone on orders (phone);
  create table order_lines (order_id integer not null references orders (id), line integer not null, engraving text,
    primary key (order_id, line));
  create table newsletters (id integer primary key, email text not null, topic text not null);
  create index newsletters_to on newsletters (lower(email));`)

console.log('— Three tables are declared: whose rows they are, what they hold, what an erasure does')
const sources = [
  definePersonalData({
    source: 'orders',
    table: 'orders',
    subject: { user_id: 'customer_id' },
    columns: {
      id: 'key',
      customer_id: 'key',
      ordered_at: 'fact',
      address: { meaning: 'personal', why: 'tax law', for: { days: 3650, since: 'ordered_at' } },
      phone: 'identifier',
    },
    treatment: { erase: 'columns', emptied: { phone: null } },
  }),
  definePersonalData({
    source: 'order_lines',
    table: 'order_lines',
    subject: { through: 'orders', column: 'order_id', references: 'id' },
    columns: { order_id: 'key', line: 'key', engraving: 'free_text' },
    treatment: { erase: 'rows', redacted: { engraving: '' } },
  }),
  definePersonalData({
    source: 'newsletters',
    table: 'newsletters',
    subject: { email: 'email' },
    columns: { id: 'key', email: 'identifier', topic: 'personal' },
    treatment: { erase: 'rows', redacted: { email: { keyed: true }, topic: '' } },
  }),
]
const complete = await checkCoverage(db, { ...options, sources })
console.log('forgotten:', complete)
assert.deepEqual(complete, [])

console.log('\n— A table is added, and no declaration names it: the check, run in CI, refuses it')
database.exec(
  'create table reviews (id integer primary key, author_id integer references usercore_users (id), stars integer)',
)
const forgotten = await checkCoverage(db, { ...options, sources })
for (const { code, sentence } of forgotten) console.log(`${code}: ${sentence}`)
assert.ok(forgotten.some(({ code, table }) => code === 'unclassified_table' && table === 'reviews'))
database.exec('drop table reviews')

const users = createUserCore({
  repository: kyselyRepository(db, options),
  personalData: kyselyPersonalData(db, { ...options, sources }),
  settings: {
    retired_identifier_keys: [{ id: 'k1', secret: 'a secret of the site, of 32 characters or more' }],
    minimum_cool_off_days: 0,
  },
})
await users.retirement.setPipeline(
  system,
  definePipeline([
    { step: 'sources', working: 'ERASING_SOURCES', done: 'SOURCES_ERASED', action: 'sources' },
    { step: 'account', working: 'ERASING_ACCOUNT', done: 'ACCOUNT_ERASED', action: 'account' },
  ]),
)
const person = (username: string) => ({ username, email: `${username}@example.com`, name: username })
const ada = await users.accounts.create(system, person('ada'), { active: true })
const bob = await users.accounts.create(system, person('bob'), { active: true })
for (const { id, username } of [ada, bob]) {
  database.exec(`
    insert into orders values (${id}, ${id}, '2026-11-29T12:00:00Z', 'Street of ${username}', '+1 ${id}');
    insert into order_lines values (${id}, 1, 'for ever, ${username}'), (${id}, 2, null);
    insert into newsletters values (${id}, '${username.toUpperCase()}@example.com', 'engines');`)
}

console.log('\n— Everything about ada, for ada')
let manifest: ExportManifest | undefined
for await (const { path, content } of users.personalData.export({ id: ada.id })) {
  let text = ''
  for await (const piece of content) text += Buffer.from(piece).toString()
  if (path === 'manifest.json') manifest = JSON.parse(text) as ExportManifest
  else if (!path.startsWith('usercore_')) console.log(`${path}\n${text}`)
  assert.doesNotMatch(text, /bob/i)
}
assert.ok(manifest !== undefined)
const { files, ...facts } = manifest
console.log('manifest:', facts)
console.table(files.map(({ path, rows, bytes, sha256 }) => ({ path, rows, bytes, sha256: `${sha256.slice(0, 12)}…` })))
const rowsOf = (path: string) => files.find((file) => file.path === path)?.rows
assert.deepEqual(
  ['orders', 'order_lines', 'newsletters'].map((source) => rowsOf(`${source}.ndjson`)),
  [1, 2, 1],
)

console.log('\n— What her retirement would do')
const plan = await users.retirement.plan({ id: ada.id }, { id: ada.id })
console.table(
  plan.sources.filter(({ rows }) => rows > 0).map(({ source, rows, erase, step }) => ({ source, rows, erase, step })),
)

console.log('\n— And does')
await users.retirement.request(system, { id: ada.id }, { plan: plan.hash })
for (const [state, action] of [
  ['ERASING_SOURCES', 'sources'],
  ['ERASING_ACCOUNT', 'account'],
] as const) {
  await users.retirement.move(system, { id: ada.id }, { state })
  await users.retirement.runStep(system, { id: ada.id }, action, { plan: plan.hash })
}
const left = database.prepare('select customer_id, address, phone from orders order by id').all()
console.table(left)
assert.deepEqual(
  left.map(({ phone }) => phone),
  [null, `+1 ${bob.id}`],
)
assert.equal(database.prepare('select count(*) as rows from order_lines').get()?.rows, 2)
assert.equal(database.prepare('select email from newsletters').get()?.email, 'BOB@example.com')

console.log('\n— A copy of her name is left with bob: the verification finds the row, and tells no value')
assert.equal((await users.retirement.verify(system, { id: ada.id }, { deep: true })).passed, true)
database.exec(`update order_lines set engraving = 'for ever, bob and ADA' where order_id = ${bob.id} and line = 1`)
const verification = await users.retirement.verify(system, { id: ada.id }, { deep: true })
console.log(verification.traces, verification.lookedAt)
assert.deepEqual(verification.traces, [{ source: 'order_lines', column: 'engraving', rows: 1 }])
console.table(verification.notLookedAt)
console.log('\nAll of it as expected.')
