import { setImmediate } from 'node:timers/promises'
import type { Repository } from '../../../src/port/repository.ts'
import type { TableName, Tables } from '../../../src/port/tables.ts'
import type { Write } from '../../../src/port/write.ts'
import type { StoreUnderTest } from '../../../src/testing/index.ts'

export type Store = StoreUnderTest<unknown>

/** Makes a store that breaks a promise from one that keeps them. */
export type Plant = (store: Store) => Store

/** Faults by their effect, in groups of the contract: each group has to find each of its own. */
export type Faults = Readonly<Record<string, Readonly<Record<string, Plant>>>>

/** Returns the methods that differ from those of a repository. */
export type Wrap = (repository: Repository) => Partial<Repository>

/** Replaces some methods, on every connection and inside transactions. */
export function plant(wrap: Wrap): Plant {
  const planted = (repository: Repository): Repository => ({
    ...repository,
    with: (transaction) => planted(repository.with(transaction)),
    ...wrap(repository),
  })
  return (store) => ({
    ...store,
    repository: planted(store.repository),
    ...(store.second === undefined ? {} : { second: planted(store.second) }),
  })
}

/** Replaces some methods inside transactions only. */
export function plantInside(wrap: Wrap): Plant {
  return plant((repository) => ({
    with(transaction) {
      const inside = repository.with(transaction)
      return { ...inside, ...wrap(inside) }
    },
  }))
}

/** Changes the writes of every unit before they are applied. */
export function rewriting(change: (writes: readonly Write[], repository: Repository) => readonly Write[]): Plant {
  return plant((repository) => ({ commit: (writes, inside) => repository.commit(change(writes, repository), inside) }))
}

/** Changes each write of every unit. */
export function rewritingEach(change: (write: Write) => Write): Plant {
  return rewriting((writes) => writes.map(change))
}

/** Changes every value that is read, down to each text and number. `change` returns other values as they are. */
export function misreading(change: (value: unknown) => unknown): Plant {
  function misread(value: unknown): unknown {
    const changed = change(value)
    if (changed !== value || typeof value !== 'object' || value === null) return changed
    if (Array.isArray(value)) return value.map(misread)
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, misread(member)]))
  }
  const reading =
    <Arguments extends unknown[], Result>(read: (...given: Arguments) => Promise<Result>) =>
    async (...given: Arguments) =>
      misread(await read(...given)) as Result
  return plant((repository) => ({
    findAccounts: reading(repository.findAccounts),
    findPreferences: reading(repository.findPreferences),
    findOrgTags: reading(repository.findOrgTags),
    findClaims: reading(repository.findClaims),
    pageRetirements: reading(repository.pageRetirements),
    pageAccounts: reading(repository.pageAccounts),
    pageUsers: reading(repository.pageUsers) as Repository['pageUsers'],
    select: reading(repository.select) as Repository['select'],
    selectEach: reading(repository.selectEach) as Repository['selectEach'],
    pageRows: reading(repository.pageRows) as Repository['pageRows'],
    expiredKeys: reading(repository.expiredKeys),
    leaseOutbox: reading(repository.leaseOutbox),
    countOutbox: reading(repository.countOutbox),
    pageDeadMessages: reading(repository.pageDeadMessages),
    leaseRetirements: reading(repository.leaseRetirements),
    countRetirements: reading(repository.countRetirements),
  }))
}

/** Applies the writes of a unit one by one. */
export const oneByOne: Wrap = (repository) => ({
  async commit(writes, inside) {
    for (const write of writes) if (!(await repository.commit([write]))) return false
    return repository.commit([], inside)
  },
})

/** Lets all other work go on for a while. */
export async function dawdle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await setImmediate()
}

/** Returns the rows of a write to one table, if it is such a write. */
export function rowsFor<Name extends TableName>(
  kind: 'insert' | 'upsert' | 'put',
  table: Name,
  write: Write,
): readonly Tables[Name][] {
  return Reflect.get(write, kind) === table && 'rows' in write ? (write.rows as readonly Tables[Name][]) : []
}
