import type { Repository } from '../../src/port/repository.ts'
import type { Write } from '../../src/port/write.ts'

/** The calls of a repository since the last look. */
export interface Seen {
  /** Calls of any of its methods. */
  asked: number
  /** Tables in which a unit was stored. */
  readonly written: Set<string>
}

/** A repository that notes what it is asked. */
export function watchedRepository(repository: Repository, seen: Seen): Repository {
  const note = (writes: readonly Write[]) => {
    const changing = writes.filter((write) => !('require' in write))
    for (const [table] of changing.map((write) => Object.values(write))) seen.written.add(String(table))
  }
  const ask = <Values extends unknown[], Answer>(method: (...values: Values) => Answer) => {
    return (...values: Values) => {
      seen.asked++
      return method(...values)
    }
  }
  return {
    ...repository,
    findAccounts: ask(repository.findAccounts),
    findPreferences: ask(repository.findPreferences),
    findOrgTags: ask(repository.findOrgTags),
    findClaims: ask(repository.findClaims),
    pageRetirements: ask(repository.pageRetirements),
    pageUsers: ask(repository.pageUsers) as Repository['pageUsers'],
    select: ask(repository.select) as Repository['select'],
    selectEach: ask(repository.selectEach) as Repository['selectEach'],
    pageRows: ask(repository.pageRows) as Repository['pageRows'],
    searchTexts: ask(repository.searchTexts) as Repository['searchTexts'],
    expiredKeys: ask(repository.expiredKeys),
    leaseOutbox: ask(repository.leaseOutbox),
    countOutbox: ask(repository.countOutbox),
    pageDeadMessages: ask(repository.pageDeadMessages),
    countRetirements: ask(repository.countRetirements),
    leaseRetirements: ask(async (...values: Parameters<Repository['leaseRetirements']>) => {
      const taken = await repository.leaseRetirements(...values)
      if (taken.length > 0) seen.written.add('retirements')
      return taken
    }),
    insertUser: ask(async (...values: Parameters<Repository['insertUser']>) => {
      const id = await repository.insertUser(...values)
      if (id !== undefined) seen.written.add('users')
      return id
    }),
    commit: ask(async (...values: Parameters<Repository['commit']>) => {
      const isStored = await repository.commit(...values)
      if (isStored) note(values[0])
      return isStored
    }),
  }
}
