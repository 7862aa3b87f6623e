/**
 * Inside a transaction of yours: what usercore writes is stored together with your own rows, or not at all.
 *
 * The site gives out library cards. A card and the phone number that it needs belong together.
 */
import assert from 'node:assert/strict'
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { createUserCore, isUserCoreError, system } from 'usercore'
import { keptStatements, kyselyRepository, migrate } from 'usercore/kysely'

interface SiteTables {
  library_cards: { username: string; number: string }
}

const db = new Kysely<SiteTables>({
  dialect: new SqliteDialect({ database: keptStatements(new Database(':memory:')) }),
})
await migrate(db, { dialect: 'sqlite' })
await db.schema
  .createTable('library_cards')
  .addColumn('username', 'text', (column) => column.primaryKey())
  .addColumn('number', 'text', (column) => column.unique().notNull())
  .execute()

const users = createUserCore({ repository: kyselyRepository(db, { dialect: 'sqlite' }) })
for (const username of ['ada', 'bob']) {
  const account = { username, email: `${username}@example.com`, name: username }
  await users.accounts.create(system, account, { active: true })
}

/** Gives a person a card: their phone number, the event that tells of it, and the card, all of them or none. */
async function giveCard(username: string, phone_number: string, number: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await users.with(trx).accounts.update({ username }, username, { phone_number })
    await trx.insertInto('library_cards').values({ username, number }).execute()
  })
}

await giveCard('ada', '+442079460001', 'card-1')
await expectState('Ada has a card', { cards: ['card-1'], phones: ['+442079460001', null] })

await assert.rejects(giveCard('bob', '+442079460002', 'card-1'), { code: 'SQLITE_CONSTRAINT_UNIQUE' })
await expectState('Card 1 is taken: the insert fails, and takes back the phone number that was written before it', {
  cards: ['card-1'],
  phones: ['+442079460001', null],
})

await assert.rejects(giveCard('bob', 'no number', 'card-2'), isUserCoreError)
await expectState('A patch that is refused throws, so the card is not given out either', {
  cards: ['card-1'],
  phones: ['+442079460001', null],
})

await giveCard('bob', '+442079460002', 'card-2')
await expectState('Bob has a card, too', { cards: ['card-1', 'card-2'], phones: ['+442079460001', '+442079460002'] })

console.log('\n— Events tell of what was stored, never of what was taken back')
const told: string[] = []
await users.outbox.deliver(({ name, user_id }) => void told.push(`${name} of person ${user_id}`))
console.log(told)
assert.deepEqual(told, ['account.changed of person 1', 'account.changed of person 2'])
await db.destroy()

/** Shows what is stored, and throws unless it is what it should be. */
async function expectState(title: string, expected: { cards: string[]; phones: (string | null)[] }): Promise<void> {
  const cards = await db.selectFrom('library_cards').select('number').orderBy('number').execute()
  const accounts = await users.accounts.getMany(system, ['ada', 'bob'])
  const state = {
    cards: cards.map(({ number }) => number),
    phones: [...accounts.values()].map(({ phone_number }) => phone_number),
  }
  console.log(`\n— ${title}`)
  console.log(state)
  assert.deepEqual(state, expected)
}
