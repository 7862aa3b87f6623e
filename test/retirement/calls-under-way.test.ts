import { expect, it } from 'vitest'
import { createUserCore } from '../../src/create-user-core.ts'
import { memoryRepository } from '../../src/memory/index.ts'
import type { Repository } from '../../src/port/repository.ts'
import { type TableName, tables, type UserId } from '../../src/port/tables.ts'
import { defineExtendedProfile } from '../../src/site/define-extended-profile.ts'
import { isUserCoreError } from '../../src/values/errors.ts'
import { drain } from '../support/host.ts'
import { type FoundOperation, operationsOf } from '../support/operations.ts'
import { onEachStore, type TestStore } from '../support/stores.ts'
import { keys, nextKey, openSite, worker } from './site.ts'
import { type Call, calls, erase, storingNothing } from './storing-calls.ts'

/**
 * The outcomes that an overtaken call may have: `ok` too, since calls about many people pass over those who are gone.
 */
const harmless: ReadonlySet<string> = new Set([
  'ok',
  'user_not_found',
  'not_found',
  'conflict',
  'bad_request',
  'retirement_state_error',
])

/** Makes a repository that holds up every unit, and every lease of retirements, until `letGo` is called. */
function holding(repository: Repository) {
  const [arrival, gate] = [Promise.withResolvers<'held'>(), Promise.withResolvers<void>()]
  const holdingUp =
    <Given extends readonly unknown[], Result>(write: (...given: Given) => Promise<Result>) =>
    async (...given: Given): Promise<Result> => {
      arrival.resolve('held')
      await gate.promise
      return write(...given)
    }
  const { commit, leaseRetirements } = repository
  const held = { ...repository, commit: holdingUp(commit), leaseRetirements: holdingUp(leaseRetirements) }
  return { repository: held, arrival: arrival.promise, letGo: gate.resolve }
}

/** Returns all rows that are about a person, as text. */
async function rowsOf(repository: Repository, id: UserId): Promise<string[]> {
  const isTheirs = (row: object, column: string) => String(Reflect.get(row, column)) === String(id)
  const rows = (Object.keys(tables) as TableName[]).map(async (name) => {
    const columns = name === 'users' ? ['id'] : ['user_id', 'subject']
    const found: readonly object[] = await repository.select(name, {})
    return found
      .filter((row) => columns.some((column) => isTheirs(row, column)))
      .map((row) => name + JSON.stringify(row))
  })
  return (await Promise.all(rows)).flat()
}

const next = defineExtendedProfile({}, { version: 2, upgrades: { 1: (document) => ({ ...document }) } })

/** The result of a call that was held while Ada was erased; empty when the call had nothing to store. */
interface Overtaken {
  /** `ok`, or the code of the error. */
  readonly outcome?: string
  /** The rows about Ada that were not there before the call was let go. */
  readonly stored?: readonly string[]
}

async function overtake(
  store: Pick<TestStore, 'repository' | 'second'>,
  { sample, call }: FoundOperation,
  { before, values }: Call,
  hasProfile: boolean,
): Promise<Overtaken> {
  const site = await openSite(store.repository)
  const [user] = await store.repository.select('users', { username: 'ada' })
  const id = user?.id ?? ''
  site.enrolled.push({ user_id: id, course_id: 'course-v1:OrgX+C+R' })
  const found = await before?.(site, id, store.repository)
  if (!hasProfile) await store.repository.commit([{ delete: 'profiles', where: { user_id: id } }])
  await drain(site.users)
  const { repository, arrival, letGo } = holding(store.repository)
  const settings = { retired_identifier_keys: [...keys, nextKey] }
  const running = call(site.another(repository, { extendedProfile: next, settings }), values?.(found) ?? sample).then(
    () => 'ok',
    (error: unknown) => (isUserCoreError(error) ? error.code : String(error)),
  )
  if ((await Promise.race([arrival, running])) !== 'held') return {}
  const others = { ...site, users: site.another(store.second) }
  await erase(others)
  await others.users.retirement.cleanUp(worker, ['ada'])
  const left = await rowsOf(store.repository, id)
  letGo()
  const outcome = await running
  return { outcome, stored: (await rowsOf(store.repository, id)).filter((row) => !left.includes(row)) }
}

const operations = operationsOf(createUserCore({ repository: memoryRepository() })).filter(
  ({ name }) => name !== 'with',
)
const storing = operations.filter(({ name }) => !storingNothing.includes(name))

onEachStore('a call that is under way while a person is erased and cleaned up', (open) => {
  it.each([
    ['', true, storing],
    [' who has no profile', false, storing.filter(({ name }) => !name.startsWith('retire'))],
  ] as const)(
    'stores nothing of a person%s',
    async (_, hasProfile, tried) => {
      const late: string[] = []
      const harmful: string[] = []
      for (const operation of tried) {
        for (const call of calls[operation.name] ?? [{}]) {
          await using store = await open()
          const { outcome, stored = [] } = await overtake(store, operation, call, hasProfile)
          late.push(...stored.map((row) => `${operation.name} ${row}`))
          const isHeld = outcome !== undefined || !hasProfile
          if (!isHeld || (outcome !== undefined && !harmless.has(outcome)))
            harmful.push(`${operation.name}: ${outcome}`)
        }
      }
      expect(late).toEqual([])
      expect(harmful).toEqual([])
    },
    300_000,
  )
})

it('operations in the list of those that store nothing do store nothing', async () => {
  const names = operations.map(({ name }) => name)
  expect(storingNothing.filter((name) => !names.includes(name))).toEqual([])
  for (const operation of operations.filter(({ name }) => storingNothing.includes(name))) {
    const repository: Repository = memoryRepository() as Repository
    const store = { repository, second: repository }
    expect([operation.name, await overtake(store, operation, {}, true)]).toEqual([operation.name, {}])
  }
})
