import assert from 'node:assert/strict'
import type { FoundTraces, PersonNames, Sought } from '../../port/personal-data-store.ts'
import { canonicalJson } from '../../values/canonical-json.ts'
import type { JsonValue } from '../../values/json.ts'
import { ada, bob, orders, type PersonalDataUnderTest, type SourceGroup } from './store.ts'

/** Looks for texts of any letter case, in JSON too. */
const seeking = (...texts: readonly string[]): Sought => ({
  texts,
  isTrace: (value) => texts.some((text) => JSON.stringify(value).toLowerCase().includes(text)),
})

/** Looks through a source to its end, in pages of so many rows. Returns the rows with a trace by column, and the number of all. */
async function findAll(
  { store }: Pick<PersonalDataUnderTest<unknown>, 'store'>,
  source: string,
  person: PersonNames | undefined,
  columns: readonly string[],
  sought: Sought,
  limit = 10,
): Promise<Pick<FoundTraces, 'columns' | 'rows'>> {
  const counts: Record<string, number> = {}
  let rows = 0
  let next: string | null | undefined
  do {
    const after = typeof next === 'string' ? { after: next } : {}
    const page = await store.find(source, person, { columns, sought, limit, ...after })
    for (const [column, count] of Object.entries(page.columns)) counts[column] = (counts[column] ?? 0) + count
    rows += page.rows
    next = page.next
  } while (next !== null)
  return { columns: counts, rows }
}

/** `find` and `findEqual`. */
export const searching: SourceGroup = {
  async 'of a person the values are shown as `read` gives them, and rows with a trace are counted by column'(given) {
    await given.insert('contract_orders', [...orders(3), ...orders(2, 8, 4)])
    const shown: JsonValue[] = []
    const sought: Sought = {
      texts: ['ada'],
      isTrace(value, column) {
        shown.push([column, value])
        return column === 'address' || value === '+49 2'
      },
    }
    const columns = ['phone', 'address']
    assert.deepEqual(await findAll(given, 'orders', ada, columns, sought), {
      columns: { phone: 1, address: 3 },
      rows: 3,
    })
    const read = orders(3).flatMap(({ phone, address }) => [
      ['phone', phone],
      ['address', address],
    ])
    assert.deepEqual(new Set(shown.map(canonicalJson)), new Set(read.map(canonicalJson)))
    const nothing = { columns: {}, rows: 2 }
    assert.deepEqual(await findAll(given, 'orders', bob, ['note'], seeking('bob')), nothing)
  },

  async 'without a person all rows are looked at, those that lead to no person too'(given) {
    await given.insert('contract_orders', orders(1))
    const lines = [1, 1, 99].map((order_id, line) => ({ order_id, line, code: `c${line}`, engraving: 'For ADA' }))
    await given.insert('contract_lines', lines)
    const found = { columns: { engraving: 3 }, rows: 3 }
    assert.deepEqual(await findAll(given, 'lines', undefined, ['engraving'], seeking('ada')), found)
    assert.deepEqual((await findAll(given, 'lines', ada, ['engraving'], seeking('ada'))).rows, 2)
  },

  async 'every row that may hold one of the texts is shown, in whatever form it has it'(given) {
    const held = ['ada', 'To ADA', 'x_Ada%', 'ad%61', 'ad\\u0061', 'Ａｄａ', 'Äda', 'ад']
    const others = ['', 'bob', 'a d a', null]
    const letters = [...held, ...others].map((body, index) => ({ id: `l${index}`, email: null, body }))
    await given.insert('contract_letters', letters)
    const shown = new Set<JsonValue>()
    const isTrace = (value: JsonValue) => shown.add(value) !== undefined && held.includes(String(value))
    const found = await findAll(given, 'letters', undefined, ['body'], { texts: ['ada'], isTrace })
    assert.deepEqual(found, { columns: { body: held.length }, rows: letters.length })
    assert.deepEqual(
      held.filter((body) => !shown.has(body)),
      [],
    )
    const [order] = orders(1)
    const addresses = [{ street: 'Ada' }, { ADA: [1] }, { street: 'Main' }]
    await given.insert(
      'contract_orders',
      addresses.map((address, index) => ({ ...order, id: index + 1, address })),
    )
    const inJson = await findAll(given, 'orders', undefined, ['address'], seeking('ada'))
    assert.deepEqual(inJson, { columns: { address: 2 }, rows: 3 })
  },

  async 'it is the test that decides, not the database'(given) {
    await given.insert('contract_orders', orders(2))
    const never: Sought = { texts: ['ada'], isTrace: () => false }
    for (const person of [ada, undefined])
      assert.deepEqual(await findAll(given, 'orders', person, ['note'], never), { columns: {}, rows: 2 })
  },

  async 'pages go along the key, each row in exactly one; of a table without a key all come in one'(given) {
    await given.insert('contract_orders', orders(2))
    const lines = [1, 2].flatMap((order_id) =>
      Array.from({ length: 7 }, (_, line) => ({ order_id, line, code: `c${order_id}-${line}`, engraving: 'Ada' })),
    )
    await given.insert('contract_lines', lines)
    for (const person of [ada, undefined]) {
      for (const limit of [1, 3, 7, 14, 20]) {
        const found = await findAll(given, 'lines', person, ['engraving'], seeking('ada'), limit)
        assert.deepEqual(found, { columns: { engraving: 14 }, rows: 14 })
      }
      const views = ['/ada', '/bob', '/ada', null].map((path) => ({ user_id: 7, path }))
      await given.insert('contract_views', views)
      const page = await given.store.find('views', person, { columns: ['path'], sought: seeking('ada'), limit: 1 })
      const rows = person === undefined ? 8 : 4
      assert.deepEqual(page, { columns: { path: rows / 2 }, rows, next: null })
    }
  },

  async 'of an empty table there is nothing to find'(given) {
    for (const source of ['letters', 'views']) {
      const column = source === 'views' ? 'path' : 'body'
      const found = await findAll(given, source, undefined, [column], seeking('ada'))
      assert.deepEqual(found, { columns: {}, rows: 0 })
    }
  },

  async 'findEqual counts the rows of whomever, in any spelling, and none that a collation takes for equal'(given) {
    const { store } = given
    const found = ['ada@büro.example', 'ADA@XN--BRO-HOA.example', 'Ada@Büro.Example']
    const others = ['àda@büro.example', 'x ada@büro.example', 'ada@büro.exampl', 'ada%', '', null]
    const letters = [...found, ...others].map((email, index) => ({ id: `l${index}`, email, body: 'ada@büro.example' }))
    await given.insert('contract_letters', letters)
    const values = ['Ada@Büro.example', 'ada_', '']
    assert.deepEqual(await store.findEqual('letters', ['email'], values), { email: 3 })
    assert.deepEqual(await store.findEqual('letters', ['email', 'body'], values), { email: 3, body: letters.length })
    assert.deepEqual(await store.findEqual('letters', ['email'], ['x']), {})
    assert.deepEqual(await store.findEqual('letters', ['email'], []), {})
    assert.deepEqual(await store.findEqual('letters', [], values), {})
  },

  async 'findEqual takes integers by their text, and finds none in JSON'(given) {
    const [mine, other] = [orders(2), orders(1, 8, 3)]
    await given.insert('contract_orders', [...mine, ...other])
    const columns = ['user_id', 'phone', 'address']
    const values = ['7', '07', '7e0', '+49 3', '{}']
    assert.deepEqual(await given.store.findEqual('orders', columns, values), { user_id: 2, phone: 1 })
  },
}
