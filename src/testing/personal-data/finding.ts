import assert from 'node:assert/strict'
import { mostCounted } from '../../port/personal-data-store.ts'
import { isUserCoreError } from '../../values/errors.ts'
import { ada, bob, orders, readAll, type SourceGroup } from './store.ts'

/** `count` and `read`. */
export const finding: SourceGroup = {
  async 'a row comes with every declared column, as JSON, and belongs to the person whose id it has'(given) {
    const [mine, other] = [orders(1), orders(1, 8, 2)]
    await given.insert('contract_orders', [...mine, ...other])
    assert.deepEqual(await readAll(given, 'orders', ada, 10), mine)
    assert.deepEqual(await readAll(given, 'orders', bob, 10), other)
    assert.deepEqual(await readAll(given, 'orders', { ...ada, user_id: 9 }, 10), [])
  },

  async 'rows that lead to a person over others belong to them, at any number of steps'(given) {
    await given.insert('contract_orders', [...orders(2), ...orders(1, 8, 3)])
    const lines = [1, 2, 3].flatMap((order_id) =>
      [1, 2].map((line) => ({ order_id, line, code: `c${order_id}${line}`, engraving: `for order ${order_id}` })),
    )
    await given.insert('contract_lines', lines)
    const wishes = lines.map(({ code }, index) => ({ id: index + 1, code, wish: `wish ${index + 1}` }))
    await given.insert('contract_wishes', [...wishes, { id: 90, code: null, wish: 'of none' }])
    const isMine = ({ code }: { readonly code: string }) => !code.startsWith('c3')
    assert.deepEqual(await readAll(given, 'lines', ada, 10), lines.filter(isMine))
    assert.deepEqual(await readAll(given, 'wishes', ada, 10), wishes.filter(isMine))
    assert.deepEqual(
      [(await given.store.count('wishes', ada)).rows, (await given.store.count('lines', bob)).rows],
      [4, 2],
    )
  },

  async 'names are found in any spelling, and those that a collation takes for equal are of others'(given) {
    const found = [
      'ada@example.com',
      'ADA@Example.COM',
      'ada@büro.example',
      'ada@xn--bro-hoa.example',
      'Ada@Büro.example',
    ]
    const others = ['adä@example.com', 'ada@example.co', 'bob@example.com', 'àda@example.com', null]
    const letter = (email: string | null, index: number) => ({ id: `l${index}`, email, body: 'x' })
    await given.insert('contract_letters', [...found, ...others].map(letter))
    const emails = (await readAll(given, 'letters', ada, 10)).map(({ email }) => email)
    assert.deepEqual(emails, found)
    assert.equal((await given.store.count('letters', ada)).rows, found.length)
    const handles = ['ada', 'LOVELACE', 'Ada', 'adá', 'lovelac', 'bob']
    const handle = (username: string, index: number) => ({ id: index, username, handle: `h${index}` })
    await given.insert('contract_handles', handles.map(handle))
    assert.deepEqual(
      (await readAll(given, 'handles', ada, 10)).map(({ username }) => username),
      handles.slice(0, 3),
    )
    assert.equal((await given.store.count('handles', ada)).rows, 3)
    assert.deepEqual(await readAll(given, 'handles', { ...ada, usernames: [] }, 10), [])
  },

  async 'pages go along the key, each row in exactly one, also while others come and go'(given) {
    await given.insert('contract_orders', orders(2))
    const lines = [1, 2].flatMap((order_id) =>
      Array.from({ length: 7 }, (_, line) => ({ order_id, line, code: `c${order_id}-${line}`, engraving: '' })),
    )
    await given.insert('contract_lines', lines)
    for (const limit of [1, 3, 7, 14, 20]) assert.deepEqual(await readAll(given, 'lines', ada, limit), lines)
    const first = await given.store.read('lines', ada, { limit: 5 })
    assert.equal(first.rows.length, 5)
    await given.insert('contract_lines', [{ order_id: 1, line: -1, code: 'late', engraving: '' }])
    const rest = await given.store.read('lines', ada, { limit: 20, after: first.next ?? '' })
    assert.deepEqual([...first.rows, ...rest.rows], lines)
    assert.equal(rest.next, null)
  },

  async 'texts are a key in the order of the database'(given) {
    const letters = ['b', 'a', 'C', 'ä', 'Z', '_', '10', '9'].map((id) => ({ id, email: 'ada@example.com', body: id }))
    await given.insert('contract_letters', letters)
    for (const limit of [1, 2, 3]) {
      const ids = (await readAll(given, 'letters', ada, limit)).map(({ id }) => String(id))
      assert.deepEqual(ids.toSorted(), letters.map(({ id }) => id).toSorted())
    }
  },

  async 'all rows of a table without a key come in one page'(given) {
    const paths = ['/a', '/b', '/a']
    await given.insert('contract_views', [
      ...paths.map((path) => ({ user_id: 7, path })),
      { user_id: 8, path: '/secret' },
    ])
    const { rows, next } = await given.store.read('views', ada, { limit: 1 })
    assert.deepEqual(rows.map(({ path }) => String(path)).toSorted(), paths.toSorted())
    assert.equal(next, null)
  },

  async 'the greatest moment from which a retained column is counted comes with the count'(given) {
    const placed = ['2024-06-15T12:00:00.000000Z', '2025-01-01T00:00:00.000000Z', null]
    const [order] = orders(1)
    await given.insert('contract_orders', [
      ...placed.map((placed_at, index) => ({ ...order, id: index + 1, placed_at })),
      ...orders(1, 8, 9).map((row) => ({ ...row, placed_at: '2030-01-01T00:00:00.000000Z' })),
    ])
    assert.deepEqual(await given.store.count('orders', ada), {
      rows: 3,
      latest: { placed_at: '2025-01-01T00:00:00.000000Z' },
    })
    assert.deepEqual(await given.store.count('orders', { ...ada, user_id: 9 }), {
      rows: 0,
      latest: { placed_at: null },
    })
    assert.deepEqual(await given.store.count('views', ada), { rows: 0, latest: {} })
  },

  async 'counting ends at mostCounted'(given) {
    const size = 5000
    for (let first = 0; first < mostCounted + size; first += size) {
      await given.insert(
        'contract_views',
        Array.from({ length: size }, () => ({ user_id: 7, path: '' })),
      )
    }
    assert.equal((await given.store.count('views', ada)).rows, mostCounted)
  },

  async 'a source that was not declared is a config_error, and a cursor of no page a bad_request'({ store }) {
    await assert.rejects(store.count('orderz', ada), (error) => isUserCoreError(error, 'config_error'))
    await assert.rejects(store.findEqual('orderz', ['id'], ['ada']), (error) => isUserCoreError(error, 'config_error'))
    await assert.rejects(store.read('constructor', ada, { limit: 1 }), (error) =>
      isUserCoreError(error, 'config_error'),
    )
    for (const after of [
      '',
      'x',
      Buffer.from('[1,2]').toString('base64url'),
      Buffer.from('{}').toString('base64url'),
    ]) {
      const search = { columns: ['note'], sought: { texts: [], isTrace: () => false }, limit: 1, after }
      const isRefused = (error: unknown) => isUserCoreError(error, 'bad_request')
      await assert.rejects(store.read('orders', ada, { limit: 1, after }), isRefused)
      await assert.rejects(store.find('orders', undefined, search), isRefused)
    }
  },
}
