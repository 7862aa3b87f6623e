import { type Inside, notStorable, type Repository } from '../port/repository.ts'
import { areStorable } from '../port/storable.ts'
import type { OutboxRow, UserRow } from '../port/tables.ts'
import { takingTurns } from '../port/turns.ts'
import type { Write } from '../port/write.ts'
import { configError } from '../values/arguments.ts'
import { object, oneOf, optional } from '../values/kinds.ts'
import { requireOptions } from '../values/options.ts'
import { identifierKey } from '../values/text.ts'
import { findAccounts, findClaims, findPreferences, pageRetirements, pageUsers, select } from './memory-reads.ts'
import { type MemoryDraft, type MemoryStore, memoryDraft, memoryStore } from './memory-store.ts'
import { applyWrites } from './memory-writes.ts'

/** A transaction of the memory repository: made by `transaction`, taken by `users.with`. */
export interface MemoryTransaction {
  readonly kind: 'memory transaction'
}

/** The store that the calls of one transaction work on. */
interface Place {
  /** The changes of the transaction, or those of the unit whose `inside` is running. */
  store: MemoryStore
  readonly transaction: MemoryTransaction | undefined
}

/** The store of each transaction. */
const places = new WeakMap<MemoryTransaction, Place>()

function transactionOn(draft: MemoryDraft): MemoryTransaction {
  const transaction: MemoryTransaction = { kind: 'memory transaction' }
  places.set(transaction, { store: draft, transaction })
  return transaction
}

/** A repository in memory, for tests and for trying the library out. Its rows are gone when it is. */
export interface MemoryRepository extends Repository<MemoryTransaction> {
  /**
   * Runs `work` in a transaction, which it can hand to `users.with`. The changes are kept when `work` ends and dropped
   * when it throws. One transaction runs at a time: a write from inside `work` that does not go through the transaction
   * waits for ever.
   */
  transaction<Result>(work: (transaction: MemoryTransaction) => Promise<Result>): Promise<Result>
}

/** The form of the ids and usernames of people. */
export interface MemoryRepositoryOptions {
  /** The type of ids: integers, or text as on sites with UUIDs. Each new person gets one. Default `integer`. */
  readonly idType?: 'integer' | 'text'
  /** `own`: people have usernames of their own; `ids`: the username of a person is their id as text. Default `own`. */
  readonly usernames?: 'own' | 'ids'
}

const optionsKind = object({
  idType: optional(oneOf('integer', 'text')),
  usernames: optional(oneOf('own', 'ids')),
})

/**
 * Makes an empty repository in memory.
 *
 * Throws `config_error` that names the option that is unknown or has a value it cannot have.
 */
export function memoryRepository(options: MemoryRepositoryOptions = {}): MemoryRepository {
  requireOptions(options, optionsKind)
  const { idType = 'integer', usernames = 'own' } = options
  const store = memoryStore(idType)
  const inTurn = queue()

  async function transaction<Result>(work: (transaction: MemoryTransaction) => Promise<Result>): Promise<Result> {
    return inTurn(async () => {
      const draft = memoryDraft(store)
      const result = await work(transactionOn(draft))
      draft.publish()
      return result
    })
  }

  return { ...repositoryOn({ store, transaction: undefined }, inTurn, { idType, usernames }), transaction }
}

type InTurn = <Result>(work: () => Promise<Result>) => Promise<Result>

function repositoryOn(
  place: Place,
  inTurn: InTurn,
  options: Required<MemoryRepositoryOptions>,
): Repository<MemoryTransaction> {
  const hasIdsAsNames = options.usernames === 'ids'

  /** Applies a unit; with `inside` on a draft, so that no other call sees the changes before `inside` has succeeded. */
  async function apply(given: readonly Write[], inside: Inside<MemoryTransaction> | undefined): Promise<boolean> {
    if (!areStorable(given)) throw notStorable()
    const writes = hasIdsAsNames ? given.map(withIdsAsNames) : given
    const { store, transaction } = place
    if (inside === undefined) return applyWrites(store, writes)
    const draft = memoryDraft(store)
    if (!applyWrites(draft, writes)) return false
    if (transaction === undefined) await inside(transactionOn(draft))
    else {
      place.store = draft
      try {
        await inside(transaction)
      } finally {
        place.store = store
      }
    }
    draft.publish()
    return true
  }

  return {
    idType: options.idType,
    ...(hasIdsAsNames ? { usernames: 'ids' as const } : {}),
    findAccounts: async (by) => findAccounts(place.store, by),
    findPreferences: async (request) => findPreferences(place.store, request),
    findClaims: async (by) => findClaims(place.store, by),
    pageRetirements: async (page) => pageRetirements(place.store, page),
    pageUsers: async (table, where, page) => pageUsers(place.store, table, where, page),
    select: async (table, where) => select(place.store, table, where),
    async insertUser(user, rest, inside) {
      return inTurn(async () => {
        const id = place.store.nextUserId()
        const writes: Write[] = [{ insert: 'users', rows: [{ ...user, id }] }, ...rest(id)]
        const stored = await apply(writes, inside && ((transaction) => inside(transaction, id)))
        return stored ? id : undefined
      })
    },
    commit: (writes, inside) =>
      inTurn(async () => {
        for (const write of writes) {
          if ('insert' in write && write.insert === 'users') for (const { id } of write.rows) place.store.usedUserId(id)
          if ('upsert' in write && write.upsert === 'users') for (const { id } of write.rows) place.store.usedUserId(id)
        }
        return apply(writes, inside)
      }),
    async leaseOutbox({ now, leased_until, lease, limit }) {
      return inTurn(async () => {
        const free = (row: OutboxRow) => row.leased_until === null || row.leased_until <= now
        const taken = select(place.store, 'outbox', {})
          .filter(free)
          .sort((a, b) => (a.id < b.id ? -1 : 1))
          .slice(0, limit)
        applyWrites(place.store, [
          { update: 'outbox', set: { lease, leased_until }, where: { id: taken.map((row) => row.id) } },
        ])
        return taken.map((row) => ({ ...row, lease, leased_until }))
      })
    },
    with(transaction) {
      const inner = places.get(transaction)
      if (inner === undefined) throw configError('transaction', 'a transaction of this repository')
      // The transaction has its turn already, so the calls inside do not wait for one.
      const inside = repositoryOn(inner, (work) => work(), options)
      return takingTurns(() => transaction, inside)
    },
  }
}

/** Returns the write with the ids of people as their usernames, in place of those that it names. */
function withIdsAsNames(write: Write): Write {
  const named = (row: UserRow): UserRow => ({
    ...row,
    username: String(row.id),
    username_key: identifierKey(String(row.id)),
  })
  if ('insert' in write && write.insert === 'users') return { ...write, rows: write.rows.map(named) }
  if ('upsert' in write && write.upsert === 'users') return { ...write, rows: write.rows.map(named) }
  if (!('update' in write) || write.update !== 'users') return write
  const { username: _, username_key: __, ...set } = write.set
  return { ...write, set }
}

/** Runs one piece of work after the other, in the order of the calls. */
function queue(): InTurn {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const next = last.then(work)
    last = next.catch(() => {})
    return next
  }
}
