import { type Inside, notStorable, type Repository } from '../port/repository.ts'
import { areStorable } from '../port/storable.ts'
import type { UserRow } from '../port/tables.ts'
import { takingTurns } from '../port/turns.ts'
import type { Write } from '../port/write.ts'
import { configError } from '../values/arguments.ts'
import { object, oneOf, optional } from '../values/kinds.ts'
import { requireOptions } from '../values/options.ts'
import { identifierKey } from '../values/text.ts'
import { pageAccounts } from './memory-account-list.ts'
import { countOutbox, leaseOutbox, pageDeadMessages } from './memory-outbox.ts'
import {
  countRetirements,
  expiredKeys,
  findAccounts,
  findClaims,
  findOrgTags,
  findPreferences,
  freeRetirements,
  pageRetirements,
  pageRows,
  pageUsers,
  select,
  selectEach,
} from './memory-reads.ts'
import { searchTexts } from './memory-search.ts'
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
  /** Run once the changes are kept. */
  readonly published: (() => void)[]
}

/** The store of each transaction. */
const places = new WeakMap<MemoryTransaction, Place>()

function transactionOn(draft: MemoryDraft): MemoryTransaction {
  const transaction: MemoryTransaction = { kind: 'memory transaction' }
  places.set(transaction, { store: draft, transaction, published: [] })
  return transaction
}

/** Runs something once the changes of a transaction are kept. Throws `config_error` for what is no transaction of memory. */
export function whenPublished(transaction: MemoryTransaction, run: () => void): void {
  placeOf(transaction).published.push(run)
}

function placeOf(transaction: MemoryTransaction): Place {
  const place = places.get(transaction)
  if (place === undefined) throw configError('transaction', 'a transaction of this repository')
  return place
}

/** Runs work in a transaction over a draft, whose changes are kept when it ends. */
async function inTransaction<Result>(
  draft: MemoryDraft,
  work: (transaction: MemoryTransaction) => Promise<Result>,
): Promise<Result> {
  const transaction = transactionOn(draft)
  const result = await work(transaction)
  draft.publish()
  for (const run of placeOf(transaction).published) run()
  return result
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
    return inTurn(() => inTransaction(memoryDraft(store), work))
  }

  return {
    ...repositoryOn({ store, transaction: undefined, published: [] }, inTurn, { idType, usernames }),
    transaction,
  }
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
    if (transaction === undefined) {
      await inTransaction(draft, inside)
      return true
    }
    place.store = draft
    try {
      await inside(transaction)
    } finally {
      place.store = store
    }
    draft.publish()
    return true
  }

  return {
    idType: options.idType,
    ...(hasIdsAsNames ? { usernames: 'ids' as const } : {}),
    findAccounts: async (by) => findAccounts(place.store, by),
    findPreferences: async (request) => findPreferences(place.store, request),
    findOrgTags: async (request) => findOrgTags(place.store, request),
    findClaims: async (by) => findClaims(place.store, by),
    pageRetirements: async (page) => pageRetirements(place.store, page),
    pageAccounts: async (page) => pageAccounts(place.store, page),
    pageUsers: async (table, where, page) => pageUsers(place.store, table, where, page),
    select: async (table, where) => select(place.store, table, where),
    selectEach: async (selections) => selectEach(place.store, selections),
    pageRows: async (table, where, page) => pageRows(place.store, table, where, page),
    searchTexts: async (table, search) => searchTexts(place.store, table, search),
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
    expiredKeys: async (page) => expiredKeys(place.store, page),
    leaseOutbox: (request) => inTurn(async () => leaseOutbox(place.store, request)),
    countOutbox: async ({ now }) => countOutbox(place.store, now),
    pageDeadMessages: async (page) => pageDeadMessages(place.store, page),
    countRetirements: async ({ before }) => countRetirements(place.store, before),
    async leaseRetirements(request) {
      return inTurn(async () =>
        freeRetirements(place.store, request).map(({ retirement, ...person }) => {
          const { user_id, version } = retirement
          const set = { lease: request.lease, leased_until: request.leased_until, version: version + 1 }
          applyWrites(place.store, [{ update: 'retirements', set, where: { user_id } }])
          return { retirement: { ...retirement, ...set }, ...person }
        }),
      )
    },
    with(transaction) {
      const inner = placeOf(transaction)
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
