import assert from 'node:assert/strict'
import { chunkRows } from '../../port/personal-data-store.ts'
import { isStorageError } from '../../port/repository.ts'
import { failAtEach, secret } from '../contract/fail-at-each.ts'
import {
  ada,
  bob,
  eraseAll,
  orders,
  type PersonalDataUnderTest,
  pseudonym,
  readAll,
  type SourceCase,
  type SourceGroup,
} from './store.ts'

/** `with`. */
export const inTransactions: SourceGroup = {
  async 'a chunk inside is seen inside alone until the host commits'(given) {
    await given.insert('contract_orders', orders(1))
    await given.transaction(async (transaction) => {
      const inside = given.store.with(transaction)
      assert.equal((await inside.erase('orders', ada, { pseudonym })).rows, 1)
      assert.equal((await inside.read('orders', ada, { limit: 1 })).rows[0]?.phone, null)
      assert.equal((await given.store.with(transaction).count('orders', ada)).rows, 1)
    })
    assert.equal((await given.rows('contract_orders'))[0]?.phone, null)
  },

  async 'a chunk inside is gone with the transaction'(given) {
    const rows = orders(2)
    await given.insert('contract_orders', rows)
    const lines = [{ order_id: 1, line: 1, code: 'c', engraving: 'x' }]
    await given.insert('contract_lines', lines)
    await assert.rejects(
      given.transaction(async (transaction) => {
        const inside = given.store.with(transaction)
        await inside.erase('lines', ada, { pseudonym })
        await inside.erase('orders', ada, { pseudonym })
        throw new Error('the host gives up')
      }),
      /gives up/,
    )
    assert.deepEqual(await readAll(given, 'orders', ada, 10), rows)
    assert.deepEqual(await readAll(given, 'lines', ada, 10), lines)
  },

  async 'a chunk that fails leaves nothing inside, and the transaction goes on'(given) {
    await given.insert(
      'contract_cards',
      ['a', 'b'].map((number) => ({ number, user_id: 7 })),
    )
    await given.insert('contract_orders', orders(1))
    await given.transaction(async (transaction) => {
      const inside = given.store.with(transaction)
      await assert.rejects(inside.erase('stamps', ada, { pseudonym }), (error) => isStorageError(error))
      assert.equal((await inside.read('cards', ada, { limit: 10 })).rows[0]?.number, 'a')
      await inside.erase('orders', ada, { pseudonym })
    })
    assert.equal((await given.rows('contract_cards')).length, 2)
    assert.equal((await given.rows('contract_orders'))[0]?.phone, null)
  },

  async 'calls that are made at once take turns'(given) {
    await given.insert(
      'contract_cards',
      ['a', 'b'].map((number) => ({ number, user_id: 7 })),
    )
    await given.insert('contract_orders', orders(1))
    await given.transaction(async (transaction) => {
      const inside = given.store.with(transaction)
      const calls = await Promise.allSettled([
        inside.erase('orders', ada, { pseudonym }),
        inside.erase('stamps', ada, { pseudonym }),
        given.store.with(transaction).erase('cards', ada, { pseudonym }),
        inside.count('orders', ada),
      ])
      assert.deepEqual(
        calls.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
      )
    })
    assert.equal((await given.rows('contract_cards')).length, 0)
    assert.equal((await given.rows('contract_orders'))[0]?.phone, null)
  },
}

/** Runs an operation, which may take at most this many statements where there are any. */
async function within<Result>(
  { statements }: Parameters<SourceCase>[0],
  budget: number,
  run: () => Promise<Result>,
): Promise<Result> {
  // The first call reads the catalogue.
  await run()
  const before = statements?.count() ?? 0
  const result = await run()
  const count = (statements?.count() ?? 0) - before
  assert.ok(count <= budget, `${count} statements instead of ${budget}`)
  if (statements !== undefined) assert.ok(count > 0, 'statements are not counted')
  return result
}

/** Returns a column of text of a source. */
function columnOf(source: string): string {
  const columns = { orders: 'note', lines: 'engraving', wishes: 'wish', letters: 'body', views: 'path' }
  return columns[source as keyof typeof columns]
}

/** The most statements of each method. */
export const sourceStatements: SourceGroup = {
  async 'counting, reading and searching are one, for a row as for many and over others'(given) {
    await given.insert('contract_orders', orders(300))
    await given.insert('contract_lines', [{ order_id: 1, line: 1, code: 'c', engraving: 'x' }])
    for (const source of ['orders', 'lines', 'wishes', 'letters', 'views']) {
      await within(given, 1, () => given.store.count(source, ada))
      await within(given, 1, () => given.store.read(source, ada, { limit: 300 }))
      await within(given, 1, () => given.store.findEqual(source, [columnOf(source)], ['ada', 'lovelace']))
      const search = { columns: [columnOf(source)], sought: { texts: ['ada'], isTrace: () => true }, limit: 300 }
      for (const person of [ada, undefined]) await within(given, 1, () => given.store.find(source, person, search))
    }
  },

  async 'a chunk is three, beside begin and end, for any number of rows'(given) {
    await given.insert('contract_orders', orders(300))
    const letters = Array.from({ length: 800 }, (_, index) => ({
      id: `l${index}`,
      email: 'ada@example.com',
      body: 'x',
    }))
    await given.insert('contract_letters', letters)
    assert.equal((await within(given, 5, () => given.store.erase('orders', ada, { pseudonym }))).rows, 300)
    assert.equal((await within(given, 6, () => given.store.erase('letters', ada, { pseudonym }))).rows, 300)
  },
}

/** Ids of a whole chunk: behind the last one, a store may clean up as it likes. */
const ids = Array.from({ length: chunkRows }, (_, index) => `l${String(index).padStart(5, '0')}`)

/** Lets the store read the catalogue, and prepare its connection. */
async function warmUp(given: PersonalDataUnderTest<unknown>, source: string): Promise<void> {
  await given.store.count(source, bob)
  await eraseAll(given, source, bob)
}

const eraseRows: SourceCase = async (given) => {
  const letters = ids.map((id) => ({ id, email: 'ada@example.com', body: secret }))
  await given.insert('contract_letters', letters)
  await warmUp(given, 'letters')
  await failAtEach(given, 'failAt', {
    run: (strike) => strike(() => given.store.erase('letters', ada, { pseudonym })),
    isUndone: async () => assert.deepEqual(await readAll(given, 'letters', ada, chunkRows), letters),
    async isDone({ rows }) {
      assert.equal(rows, chunkRows)
      assert.deepEqual(await given.rows('contract_letters'), [])
    },
  })
}

const eraseColumns: SourceCase = async (given) => {
  const handles = ids.map((_, id) => ({ id, username: id % 2 === 0 ? 'ada' : 'lovelace', handle: secret }))
  await given.insert('contract_handles', handles)
  await warmUp(given, 'handles')
  await failAtEach(given, 'failAt', {
    run: (strike) => strike(() => given.store.erase('handles', ada, { pseudonym })),
    isUndone: async () => assert.deepEqual(await readAll(given, 'handles', ada, chunkRows), handles),
    isDone: async ({ rows }) => assert.equal(rows, chunkRows),
  })
}

/** Every statement of every method fails once. */
export const sourceFailures: SourceGroup = {
  'a chunk that deletes is undone as a whole': eraseRows,
  'a chunk that empties is undone as a whole': eraseColumns,

  async 'a chunk whose connection is cut is undone as a whole'(given) {
    await given.insert('contract_orders', orders(chunkRows))
    await warmUp(given, 'orders')
    await failAtEach(given, 'cutAt', {
      run: (strike) => strike(() => given.store.erase('orders', ada, { pseudonym })),
      isUndone: async () => assert.ok((await given.rows('contract_orders')).every(({ phone }) => phone !== null)),
      isDone: async ({ rows }) => assert.equal(rows, chunkRows),
    })
  },

  async 'a read that fails tells nothing, and the next one works'(given) {
    const secrets = { ...ada, emails: [secret] }
    await given.insert('contract_letters', [{ id: 'a', email: secret, body: secret }])
    await failAtEach(given, 'failAt', {
      run: (strike) => strike(() => given.store.read('letters', secrets, { limit: 10 })),
      isUndone: async () => {},
      isDone: async ({ rows }) => assert.equal(rows.length, 1),
    })
    await failAtEach(given, 'failAt', {
      run: (strike) => strike(() => given.store.count('letters', secrets)),
      isUndone: async () => {},
      isDone: async ({ rows }) => assert.equal(rows, 1),
    })
    const search = { columns: ['body'], sought: { texts: [secret.toLowerCase()], isTrace: () => true }, limit: 10 }
    for (const person of [secrets, undefined]) {
      await failAtEach(given, 'failAt', {
        run: (strike) => strike(() => given.store.find('letters', person, search)),
        isUndone: async () => {},
        isDone: async (found) => assert.deepEqual(found, { columns: { body: 1 }, rows: 1, next: null }),
      })
    }
    await failAtEach(given, 'failAt', {
      run: (strike) => strike(() => given.store.findEqual('letters', ['email'], [secret])),
      isUndone: async () => {},
      isDone: async (found) => assert.deepEqual(found, { email: 1 }),
    })
    assert.deepEqual(await eraseAll(given, 'letters', bob), [0])
  },
}
