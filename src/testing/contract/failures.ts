import assert from 'node:assert/strict'
import type { UserId } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { addUser, outboxRow, profileRow, userRow } from '../rows.ts'
import { addSpeaker, shows, unitOf } from './broad-unit.ts'
import { type Blow, failAtEach, secret } from './fail-at-each.ts'
import { sampleRows } from './sample-rows.ts'
import type { Case, Group } from './store.ts'
import { chosenId } from './support.ts'

const insertUser =
  (blow: Blow): Case =>
  async (store) => {
    const { repository } = store
    const counted = async (count: number) => {
      const rows = [...(await repository.select('users', {})), ...(await repository.select('profiles', {}))]
      assert.deepEqual([rows.length, (await repository.select('outbox', {})).length], [2 * count, count])
    }
    await failAtEach(store, blow, {
      run(strike) {
        const user = userRow('ada', { first_name: secret })
        const parts = (id: UserId): Write[] => [{ insert: 'profiles', rows: [profileRow(id, { bio: secret })] }]
        return strike(() =>
          repository.insertUser(user, parts, async (transaction, id) => {
            await repository.with(transaction).commit([{ insert: 'outbox', rows: [outboxRow('m1', id)] }])
          }),
        )
      },
      isUndone: () => counted(0),
      async isDone(id) {
        assert.notEqual(id, undefined)
        await counted(1)
      },
    })
  }

const commit =
  (blow: Blow): Case =>
  async (store) => {
    const id = await addSpeaker(store)
    await failAtEach(store, blow, {
      run: (strike) => strike(() => store.repository.commit(unitOf(id))),
      isUndone: shows(store, false),
      async isDone(stored) {
        assert.equal(stored, true)
        await shows(store, true)()
      },
    })
  }

/** The host commits its transaction whatever the unit inside did. */
const commitInside =
  (blow: Blow): Case =>
  async (store) => {
    const id = await addSpeaker(store)
    await failAtEach(store, blow, {
      async run(strike) {
        let unit: PromiseSettledResult<boolean> | undefined
        const host = store.transaction(async (transaction) => {
          const inside = store.repository.with(transaction)
          ;[unit] = await Promise.allSettled([strike(() => inside.commit(unitOf(id)))])
        })
        // The database may have ended the transaction: then the host cannot commit it.
        const [{ status }] = await Promise.allSettled([host])
        if (unit?.status !== 'fulfilled') throw unit?.reason
        assert.equal(status, 'fulfilled')
        return unit.value
      },
      isUndone: shows(store, false),
      async isDone(stored) {
        assert.equal(stored, true)
        await shows(store, true)()
      },
    })
  }

const read: Case = async (store) => {
  const { repository } = store
  const id = await addSpeaker(store)
  await repository.commit(unitOf(id))
  const { idempotency_keys, retirements } = sampleRows(id, secret)
  await repository.commit([{ insert: 'idempotency_keys', rows: [idempotency_keys] }])
  const { current_state } = retirements
  const reads: (() => Promise<readonly unknown[]>)[] = [
    () => repository.findAccounts({ username_keys: ['ada', secret] }),
    () => repository.findPreferences({ by: { email_keys: ['ada@example.com'] }, keys: [secret], org: secret }),
    () => repository.findOrgTags({ ids: [id], orgs: [secret], key: secret }),
    () => repository.findClaims({ username_keys: ['ada', secret], email_keys: [] }),
    () =>
      repository.pageRetirements({ states: [current_state, secret], before: '2024-06-15T12:00:00.000000Z', limit: 1 }),
    () => repository.pageUsers('profiles', { bio: secret }, { limit: 1 }),
    () => repository.select('profiles', { bio: secret }),
    () => repository.expiredKeys({ now: '9999-12-31T23:59:59.999999Z', limit: 1 }),
    async () =>
      (await repository.searchTexts('profiles', { columns: ['bio'], texts: [secret.toLowerCase()], limit: 10 })).rows,
  ]
  for (const run of reads) {
    await failAtEach(store, 'failAt', {
      run: (strike) => strike(run),
      isUndone: shows(store, true),
      isDone: async (found) => assert.equal(found.length, 1),
    })
  }
}

/** Every statement of every operation fails once. */
export const failures: Group = {
  'insertUser keeps nothing when one of its statements fails': insertUser('failAt'),

  'a unit keeps nothing when one of its statements fails': commit('failAt'),

  async 'a unit of one write keeps nothing when it fails'(store) {
    const id = await addUser(store.repository, 'ada')
    await failAtEach(store, 'failAt', {
      run(strike) {
        const where = { user_id: id, version: 1 }
        const write: Write = { update: 'profiles', set: { bio: secret }, where, guarded: true }
        return strike(() => store.repository.commit([write]))
      },
      isUndone: async () => assert.equal((await store.repository.select('profiles', { bio: null })).length, 1),
      isDone: async (stored) => assert.equal(stored, true),
    })
  },

  'a unit inside a transaction of the host keeps nothing there, even if the host goes on': commitInside('failAt'),

  async 'a unit that cannot be undone inside a transaction of the host is not taken for a stopped one'(store) {
    const id = await addSpeaker(store)
    const late: Write = { delete: 'profiles', where: { user_id: id, version: 7 }, guarded: true }
    await failAtEach(store, 'failAt', {
      async run(strike) {
        let stored: boolean | undefined
        await store.transaction(async (transaction) => {
          stored = await strike(() => store.repository.with(transaction).commit([...unitOf(id), late]))
        })
        return stored
      },
      isUndone: shows(store, false),
      async isDone(stored) {
        assert.equal(stored, false)
        await shows(store, false)()
      },
    })
  },

  async 'leaseOutbox loses no message: those that a failed call took come back when their lease has ended'(store) {
    const { repository } = store
    const rows = ['m1', 'm2', 'm3'].map((id, person) =>
      outboxRow(id, chosenId(repository, person), { payload: { secret } }),
    )
    await repository.commit([{ insert: 'outbox', rows }])
    let minute = 10
    await failAtEach(store, 'failAt', {
      run(strike) {
        const [now = '', leased_until = ''] = [minute, ++minute].map((of) => `2024-06-15T12:${of}:00.000000Z`)
        return strike(() => repository.leaseOutbox({ now, leased_until, lease: secret, limit: 3 }))
      },
      isUndone: async () => assert.equal((await repository.select('outbox', {})).length, 3),
      isDone: async (taken) =>
        assert.deepEqual(
          taken.map(({ id }) => id),
          ['m1', 'm2', 'm3'],
        ),
    })
  },

  'a read that fails tells nothing, and the next one works': read,

  'insertUser keeps nothing when the connection is cut': insertUser('cutAt'),

  'a unit keeps nothing when the connection is cut': commit('cutAt'),

  'a unit inside a transaction of the host is gone with its connection': commitInside('cutAt'),
}
