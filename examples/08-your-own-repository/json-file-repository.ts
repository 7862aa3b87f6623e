import { existsSync, readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import {
  areStorable,
  type DeadMessageRow,
  type Inside,
  type Instant,
  notNull,
  notStorable,
  type OutboxRow,
  type Repository,
  StorageError,
  takingTurns,
  type Write,
} from 'usercore/port'
import { applyWrites, type Data, emptyData, select } from './data.ts'
import {
  expiredKeys,
  findAccounts,
  findClaims,
  findOrgTags,
  findPreferences,
  freeRetirements,
  pageAccounts,
  pageRetirements,
  pageRows,
  pageUsers,
  searchTexts,
  selectEach,
} from './reads.ts'

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
    findOrgTags: async (request) => findOrgTags(store.data, request),
    findClaims: async (by) => findClaims(store.data, by),
    pageRetirements: async (page) => pageRetirements(store.data, page),
    pageAccounts: async (page) => pageAccounts(store.data, page),
    pageUsers: async (table, where, page) => pageUsers(store.data, table, where, page),
    select: async (table, where) => select(store.data, table, where),
    selectEach: async (selections) => selectEach(store.data, selections),
    pageRows: async (table, where, page) => pageRows(store.data, table, where, page),
    searchTexts: async (table, search) => searchTexts(store.data, table, search),
    expiredKeys: async (page) => expiredKeys(store.data, page),

    insertUser: (user, rest, inside) =>
      transaction(async (on) => {
        const id = on.data.last_user_id + 1
        const writes: Write[] = [{ insert: 'users', rows: [{ ...user, id }] }, ...rest(id)]
        const stored = await unit(on, writes, inside && ((trx) => inside(trx, id)))
        return stored ? id : undefined
      }),

    commit: (writes, inside) => transaction((on) => unit(on, writes, inside)),

    leaseOutbox: ({ now, leased_until, lease, limit, kinds }) =>
      transaction(async (on) => {
        const waiting = select(on.data, 'outbox', { dead_at: null }).sort(byId)
        const out = new Set(waiting.filter((row) => isLeased(row, now)).map(({ user_id }) => user_id))
        // The first message of each person: `sort` leaves it before the others.
        const heads = waiting.filter(
          ({ user_id }, index) => waiting.findIndex((row) => row.user_id === user_id) === index,
        )
        const taken = heads
          .filter(({ user_id }) => !out.has(user_id))
          .filter(({ next_attempt_at }) => next_attempt_at === null || next_attempt_at <= now)
          .filter(({ kind }) => kinds === undefined || kinds.includes(kind))
          .slice(0, limit)
          .map((row) => ({ ...row, lease, leased_until, next_attempt_at: leased_until, attempts: row.attempts + 1 }))
        await unit(
          on,
          taken.map(({ id, ...set }): Write => ({ update: 'outbox', set, where: { id } })),
        )
        return taken
      }),

    leaseRetirements: (request) =>
      transaction(async (on) => {
        const { lease, leased_until } = request
        const taken = freeRetirements(on.data, request).map(({ retirement, ...person }) => ({
          retirement: { ...retirement, lease, leased_until, version: retirement.version + 1 },
          ...person,
        }))
        await unit(on, [{ upsert: 'retirements', rows: taken.map(({ retirement }) => retirement) }])
        return taken
      }),

    async countRetirements({ before }) {
      const workOf = new Map(select(store.data, 'retirement_work', {}).map((work) => [work.user_id, work]))
      const rows = select(store.data, 'retirements', {}).map((row) => ({ ...row, work: workOf.get(row.user_id) }))
      const groups = Map.groupBy(rows, ({ current_state, work }) =>
        JSON.stringify([current_state, work?.stopped ?? null, work?.code ?? null]),
      )
      return [...groups].map(([key, alike]) => {
        const [current_state, stopped, code] = JSON.parse(key)
        const moments = alike.map(({ created_at }) => created_at).sort()
        const late = moments.filter((moment) => moment < before).length
        return { current_state, stopped, code, retirements: alike.length, late, oldest_at: moments[0] ?? before }
      })
    },

    async countOutbox({ now }) {
      const living = select(store.data, 'outbox', { dead_at: null }).sort(byId)
      const waiting = living.filter((row) => !isLeased(row, now))
      return {
        waiting: waiting.length,
        leased: living.length - waiting.length,
        dead: select(store.data, 'outbox', { dead_at: notNull }).length,
        oldest_waiting_at: waiting[0]?.created_at ?? null,
      }
    },

    async pageDeadMessages({ after, limit }) {
      const place = (row: Pick<DeadMessageRow, 'dead_at' | 'id'>) => `${row.dead_at} ${row.id}`
      return select(store.data, 'outbox', { dead_at: notNull })
        .map(({ id, kind, name, user_id, created_at, attempts, dead_at }) => {
          return { id, kind, name, user_id, created_at, attempts, dead_at: String(dead_at) }
        })
        .sort((a, b) => (place(a) < place(b) ? -1 : 1))
        .filter((row) => after === undefined || place(row) > place(after))
        .slice(0, limit)
    },

    // Inside of it nothing is written to the file: the caller who opened the transaction does that.
    with: (outer) =>
      takingTurns(
        () => outer,
        repositoryOn(outer, (work) => work(outer)),
      ),
  }
}

function byId(a: OutboxRow, b: OutboxRow): number {
  return a.id < b.id ? -1 : 1
}

function isLeased({ leased_until }: OutboxRow, now: Instant): boolean {
  return leased_until !== null && leased_until > now
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
