import { createUserCore, type UserCore } from '../../../src/create-user-core.ts'
import { memoryRepository } from '../../../src/memory/index.ts'
import type { Repository } from '../../../src/port/repository.ts'
import { type TableName, tables, type UserId, type UserRow } from '../../../src/port/tables.ts'
import { type Actor, system } from '../../../src/site/actor.ts'
import { defineExtendedProfile } from '../../../src/site/define-extended-profile.ts'
import { isUserCoreError } from '../../../src/values/errors.ts'
import { type FoundOperation, operationsOf } from '../../support/operations.ts'
import { bringTo, keys, move, nextKey, openSite, type Site } from '../site.ts'
import { type Call, calls } from '../storing-calls.ts'

/** The stages of a retirement, in their order, each with the way to it from the one before. */
export const stages: Readonly<Record<string, (site: Site, repository: Repository) => Promise<void>>> = {
  'cool-off': (site) => bringTo(site, 'ada', 'PENDING'),
  'at work': (site) => move(site.users, 'ada', 'RETIRING_LMS'),
  async complete({ users }) {
    await users.retirement.runStep(system, 'ada', 'account')
    await move(users, 'ada', 'COMPLETE')
  },
  'cleaned up': ({ users }) => users.retirement.cleanUp(system, ['ada']),
  revived: (_, repository) => revive(repository),
}

/** Brings Ada's account back as an operator would by hand. */
export async function revive(repository: Repository): Promise<void> {
  const { id } = await adaOf(repository)
  const names = { username: 'ada', username_key: 'ada', email: 'ada@example.com', email_key: 'ada@example.com' }
  await repository.commit([{ update: 'users', set: { ...names, is_active: true }, where: { id } }])
}

/** Returns the row of Ada, who is the first person of a site. */
export async function adaOf(repository: Repository): Promise<UserRow> {
  const rows = await repository.select('users', {})
  const [first] = rows.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  if (first === undefined) throw new Error('no person is there')
  return first
}

/** One call of an operation that can store something about a person. */
export interface StoringCall extends Call {
  readonly name: string
  readonly operation: FoundOperation
}

/** Every call that is tried: those of the list, else the sample, of every operation that a core has. */
export const everyCall: readonly StoringCall[] = operationsOf(createUserCore({ repository: memoryRepository() }))
  .filter(({ name }) => name !== 'with')
  .flatMap((operation) =>
    (calls[operation.name] ?? [{}]).map((call, index) => ({
      ...call,
      name: index === 0 ? operation.name : `${operation.name} (${index + 1})`,
      operation,
    })),
  )

/** The actors who call: trusted code, the person, and staff. Each calls the operations that name an actor. */
export const actors: Readonly<Record<string, (ada: UserRow) => Actor>> = {
  system: () => system,
  holder: ({ username }) => ({ username }),
  staff: () => ({ username: 'sue', staff: true }),
}

/** Brings the site into the state that a call needs, where that is none of a retirement. Returns its argument. */
export async function prepare(site: Site, call: StoringCall, id: UserId, repository: Repository): Promise<unknown> {
  return /^retire/.test(call.name) ? undefined : call.before?.(site, id, repository)
}

/** Returns the arguments of a call about Ada as she is named now. */
export function argumentsOf(call: StoringCall, found: unknown, ada: UserRow, actor: Actor): unknown[] {
  const isLost = /^retire/.test(call.name) && call.before !== undefined
  const values = isLost ? call.operation.sample : (call.values?.(found) ?? call.operation.sample)
  return values.map((value, index) => (call.operation.list[index]?.name === 'actor' ? actor : renamed(value, ada)))
}

function renamed(value: unknown, ada: UserRow): unknown {
  if (value === 'ada') return ada.username
  if (value === 'ada@example.com') return ada.email
  if (Array.isArray(value)) return value.map((item) => renamed(item, ada))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, renamed(member, ada)]))
}

/** The declaration of a later version: documents of the one before can be brought up to it. */
const next = defineExtendedProfile({}, { version: 2, upgrades: { 1: (document) => ({ ...document }) } })

/** Makes the core of the calls, of which `extendedProfile.migrate` finds documents to bring up, and `rewrap` a key. */
export function callingCore(site: Site, repository: Repository): UserCore<unknown> {
  return site.another(repository, {
    extendedProfile: next,
    settings: { retired_identifier_keys: [...keys, nextKey] },
  })
}

/** The columns that say whose a row is. */
const owners: Readonly<Record<string, readonly string[]>> = { users: ['id'], rate_limits: ['subject'] }

/** Returns all rows that are about a person, as text, without the notifications that tell the host what to delete. */
export async function rowsOf(repository: Repository, id: UserId): Promise<string[]> {
  const found = await Promise.all(
    (Object.keys(tables) as TableName[]).map(async (name) => {
      const rows: readonly object[] = await repository.select(name, {})
      const isTheirs = (row: object) =>
        (owners[name] ?? ['user_id']).some((column) => String(Reflect.get(row, column)) === String(id))
      return rows.filter(isTheirs).map((row) => name + JSON.stringify(row))
    }),
  )
  return found.flat()
}

/** Makes a call. Returns `ok` or its error, with `stores` where rows about Ada are there that were not. */
export async function outcomeOf(
  users: object,
  repository: Repository,
  id: UserId,
  call: StoringCall,
  values: readonly unknown[],
): Promise<string> {
  const before = new Set(await rowsOf(repository, id))
  const outcome = await call.operation.call(users, values).then(
    () => 'ok',
    (error: unknown) => (isUserCoreError(error) ? [error.code, ...reasonOf(error.params)].join(' ') : String(error)),
  )
  const stores = (await rowsOf(repository, id)).some((row) => !before.has(row))
  return stores ? `${outcome}, stores` : outcome
}

const reasonOf = (params: object) => ('reason' in params ? [String(params.reason)] : [])

/** Opens a site with Ada, and with what the outcomes of calls depend on. */
export async function openSealed(repository: Repository, coolOff: 'none' | 'all' = 'none'): Promise<Site> {
  const site = await openSite(repository, ['ada', 'bob', 'sue'], { settings: { writes_during_cool_off: coolOff } })
  const { id } = await adaOf(repository)
  site.enrolled.push({ user_id: id, course_id: 'course-v1:OrgX+C+R' })
  return site
}
