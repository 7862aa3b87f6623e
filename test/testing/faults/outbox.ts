import { StorageError } from '../../../src/port/repository.ts'
import type { OutboxRow } from '../../../src/port/tables.ts'
import type { Where, Write } from '../../../src/port/write.ts'
import { dawdle, type Faults, type Plant, plant, rewritingEach, type Store, type Wrap } from './plant.ts'

type LeaseRequest = Parameters<Parameters<Wrap>[0]['leaseOutbox']>[0]
type Chooses = (row: OutboxRow, others: readonly OutboxRow[], request: LeaseRequest) => boolean

const isFree = ({ next_attempt_at }: OutboxRow, { now }: LeaseRequest) =>
  next_attempt_at === null || next_attempt_at <= now
const isDead = ({ dead_at }: OutboxRow) => dead_at !== null
const isLeased = ({ leased_until }: OutboxRow, { now }: LeaseRequest) => leased_until !== null && leased_until > now

/** Tells whether an earlier one of the same person is among others. */
const isBehind = ({ id, user_id }: OutboxRow, others: readonly OutboxRow[]) =>
  others.some((other) => other.user_id === user_id && other.id < id)

/** Takes further messages beside those that are right. */
const alsoTaking = (chooses: Chooses): Plant =>
  plant((repository) => ({
    async leaseOutbox(request) {
      const { lease, leased_until, limit } = request
      const before = await repository.select('outbox', {})
      const taken = await repository.leaseOutbox(request)
      const ids = taken.map(({ id }) => id)
      const more = before
        .filter((row) => !ids.includes(row.id) && chooses(row, before, request))
        .slice(0, limit - taken.length)
        .map((row) => ({ ...row, lease, leased_until, next_attempt_at: leased_until, attempts: row.attempts + 1 }))
      await repository.commit(more.map(({ id, ...set }): Write => ({ update: 'outbox', set, where: { id } })))
      return [...taken, ...more].sort((a, b) => (a.id < b.id ? -1 : 1))
    },
  }))

/** Puts messages back that were taken. */
const notTaking = (chooses: Chooses): Plant =>
  plant((repository) => ({
    async leaseOutbox(request) {
      const before = await repository.select('outbox', {})
      const taken = await repository.leaseOutbox(request)
      const ids = taken.filter((row) => chooses(row, before, request)).map(({ id }) => id)
      const old = before.filter(({ id }) => ids.includes(id))
      await repository.commit(old.map(({ id, ...set }): Write => ({ update: 'outbox', set, where: { id } })))
      return taken.filter(({ id }) => !ids.includes(id))
    },
  }))

/** Looks for free messages, then marks them. */
const lookThenLease: Wrap = (repository) => ({
  async leaseOutbox(request) {
    const { leased_until, lease, limit } = request
    const rows = (await repository.select('outbox', { dead_at: null })).sort((a, b) => (a.id < b.id ? -1 : 1))
    const free = rows
      .filter((row) => isFree(row, request) && !isBehind(row, rows))
      .filter(({ user_id }) => !rows.some((row) => row.user_id === user_id && isLeased(row, request)))
      .filter(({ kind }) => request.kinds?.includes(kind) ?? true)
      .slice(0, limit)
      .map((row) => ({ ...row, lease, leased_until, next_attempt_at: leased_until, attempts: row.attempts + 1 }))
    await dawdle()
    await repository.commit(free.map(({ id, ...set }): Write => ({ update: 'outbox', set, where: { id } })))
    return free
  },
})

/** Takes the first ones in another order. */
const inOrder = (compare: (a: OutboxRow, b: OutboxRow) => number): Plant =>
  plant((repository) => ({
    async leaseOutbox(request) {
      const before = new Map((await repository.select('outbox', {})).map((row) => [row.id, row]))
      const taken = (await repository.leaseOutbox({ ...request, limit: 1000 })).sort(compare)
      const others = taken.slice(request.limit).flatMap(({ id }) => before.get(id) ?? [])
      await repository.commit(others.map(({ id, ...set }): Write => ({ update: 'outbox', set, where: { id } })))
      return taken.slice(0, request.limit)
    },
  }))

/** Makes the second connection fail while the host has a transaction open, as with a file that is busy. */
const busy: Plant = (store: Store) => {
  let open = 0
  const { second } = store
  return {
    ...store,
    ...(second && {
      second: {
        ...second,
        leaseOutbox: async (request) => {
          if (open > 0) throw new StorageError('unit of work', 'SQLITE_BUSY', { isLocked: true })
          return second.leaseOutbox(request)
        },
      },
    }),
    async transaction(work) {
      open++
      try {
        await store.transaction(work)
      } finally {
        open--
      }
    },
  }
}

const withWhere = (write: Write, change: (where: Where<'outbox'>) => object): Write =>
  'where' in write ? ({ ...write, where: change(write.where as Where<'outbox'>) } as Write) : write

/** Faults of the outbox. */
export const outboxFaults: Faults = {
  outbox: {
    'the youngest come first': inOrder((a, b) => (a.id < b.id ? 1 : -1)),
    'those that failed come last': inOrder((a, b) => a.attempts - b.attempts || (a.id < b.id ? -1 : 1)),
    'leases never end': plant(({ leaseOutbox }) => ({
      leaseOutbox: (request) => leaseOutbox({ ...request, now: '1000-01-01T00:00:00.000000Z' }),
    })),
    'every caller can remove a message': rewritingEach((write) => withWhere(write, ({ lease: _, ...where }) => where)),
    'delivered messages stay': rewritingEach((write) =>
      'delete' in write && write.delete === 'outbox' ? { update: 'outbox', set: {}, where: write.where } : write,
    ),
    'messages behind others of their person are taken': alsoTaking(
      (row, others, request) => isFree(row, request) && !isDead(row) && isBehind(row, others),
    ),
    'a message behind one that was put off is taken': alsoTaking(
      (row, others, request) =>
        isFree(row, request) &&
        !isDead(row) &&
        isBehind(row, others) &&
        !isBehind(
          row,
          others.filter((other) => isFree(other, request) || isLeased(other, request)),
        ),
    ),
    'a message is taken while a later one of its person is out': alsoTaking(
      (row, others, request) =>
        isFree(row, request) &&
        !isDead(row) &&
        !isBehind(row, others) &&
        others.some((other) => other.user_id === row.user_id && isLeased(other, request)),
    ),
    'messages that were put off are taken at once': alsoTaking(
      (row, others, request) => !isFree(row, request) && !isLeased(row, request) && !isBehind(row, others),
    ),
    'dead messages are taken': alsoTaking((row, _, request) => isFree(row, request) && isDead(row)),
    'dead messages hold up their person': notTaking((row, others) => isBehind(row, others.filter(isDead))),
    'messages of other kinds are taken': alsoTaking(
      (row, others, { kinds = [row.kind], ...request }) =>
        isFree(row, { ...request, kinds }) && !isDead(row) && !isBehind(row, others) && !kinds.includes(row.kind),
    ),
    'messages behind another kind do not wait': alsoTaking(
      (row, others, { kinds = [], ...request }) =>
        isFree(row, { ...request, kinds }) &&
        kinds.includes(row.kind) &&
        !isBehind(
          row,
          others.filter(({ kind }) => kinds.includes(kind)),
        ),
    ),
    'without kinds all are taken': plant(({ leaseOutbox }) => ({
      leaseOutbox: ({ kinds, ...request }) =>
        leaseOutbox(kinds === undefined || kinds.length === 0 ? request : { ...request, kinds }),
    })),
    'only what is given back is counted': plant((repository) => ({
      async leaseOutbox(request) {
        const rows = (await repository.leaseOutbox(request)).map((row) => ({ ...row, attempts: row.attempts - 1 }))
        await repository.commit(
          rows.map(({ id, attempts }): Write => ({ update: 'outbox', set: { attempts }, where: { id } })),
        )
        return rows
      },
    })),
    'giving back takes the attempt back': rewritingEach((write) =>
      'update' in write && write.update === 'outbox' && write.set.lease === null
        ? { ...write, set: { ...write.set, attempts: 0 } }
        : write,
    ),
    'it looks for messages, then takes them': plant(lookThenLease),
    'a busy store is an error': busy,
    'leased messages count as waiting': plant(({ countOutbox }) => ({
      async countOutbox(request) {
        const { waiting, leased, ...others } = await countOutbox(request)
        return { ...others, waiting: waiting + leased, leased: 0 }
      },
    })),
    'a lease that has ended counts': plant(({ countOutbox }) => ({
      countOutbox: () => countOutbox({ now: '1000-01-01T00:00:00.000000Z' }),
    })),
    'the oldest of all counts as waiting': plant((repository) => ({
      async countOutbox(request) {
        const rows = (await repository.select('outbox', {})).sort((a, b) => (a.id < b.id ? -1 : 1))
        return { ...(await repository.countOutbox(request)), oldest_waiting_at: rows[0]?.created_at ?? null }
      },
    })),
    'pages of dead messages begin with the one before': plant(({ pageDeadMessages }) => ({
      pageDeadMessages: ({ after, limit }) =>
        pageDeadMessages({ limit, ...(after && { after: { ...after, id: '' } }) }),
    })),
    'dead messages come by id': plant(({ pageDeadMessages }) => ({
      pageDeadMessages: async ({ after, limit }) =>
        (await pageDeadMessages({ limit: 1000 }))
          .sort((a, b) => (a.id < b.id ? -1 : 1))
          .filter(({ id }) => after === undefined || id > after.id)
          .slice(0, limit),
    })),
  },
}
