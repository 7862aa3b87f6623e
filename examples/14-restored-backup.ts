/**
 * A SQLite file is restored from its backup: people who were erased since are back, and the journal erases them again.
 *
 * The journal is a file beside the database, which the backup does not take back. Receipts are sealed before and after.
 */
import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Kysely, SqliteDialect } from 'kysely'
import { createUserCore, definePipeline, fileJournal, system } from 'usercore'
import { kyselyRepository, migrate, nodeSqlite } from 'usercore/kysely'

const folder = mkdtempSync(join(tmpdir(), 'usercore-backup-'))
const [file, backup] = ['site.db', 'backup.db'].map((name) => join(folder, name)) as [string, string]
const journal = fileJournal(join(folder, 'erasures.jsonl'))
let now = new Date('2026-11-01T02:00:00Z')

/** Opens the site over the file of its database. */
async function openSite() {
  const database = new DatabaseSync(file)
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: nodeSqlite(database) }) })
  await migrate(db, { dialect: 'sqlite' })
  const users = createUserCore({
    repository: kyselyRepository(db, { dialect: 'sqlite' }),
    journal,
    clock: () => now,
    settings: {
      retired_identifier_keys: [{ id: 'k1', secret: 'from your secret store, 32 characters' }],
      receipt_key: 'another one, which the database does not hold',
      // No request is under way here: a site waits, ten minutes by default.
      settle_minutes: 0,
    },
  })
  return { users, close: () => db.destroy() }
}

const account = (username: string) => ({ username, email: `${username}@example.com`, name: username })

console.log('— A site with three people, and its backup of the night')
let site = await openSite()
await site.users.retirement.setPipeline(
  system,
  definePipeline([{ step: 'account', working: 'RETIRING', done: 'RETIRED', action: 'account' }]),
)
const [ada, bob] = [
  await site.users.accounts.create(system, account('ada'), { active: true }),
  await site.users.accounts.create(system, account('bob'), { active: true }),
]
await site.users.retirement.request(system, bob)
await site.close()
copyFileSync(file, backup)
const night = now

console.log('\n— The days after: Bob is erased, and Cy registers and is erased')
site = await openSite()
const cy = await site.users.accounts.create(system, account('cy'), { active: true })
await site.users.retirement.request(system, cy)
now = new Date('2026-11-20T12:00:00Z')
await site.users.outbox.deliver(() => {}, { limit: 100 })
for (const person of [bob, cy]) {
  for (let status = ''; status !== 'complete'; ) {
    ;({ status } = await site.users.retirement.advance(system, { id: person.id }))
    while ((await site.users.outbox.deliver(() => {})).delivered > 0);
    now = new Date(now.getTime() + 60_000)
  }
  // Calls that were under way have ended by then.
  now = new Date(now.getTime() + 3_600_000)
  await site.users.retirement.cleanUp(system, [{ id: person.id }])
}
const { head } = await site.users.retirement.sealReceipts(system)
console.log('sealed:', head)
await site.close()
console.log(readFileSync(join(folder, 'erasures.jsonl'), 'utf8').trim().split(/\n+/).length, 'lines in the journal')

console.log('\n— The disk fails, and the backup is restored: Bob is back, and the receipts are gone')
copyFileSync(backup, file)
site = await openSite()
assert.equal((await site.users.retirement.get(system, { id: bob.id })).original_username, 'bob')

console.log('\n— The journal is replayed from the night of the backup on')
const replayed: string[] = []
for await (const { user_id, result } of site.users.retirement.replay(system, { since: night })) {
  console.log(user_id, result)
  replayed.push(result)
}
assert.deepEqual(replayed, ['replayed', 'absent'])
const isFree = await site.users.accounts.validate({ username: 'cy', email: 'bob@example.com' })
assert.deepEqual([isFree.username?.valid, isFree.email?.valid], [false, false])
assert.equal((await site.users.accounts.get(system, 'ada')).id, ada.id)

console.log(
  '\n— An hour later, once more: what had to wait for calls under way is cleaned up; then nothing is left to do',
)
now = new Date(now.getTime() + 3_600_000)
for await (const { user_id, result } of site.users.retirement.replay(system, { since: night }))
  console.log(user_id, result)
for await (const { user_id, result } of site.users.retirement.replay(system, { since: night })) {
  console.log(user_id, result)
  assert.notEqual(result, 'replayed')
}

console.log('\n— Receipts: the erasure was replayed, the chain holds, and the old head shows that it is another one')
await site.users.retirement.sealReceipts(system)
const [receipt] = await site.users.retirement.receiptsOf(system, { id: bob.id })
assert.equal(receipt?.kind, 'replay')
for await (const problem of site.users.retirement.verifyReceipts(system)) assert.fail(JSON.stringify(problem))
const problems: string[] = []
for await (const { problem } of site.users.retirement.verifyReceipts(system, { heads: head === null ? [] : [head] }))
  problems.push(problem)
console.log('against the head from before:', problems)
assert.notDeepEqual(problems, [])
await site.close()
rmSync(folder, { recursive: true })
