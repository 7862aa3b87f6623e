import assert from 'node:assert/strict'
import { chunkRows, type SourceRow } from '../../port/personal-data-store.ts'
import { isStorageError } from '../../port/repository.ts'
import { ada, bob, eraseAll, orders, pseudonym, readAll, type SourceGroup } from './store.ts'

const byId = (a: SourceRow, b: SourceRow) => Number(a.id) - Number(b.id)

/** `erase`. */
export const erasing: SourceGroup = {
  async 'columns are emptied, and all else stays: others, what is retained, and rows of others'(given) {
    const [mine, other] = [orders(3), orders(2, 8, 4)]
    await given.insert('contract_orders', [...mine, ...other])
    assert.deepEqual(await eraseAll(given, 'orders', ada), [3])
    const emptied = mine.map((row) => ({ ...row, phone: null, note: '', address: {} }))
    assert.deepEqual(await readAll(given, 'orders', ada, 10), emptied)
    assert.deepEqual(await readAll(given, 'orders', bob, 10), other)
  },

  async 'rows are deleted at any number of steps, and none of others'(given) {
    await given.insert('contract_orders', [...orders(1), ...orders(1, 8, 2)])
    const lines = [1, 2].flatMap((order_id) =>
      [1, 2].map((line) => ({ order_id, line, code: `c${order_id}${line}`, engraving: 'x' })),
    )
    await given.insert('contract_lines', lines)
    const wishes = lines.map(({ code }, index) => ({ id: index + 1, code, wish: 'x' }))
    await given.insert('contract_wishes', wishes)
    assert.deepEqual(await eraseAll(given, 'wishes', ada), [2])
    assert.deepEqual((await given.rows('contract_wishes')).toSorted(byId), wishes.slice(2))
    assert.deepEqual(await eraseAll(given, 'lines', ada), [2])
    assert.deepEqual(await readAll(given, 'lines', bob, 10), lines.slice(2))
    assert.equal((await given.rows('contract_lines')).length, 2)
  },

  async 'rows are found by every name, and those that a collation takes for equal stay'(given) {
    const emails = ['ADA@example.com', 'ada@xn--bro-hoa.example', 'adä@example.com', 'bob@example.com']
    await given.insert(
      'contract_letters',
      emails.map((email, index) => ({ id: `l${index}`, email, body: 'x' })),
    )
    assert.deepEqual(await eraseAll(given, 'letters', ada), [2])
    assert.deepEqual((await given.rows('contract_letters')).map(({ email }) => String(email)).toSorted(), [
      'adä@example.com',
      'bob@example.com',
    ])
  },

  async 'equal values get equal pseudonyms, and each row a text of its own'(given) {
    const handles = ['ada', 'ada', 'lovelace', 'bob'].map((username, index) => ({
      id: index + 1,
      username,
      handle: 'h',
    }))
    await given.insert('contract_handles', handles)
    assert.deepEqual(await eraseAll(given, 'handles', ada), [3])
    const rows = (await given.rows('contract_handles')).toSorted(byId)
    assert.deepEqual(
      rows.map(({ username }) => username),
      [pseudonym('ada'), pseudonym('ada'), pseudonym('lovelace'), 'bob'],
    )
    const texts = rows.slice(0, 3).map(({ handle }) => String(handle))
    assert.equal(new Set(texts).size, 3)
    for (const text of texts) assert.match(text, /^gone-.+/)
    assert.equal(rows[3]?.handle, 'h')
  },

  async 'a key that is overwritten still leads to its row'(given) {
    await given.insert('contract_cards', [
      ...['a', 'b'].map((number) => ({ number, user_id: 7 })),
      { number: 'c', user_id: 8 },
    ])
    assert.deepEqual(await eraseAll(given, 'cards', ada), [2])
    assert.deepEqual(await given.rows('contract_cards'), [{ number: 'c', user_id: 8 }])
  },

  async 'what breaks a unique key fails as a whole, and the next call works'(given) {
    const cards = ['a', 'b'].map((number) => ({ number, user_id: 7 }))
    await given.insert('contract_cards', cards)
    await assert.rejects(
      given.store.erase('stamps', ada, { pseudonym }),
      (error) => isStorageError(error) && error.driver_code === 'NOT_ERASABLE',
    )
    assert.deepEqual(await readAll(given, 'cards', ada, 10), cards)
    assert.deepEqual(await eraseAll(given, 'cards', ada), [2])
  },

  async 'what a step of the host erases, and what stays, is left as it is'(given) {
    await given.insert('contract_views', [{ user_id: 7, path: '/a' }])
    await given.insert('contract_cards', [{ number: 'a', user_id: 7 }])
    for (const source of ['views', 'kept_cards'])
      assert.deepEqual(await given.store.erase(source, ada, { pseudonym }), { rows: 0, next: null })
    assert.deepEqual(await given.rows('contract_views'), [{ user_id: 7, path: '/a' }])
    assert.equal((await given.rows('contract_cards')).length, 1)
  },

  async 'a chunk has chunkRows rows at most, and cursors lead through all of them'(given) {
    await given.insert('contract_orders', orders(2 * chunkRows + 3))
    assert.deepEqual(await eraseAll(given, 'orders', ada), [chunkRows, chunkRows, 3])
    const rows = await given.rows('contract_orders')
    assert.ok(rows.every(({ phone }) => phone === null))
  },

  async 'an erasure goes on with a cursor, and may begin again'(given) {
    const count = chunkRows + 5
    const letters = Array.from({ length: count }, (_, index) => ({
      id: `l${String(index).padStart(5, '0')}`,
      email: 'ada@example.com',
      body: 'x',
    }))
    await given.insert('contract_letters', letters)
    const first = await given.store.erase('letters', ada, { pseudonym })
    assert.deepEqual([first.rows, (await given.rows('contract_letters')).length], [chunkRows, 5])
    const after = first.next ?? ''
    assert.equal((await given.store.erase('letters', ada, { pseudonym, after })).rows, 5)
    assert.deepEqual(await given.store.erase('letters', ada, { pseudonym, after }), { rows: 0, next: null })
    assert.deepEqual(await given.store.erase('letters', ada, { pseudonym }), { rows: 0, next: null })
    await given.insert('contract_orders', orders(2))
    await eraseAll(given, 'orders', ada)
    const once = (await given.rows('contract_orders')).toSorted(byId)
    assert.deepEqual(await eraseAll(given, 'orders', ada), [2])
    assert.deepEqual((await given.rows('contract_orders')).toSorted(byId), once)
  },
}
