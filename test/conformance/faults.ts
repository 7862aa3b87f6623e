import { type Repository, StorageError } from '../../src/port/repository.ts'
import type { OutboxRow } from '../../src/port/tables.ts'
import type { Write } from '../../src/port/write.ts'

/** The writes that vectors can let fail, each as a test of the write. */
const failingWrites: Record<string, (write: Write) => boolean> = {
  // Mail is handed over by recording it: that is where sending fails.
  'email.send': (write) =>
    'insert' in write && write.insert === 'outbox' && write.rows.some((row) => (row as OutboxRow).kind === 'mail'),
  'account.save': (write) => 'update' in write && (write.update === 'profiles' || write.update === 'users'),
  'preference.save': (write) =>
    'put' in write && write.put === 'preferences' && write.rows.some((row) => hasValue(row)),
  'preference.delete': (write) =>
    'put' in write && write.put === 'preferences' && write.rows.some((row) => !hasValue(row)),
}

function hasValue(row: object): boolean {
  return (row as { value: string | null }).value !== null
}

/** The repository as busy writers meet it: every unit of work is stopped the first time it is tried. */
export function stoppingFirst(repository: Repository): Repository {
  let isTurn = false
  const take = () => {
    isTurn = !isTurn
    return isTurn
  }
  return {
    ...repository,
    commit: async (writes, inside) => (take() ? false : repository.commit(writes, inside)),
    insertUser: async (user, rest, inside) => (take() ? undefined : repository.insertUser(user, rest, inside)),
  }
}

/** The repository with some of its calls failing, as long as `active` says so. */
export function withFaults(repository: Repository, faults: readonly string[], active: () => boolean): Repository {
  const fails = (write: Write) => faults.some((fault) => failingWrites[fault]?.(write) === true)
  return {
    ...repository,
    async commit(writes, inside) {
      if (active() && writes.some(fails)) throw new StorageError('injected', 'fault')
      return repository.commit(writes, inside)
    },
    async select(table, where) {
      if (active() && table === 'retirements' && faults.includes('retirement.load'))
        throw new StorageError('injected', 'fault')
      return repository.select(table, where)
    },
  }
}
