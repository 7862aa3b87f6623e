import { StorageError } from '../../../src/port/repository.ts'
import type { RetirementRecord } from '../../../src/port/retirement-record.ts'
import type { OutboxRow } from '../../../src/port/tables.ts'
import type { Write } from '../../../src/port/write.ts'
import { type Faults, oneByOne, plant, rewriting } from './plant.ts'

/** Runs a method, and puts its arguments into its error. */
const wordy =
  <Arguments extends unknown[], Result>(method: (...given: Arguments) => Promise<Result>) =>
  async (...given: Arguments): Promise<Result> => {
    try {
      return await method(...given)
    } catch (error) {
      throw error instanceof StorageError ? new StorageError(JSON.stringify(given), error.driver_code) : error
    }
  }

/** Faults that only show where statements are counted and fail. */
export const failingFaults: Faults = {
  statements: {
    'people are found one by one': plant(({ findAccounts }) => ({
      async findAccounts(by) {
        if (!('username_keys' in by)) return findAccounts(by)
        return (await Promise.all(by.username_keys.map((key) => findAccounts({ username_keys: [key] })))).flat()
      },
    })),
    'messages are taken one by one': plant(({ leaseOutbox }) => ({
      async leaseOutbox({ limit, ...request }) {
        let taken: OutboxRow[] = []
        for (let count = 0; count < limit; count++) {
          const more = await leaseOutbox({ ...request, limit: 1 })
          if (more.length === taken.length) break
          taken = more
        }
        return taken
      },
    })),
    'retirements are taken one by one': plant(({ leaseRetirements }) => ({
      async leaseRetirements(request) {
        const taken: RetirementRecord[] = []
        for (;;) {
          const more = await leaseRetirements({ ...request, limit: 1 })
          if (more.length === 0) return taken
          taken.push(...more)
        }
      },
    })),
    'every unit begins a transaction': plant(({ commit }) => ({
      commit: (writes, inside = async () => {}) => commit(writes, inside),
    })),
    'every row is a statement': rewriting((writes) =>
      writes.flatMap((write) =>
        'rows' in write ? write.rows.map((row) => ({ ...write, rows: [row] }) as unknown as Write) : [write],
      ),
    ),
    'a name is looked up before it is taken': plant((repository) => ({
      async insertUser(user, rest, inside) {
        const found = await repository.select('users', { username_key: user.username_key })
        return found.length > 0 ? undefined : repository.insertUser(user, rest, inside)
      },
    })),
  },

  erasure: {
    'erasures are units like any other': plant(({ commit }) => ({
      commit: (writes, inside) => commit(writes, inside),
    })),
  },

  failures: {
    'a person and the rest of the unit are stored apart': plant((repository) => ({
      async insertUser(user, rest, inside) {
        const id = await repository.insertUser(user, () => [])
        if (id === undefined) return undefined
        const stored = await repository.commit(rest(id), async (transaction) => inside?.(transaction, id))
        return stored ? id : undefined
      },
    })),
    'units are applied write by write': plant(oneByOne),
    'a failure passes for a stopped unit': plant(({ commit }) => ({
      commit: (writes, inside) => commit(writes, inside).catch(() => false),
    })),
    'messages are removed before they are handed over': plant((repository) => ({
      async leaseOutbox({ lease, leased_until }) {
        const rows = await repository.select('outbox', {})
        await repository.commit([{ delete: 'outbox', where: {} }])
        await repository.select('users', {})
        return rows.map((row) => ({ ...row, lease, leased_until }))
      },
    })),
    'errors hold the arguments': plant(({ findAccounts }) => ({ findAccounts: wordy(findAccounts) })),
  },
}
