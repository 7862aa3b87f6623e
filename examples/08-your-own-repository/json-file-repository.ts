import { existsSync, readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import {
  areStorable,
  type Inside,
  notStorable,
  type OutboxRow,
  type Repository,
  StorageError,
  takingTurns,
  type Write,
} from 'usercore/port'
import { applyWrites, type Data, emptyData, select } from './data.ts'
import { findAccounts, findClaims, findPreferences, pageRetirements, pageUsers } from './reads.ts'

/** A transaction: what the store would hold after it. */
interface JsonFileTransaction {
  data: Data
}

/** A repository over one JSON file. */
export interface JsonFileRepository extends Repository<JsonFileTransaction> {
  /** Runs `work` in a transaction for `users.with`: kept when it ends, dropped when it throws. */
  transaction(work: (transaction: JsonFileTransaction) => Promise<void>): Promise<void>
}

/**
 * Opens a repository over one JSON file, for one process. The whole file is held in memory, and written anew with every
 * unit: simple, safe, and fit for a small team's tool.
 */
export function jsonFileRepository(file: string): JsonFileRepository {
  const store = { data: existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Data) : emptyData() }
  const inTurn = queue()

  /** Lets `work` change a copy, and takes the copy over once it is in the file. */
  async function transaction<Result>(work: (transaction: JsonFileTransaction) => Promise<Result>): Promise<Result> {
    return inTurn(async () => {
      const draft = { data: structuredClone(store.data) }
      const result = await work(draft)
      // A file of another name is renamed when it is complete, so that a crash leaves the old one or the new one.
      try {
        await writeFile(`${file}.new`, JSON.stringify(draft.data), { flush: true })
        await rename(`${file}.new`, file)
      } catch (cause) {
        throw new StorageError('write the file', (cause as NodeJS.ErrnoException).code ?? 'unknown', { cause })
      }
      store.data = draft.data
      return result
    })
  }

  return { ...repositoryOn(store, transaction), transaction }
}

type Transact = <Result>(work: (transaction: JsonFileTransaction) => Promise<Result>) => Promise<Result>

function repositoryOn(store: JsonFileTransaction, transaction: Transact): Repository<JsonFileTransaction> {
  /** Applies a unit inside a transaction; when it is stopped, the transaction is as it was. */
  async function unit(
    on: JsonFileTransaction,
    writes: readonly Write[],
    inside?: Inside<JsonFileTransaction>,
  ): Promise<boolean> {
    if (!areStorable(writes)) throw notStorable()
    const before = on.data
    let stored = false
    on.data = structuredClone(before)
    try {
      stored = applyWrites(on.data, writes)
      if (stored) await inside?.(on)
    } catch (error) {
      stored = false
      throw error
    } finally {
      if (!stored) on.data = before
    }
    return stored
  }

  return {
    idType: 'integer',
    findAccounts: async (by) => findAccounts(store.data, by),
    findPreferences: async (request) => findPreferences(store.data, request),
    findClaims: async (by) => findClaims(store.data, by),
    pageRetirements: async (page) => pageRetirements(store.data, page),
    pageUsers: async (table, where, page) => pageUsers(store.data, table, where, page),
    select: async (table, where) => select(store.data, table, where),

    insertUser: (user, rest, inside) =>
      transaction(async (on) => {
        const id = on.data.last_user_id + 1
        const writes: Write[] = [{ insert: 'users', rows: [{ ...user, id }] }, ...rest(id)]
        const stored = await unit(on, writes, inside && ((trx) => inside(trx, id)))
        return stored ? id : undefined
      }),

    commit: (writes, inside) => transaction((on) => unit(on, writes, inside)),

    leaseOutbox: ({ now, leased_until, lease, limit }) =>
      transaction(async (on) => {
        const isFree = (row: OutboxRow) => row.leased_until === null || row.leased_until <= now
        const taken = select(on.data, 'outbox', {})
          .filter(isFree)
          .sort((a, b) => (a.id < b.id ? -1 : 1))
          .slice(0, limit)
        const where = { id: taken.map(({ id }) => id) }
        await unit(on, [{ update: 'outbox', set: { lease, leased_until }, where }])
        return taken.map((row) => ({ ...row, lease, leased_until }))
      }),

    // Inside of it nothing is written to the file: the caller who opened the transaction does that.
    with: (outer) =>
      takingTurns(
        () => outer,
        repositoryOn(outer, (work) => work(outer)),
      ),
  }
}

/** Runs one piece of work after the other. */
function queue(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const next = last.then(work)
    last = next.catch(() => {})
    return next
  }
}
