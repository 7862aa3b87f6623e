import { StorageError } from '../../../src/port/repository.ts'
import type { Write } from '../../../src/port/write.ts'
import { dawdle, type Faults, oneByOne, type Plant, plant, plantInside, type Store, type Wrap } from './plant.ts'

/** Looks whether a person's name is free, then stores them without regard to who came meanwhile. */
const lookThenInsert: Wrap = (repository) => {
  let number = 0
  return {
    async insertUser(user, rest, inside) {
      const { username_key, email_key } = user
      const found = await repository.findClaims({ username_keys: [username_key], email_keys: [email_key] })
      await dawdle()
      if (found.length > 0) return undefined
      const id = await repository.insertUser(user, rest, inside)
      const other = { ...user, username_key: `${username_key}${++number}`, email_key: `${email_key}${number}` }
      return id ?? repository.insertUser(other, rest, inside)
    },
  }
}

/** Looks whether a version is the one before, then replaces the row whatever its version is by then. */
const lookThenWrite: Wrap = (repository) => ({
  async commit(writes, inside) {
    const unguarded: Write[] = []
    for (const write of writes) {
      if ('put' in write) {
        const [row] = write.rows
        const stored = await repository.select('preferences', { version: (row?.version ?? 0) - 1 })
        if (row !== undefined && row.version > 1 && stored.length === 0) return false
        unguarded.push({ upsert: write.put, rows: write.rows } as Write)
      } else if ('update' in write && write.guarded === true) {
        const { guarded: _, ...others } = write
        if ((await repository.select(write.update, write.where)).length !== 1) return false
        const { version: __, ...where } = write.where as { readonly version?: number }
        unguarded.push({ ...others, where } as Write)
      } else unguarded.push(write)
    }
    await dawdle()
    return repository.commit(unguarded, inside)
  },
})

/** Looks whether required people are there, then writes whatever their names are by then. */
const lookThenRequire: Wrap = (repository) => ({
  async commit(writes, inside) {
    const required = writes.flatMap((write) => ('require' in write ? write.rows : []))
    for (const row of required) if ((await repository.select('users', { ...row })).length === 0) return false
    if (required.length > 0) await dawdle()
    return repository.commit(
      writes.filter((write) => !('require' in write)),
      inside,
    )
  },
})

/** Looks for free retirements, then marks them. */
const lookThenLeaseRetirements: Wrap = (repository) => ({
  async leaseRetirements(request) {
    const { lease, leased_until, idle, working, before, limit, now } = request
    const page = await repository.pageRetirements({ states: [...idle, ...working], before, limit: 1000 })
    const free = page.filter(({ retirement: { leased_until, current_state } }) =>
      leased_until === null ? idle.includes(current_state) : leased_until <= now,
    )
    await dawdle()
    const taken = free.slice(0, limit).map(({ retirement, ...person }) => ({
      retirement: { ...retirement, lease, leased_until, version: retirement.version + 1 },
      ...person,
    }))
    await repository.commit([{ upsert: 'retirements', rows: taken.map(({ retirement }) => retirement) }])
    return taken
  },
})

/** Makes the second connection fail while the host has a transaction open, as with a file that is busy. */
const busy =
  (wrap: (isBusy: () => boolean) => Wrap): Plant =>
  (store: Store) => {
    let open = 0
    const { second } = store
    return {
      ...store,
      ...(second && { second: { ...second, ...wrap(() => open > 0)(second) } }),
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

const fail = (): never => {
  throw new StorageError('anything', 'SQLITE_BUSY')
}

/** Faults that need two callers, or a transaction of the host. */
export const racingFaults: Faults = {
  races: {
    'it looks for a name, then takes it': plant(lookThenInsert),
    'it looks for a version, then replaces it': plant(lookThenWrite),
    'it looks for required people, then writes': plant(lookThenRequire),
    'a unit beside an open transaction passes for stored': busy((isBusy) => ({ commit }) => ({
      async commit(writes, inside) {
        if (!isBusy()) return commit(writes, inside)
        commit(writes, inside).catch(() => {})
        return true
      },
    })),
    'a stopped unit passes for stored': plant(({ commit }) => ({
      commit: async (writes, inside) => (await commit(writes, inside)) || true,
    })),
    'units are applied write by write': plant(oneByOne),
    'a lost race is an error': plant(({ commit }) => ({
      commit: async (writes, inside) => (await commit(writes, inside)) || fail(),
    })),
    'a busy store is an error': busy((isBusy) => ({ commit }) => ({
      commit: async (writes, inside) => (isBusy() ? fail() : commit(writes, inside)),
    })),
  },

  'host transactions': {
    'a read inside looks outside': plant((repository) => ({
      with: (transaction) => ({ ...repository.with(transaction), findPreferences: repository.findPreferences }),
    })),
    'changes that were rolled back are kept': (store) => ({
      ...store,
      async transaction(work) {
        let failure: unknown
        await store.transaction((transaction) =>
          work(transaction).catch((error: unknown) => {
            failure = error
          }),
        )
        if (failure !== undefined) throw failure
      },
    }),
    'a stopped unit leaves its first writes in the transaction': plantInside(oneByOne),
    'a unit whose code inside throws stays in the transaction': plantInside((inside) => ({
      async commit(writes, more) {
        let failure: { readonly error: unknown } | undefined
        const stored = await inside.commit(writes, (transaction) =>
          Promise.resolve(more?.(transaction)).catch((error: unknown) => {
            failure = { error }
          }),
        )
        if (failure !== undefined) throw failure.error
        return stored
      },
    })),
    'a stopped unit undoes the writes that others made meanwhile': plantInside((inside) => ({
      async commit(writes, more) {
        const before = await inside.select('outbox', {})
        for (const write of writes) {
          await dawdle()
          if (await inside.commit([write])) continue
          const id = (await inside.select('outbox', {})).map((row) => row.id)
          const fresh = id.filter((name) => !before.some((row) => row.id === name))
          await inside.commit([{ delete: 'outbox', where: { id: fresh } }])
          return false
        }
        return inside.commit([], more)
      },
    })),
    'code inside a unit inside a transaction is forgotten': plantInside((inside) => ({
      commit: (writes) => inside.commit(writes),
    })),
  },

  'retirement leases': {
    'it looks for free ones, then takes them': plant(lookThenLeaseRetirements),
    'a busy store is an error': busy((isBusy) => ({ leaseRetirements }) => ({
      leaseRetirements: async (request) => (isBusy() ? fail() : leaseRetirements(request)),
    })),
  },
}
