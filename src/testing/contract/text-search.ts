import assert from 'node:assert/strict'
import { type TableName, type Tables, tables, type UserId } from '../../port/tables.ts'
import type { TextSearch } from '../../port/text-search.ts'
import type { Write } from '../../port/write.ts'
import { addUser, outboxRow } from '../rows.ts'
import { sampleRows } from './sample-rows.ts'
import type { Group, StoreUnderTest } from './store.ts'
import { chosenId, names } from './support.ts'

type Given = Pick<StoreUnderTest<unknown>, 'repository'>

/** Searches a table to its end, in pages of so many rows. Returns the rows that were found, and the number that was looked at. */
async function searchAll<Name extends TableName>(
  { repository }: Given,
  table: Name,
  search: Omit<TextSearch<Name>, 'after'>,
): Promise<{ readonly rows: readonly Tables[Name][]; readonly lookedAt: number }> {
  const rows: Tables[Name][] = []
  let lookedAt = 0
  let next: string | null | undefined
  do {
    const page = await repository.searchTexts(table, { ...search, ...(typeof next === 'string' && { after: next }) })
    assert.ok(page.lookedAt <= search.limit)
    rows.push(...page.rows)
    lookedAt += page.lookedAt
    next = page.next
  } while (next !== null)
  return { rows, lookedAt }
}

/** Stores people with these texts as `bio`. Returns the texts that a search finds, in their order. */
async function biosFound(given: Given, bios: readonly (string | null)[], texts: readonly string[]) {
  for (const [index, bio] of bios.entries()) await addUser(given.repository, `user${index}`, { bio })
  const { rows, lookedAt } = await searchAll(given, 'profiles', { columns: ['bio', 'goals'], texts, limit: 100 })
  assert.equal(lookedAt, bios.length)
  return bios.filter((bio) => rows.some((row) => row.bio === bio))
}

/** `searchTexts`. */
export const textSearch: Group = {
  async 'a text is found within others, with its letters in either case, and rows without it are not'(given) {
    const found = ['ada', 'To ADA@Example.com', 'the Ada_Lovelace papers', 'x\nAda\ty']
    const others = ['', 'bob', 'a d a', 'AD', null]
    assert.deepEqual(await biosFound(given, [...found, ...others], ['ada', 'i']), found)
  },

  async 'no character of a text stands for others'(given) {
    const found = ['a_b', 'see A.B', 'a*b?']
    assert.deepEqual(await biosFound(given, [...found, 'axb', 'ab', 'abb', "a'b"], ['a_b', 'a.b', 'a*b']), found)
  },

  async 'what can hide a text is found with it'(given) {
    const found = ['ad%61', 'ad\\u0061', 'Ａｄａ', 'ÄDA', 'Ƌ', 'bob \u{1f600}']
    assert.deepEqual(await biosFound(given, [...found, 'bob', 'ad&#97;'], ['ada']), found)
    assert.deepEqual((await searchAll(given, 'profiles', { columns: ['bio'], texts: [], limit: 2 })).rows.length, 6)
  },

  async 'JSON is searched like text, its names too'(given) {
    const payloads = [{ to: 'Ada' }, { list: [{ ADA: 1 }] }, { to: 'bob' }, {}]
    const rows = payloads.map((payload, index) =>
      outboxRow(`m${index}`, chosenId(given.repository, index), { payload }),
    )
    await given.repository.commit([{ insert: 'outbox', rows }])
    const found = await searchAll(given, 'outbox', { columns: ['payload'], texts: ['ada'], limit: 2 })
    assert.deepEqual(found, { rows: rows.slice(0, 2), lookedAt: 4 })
  },

  async 'every table with texts or JSON can be searched, in each of those columns alone'(given) {
    const { repository } = given
    const user_id = await addUser(repository, 'ada')
    const { users: _, profiles: __, ...others } = sampleRows(user_id, 'SEEK')
    const wide = { ...others, retirement_states: { ...others.retirement_states, state_name: 'state of SEEK' } }
    const order = Object.entries(wide).sort(
      ([a], [b]) => Number(b === 'retirement_states') - Number(a === 'retirement_states'),
    )
    const writes = order.map(([insert, row]) => ({ insert, rows: [row] }) as unknown as Write)
    assert.equal(await repository.commit(writes), true)
    for (const table of Object.keys(wide) as TableName[]) {
      const stored = await repository.select(table, {})
      for (const [column, type] of Object.entries(tables[table].columns)) {
        if (type !== 'text' && type !== 'json') continue
        const isFound = stored.some((row) =>
          JSON.stringify(row[column as never])
            .toLowerCase()
            .includes('seek'),
        )
        const search = { columns: [column] as never[], texts: ['seek'], limit: 10 }
        const { rows } = await searchAll(given, table, search)
        assert.deepEqual(rows, isFound ? stored : [], `${table}.${column}`)
      }
    }
  },

  async 'pages go along the key, each row in exactly one, also while others come and go'(given) {
    const { repository } = given
    const ids: UserId[] = []
    for (const name of names(3)) ids.push(await addUser(repository, name))
    const rows = ids.flatMap((user_id) => ['a', 'b', 'c', 'd'].map((key) => ({ user_id, key, value: 'x', version: 1 })))
    await repository.commit([{ put: 'preferences', rows }])
    const keyOf = (row: Tables['preferences']) => `${row.user_id} ${row.key}`
    const search = { columns: ['value'], texts: ['x'] } as const
    for (const limit of [1, 3, 4, 12, 20]) {
      const found = await searchAll(given, 'preferences', { ...search, limit })
      assert.deepEqual(found.rows.map(keyOf).toSorted(), rows.map(keyOf).toSorted())
      assert.equal(found.lookedAt, rows.length)
    }
    const first = await repository.searchTexts('preferences', { ...search, limit: 5 })
    const [seen] = first.rows
    assert.ok(seen)
    await repository.commit([{ delete: 'preferences', where: { user_id: seen.user_id, key: seen.key } }])
    const rest = await repository.searchTexts('preferences', { ...search, limit: 20, after: first.next ?? '' })
    assert.deepEqual([...first.rows, ...rest.rows].map(keyOf).toSorted(), rows.map(keyOf).toSorted())
    assert.equal(rest.next, null)
  },
}
