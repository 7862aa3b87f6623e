import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { isStorageError, type Repository } from '../../port/repository.ts'
import type { UserId } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { profileRow, userRow } from '../rows.ts'
import type { StoreUnderTest } from './store.ts'

/** Returns this many usernames. */
export function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `user${index}`)
}

/** Makes a unit that changes a profile from one version to the next. */
export function nextVersion(user_id: UserId, version: number, bio: string): Write[] {
  return [{ update: 'profiles', set: { bio, version: version + 1 }, where: { user_id, version }, guarded: true }]
}

/** Commits a unit until it is stored: others may stop it, and it may lose races in the database. */
export async function commitAtLast(repository: Repository, writes: () => Promise<readonly Write[]>): Promise<void> {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const outcome = await repository.commit(await writes()).catch((error: unknown) => {
      if (isStorageError(error) && error.isLostRace) return false
      throw error
    })
    if (outcome) return
    await sleep(Math.random() * 5)
  }
  assert.fail('it was never stored')
}

/** Returns the connections of a store in turn. */
export function connectionOf({ repository, second = repository }: StoreUnderTest<unknown>, turn: number): Repository {
  return turn % 2 === 0 ? repository : second
}

/** Returns an id that a caller may bring along, greater than those that were given so far. */
export function chosenId({ idType }: Repository, n: number): UserId {
  return idType === 'integer' ? 1000 + n : `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
}

/** Makes a unit that stores people with profiles, under ids of our choice. */
export function manyUsers(repository: Repository, usernames: readonly string[]): Write[] {
  const rows = usernames.map((username, index) => ({ ...userRow(username), id: chosenId(repository, index) }))
  return [
    { insert: 'users', rows },
    { insert: 'profiles', rows: rows.map(({ id }) => profileRow(id)) },
  ]
}

/** Sorts ids as they ascend, as far as the contract can know it: databases sort text in different ways. */
export function ascending(ids: readonly UserId[]): UserId[] {
  return [...ids].sort((a, b) => (typeof a === 'number' && typeof b === 'number' ? a - b : a < b ? -1 : 1))
}
