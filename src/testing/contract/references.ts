import assert from 'node:assert/strict'
import { type TableName, tables } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { addUser, outboxRow } from '../rows.ts'
import { sampleRows } from './sample-rows.ts'
import type { Group } from './store.ts'
import { chosenId } from './support.ts'

/** Rows that reference others: people, and states of retirement. */
export const references: Group = {
  async 'a row that names a state which is not there stops the unit'({ repository }) {
    const user_id = await addUser(repository, 'ada')
    const { retirement_states, retirements } = sampleRows(user_id, 'ada')
    const message: Write = { insert: 'outbox', rows: [outboxRow('m1', user_id)] }
    for (const stopped of [
      { insert: 'retirements', rows: [retirements] },
      { upsert: 'retirements', rows: [retirements] },
      { put: 'retirements', rows: [retirements] },
    ] as const) {
      assert.equal(await repository.commit([stopped]), false)
      assert.equal(await repository.commit([message, stopped]), false)
    }
    await repository.commit([
      { insert: 'retirement_states', rows: [retirement_states] },
      { insert: 'retirements', rows: [retirements] },
    ])
    for (const column of ['current_state', 'last_state'] as const) {
      const update: Write = { update: 'retirements', set: { [column]: 'nowhere' }, where: { user_id }, guarded: true }
      assert.equal(await repository.commit([update]), false)
    }
    assert.deepEqual(await repository.select('outbox', {}), [])
    assert.deepEqual(await repository.select('retirements', {}), [retirements])
  },

  async 'a state that a row names cannot be deleted before it'({ repository }) {
    const user_id = await addUser(repository, 'ada')
    const { retirement_states, retirements } = sampleRows(user_id, 'ada')
    await repository.commit([
      { insert: 'retirement_states', rows: [retirement_states, { ...retirement_states, state_name: 'last' }] },
      { insert: 'retirements', rows: [{ ...retirements, last_state: 'last' }] },
    ])
    const message: Write = { insert: 'outbox', rows: [outboxRow('m1', user_id)] }
    for (const where of [{}, { state_name: retirement_states.state_name }, { state_name: 'last' }]) {
      assert.equal(await repository.commit([{ delete: 'retirement_states', where }]), false)
      assert.equal(await repository.commit([message, { delete: 'retirement_states', where }]), false)
    }
    assert.equal((await repository.select('retirement_states', {})).length, 2)
    assert.deepEqual(await repository.select('outbox', {}), [])
    const both: Write[] = [
      { delete: 'retirements', where: { user_id } },
      { delete: 'retirement_states', where: {} },
    ]
    assert.equal(await repository.commit(both), true)
    assert.deepEqual(await repository.select('retirement_states', {}), [])
  },

  async 'rows that belong to a person cannot be stored without them, messages, idempotency keys and evidence can'({
    repository,
  }) {
    const absent = chosenId(repository, 0)
    const {
      users: _,
      outbox,
      idempotency_keys,
      rate_limits,
      retirement_states,
      retirement_receipts,
      retired_identifiers,
      retirement_holds,
      ...parts
    } = sampleRows(absent, 'unknown')
    await repository.commit([{ insert: 'retirement_states', rows: [retirement_states] }])
    for (const [table, row] of Object.entries(parts)) {
      const write = { insert: table, rows: [row] } as unknown as Write
      assert.equal(await repository.commit([write]), false, table)
      assert.deepEqual(await repository.select(table as TableName, {}), [])
    }
    const free: Write[] = [
      { insert: 'outbox', rows: [outbox] },
      { insert: 'idempotency_keys', rows: [idempotency_keys] },
      { insert: 'rate_limits', rows: [rate_limits] },
      { insert: 'retirement_receipts', rows: [retirement_receipts] },
      { insert: 'retired_identifiers', rows: [retired_identifiers] },
      { insert: 'retirement_holds', rows: [retirement_holds] },
    ]
    assert.equal(await repository.commit(free), true)
  },

  async 'rows that belong to a person are deleted with them, messages, idempotency keys and evidence stay'({
    repository,
  }) {
    const [ada, bob] = [await addUser(repository, 'ada'), await addUser(repository, 'bob')]
    const { users: _, profiles: __, retirement_states, ...others } = sampleRows(ada, 'ada')
    const writes = Object.entries({ retirement_states, ...others }).map(([table, row]) => ({
      insert: table,
      rows: [row],
    }))
    assert.equal(await repository.commit(writes as unknown as Write[]), true)
    assert.equal(await repository.commit([{ delete: 'users', where: { id: ada }, guarded: true }]), true)
    const evidence: readonly string[] = ['retirement_receipts', 'retired_identifiers', 'retirement_holds']
    const kept = ['outbox', 'idempotency_keys', 'rate_limits', 'retirement_states', ...evidence]
    for (const table of Object.keys(tables) as TableName[]) {
      const rows: readonly object[] = await repository.select(table, {})
      const isBobs = (row: object) => ('user_id' in row ? row.user_id : 'id' in row && row.id) === bob
      assert.equal(rows.filter((row) => !isBobs(row)).length, kept.includes(table) ? 1 : 0, table)
    }
    assert.equal((await repository.findAccounts({ username_keys: ['bob'] }))[0]?.profile?.user_id, bob)
  },
}
