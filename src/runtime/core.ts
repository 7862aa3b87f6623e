import { randomBytes } from 'node:crypto'
import { v7 as uuid7 } from 'uuid'
import { type Inside, isStorageError, type Repository, type StorageError } from '../port/repository.ts'
import type { UserRow } from '../port/tables.ts'
import type { NamedUser, Write } from '../port/write.ts'
import type { CheckedHost } from '../site/checked-host.ts'
import type { Context } from '../site/context.ts'
import type { ExtendedFields, ExtendedProfile } from '../site/define-extended-profile.ts'
import { isRetiredEmail } from '../site/retired-formats.ts'
import type { Settings } from '../site/settings.ts'
import { backOff } from '../values/back-off.ts'
import { isUserCoreError, UserCoreError, type UserCoreErrorCode } from '../values/errors.ts'
import type { Issue } from '../values/issues.ts'
import { isLargerThan } from '../values/json.ts'
import type { Lanes } from './lanes.ts'
import { guardsOf } from './progress.ts'

/** What every operation works with: storage, settings and the host. */
export interface Core<Transaction = unknown> {
  readonly repository: Repository<Transaction>
  readonly settings: Settings
  readonly extendedProfile: ExtendedProfile<ExtendedFields>
  readonly host: CheckedHost<Transaction>
  /**
   * Where attempts that came too late wait for each other; none inside a transaction of the host: what waits in a lane
   * can wait for that transaction in turn.
   */
  readonly lanes: Lanes | undefined
}

/** What the rules of one call know: the time stands still in it. */
export function contextOf(core: Core): Context {
  const { clock = () => new Date(), ids = uuid7, random = randomBytes, translate } = core.host
  const { settings, extendedProfile } = core
  return { settings, extendedProfile, now: clock(), ids, random, translate }
}

/** The error that reports issues, in the words of the host. */
export function refusal(
  code: 'account_validation_error' | 'preference_validation_error',
  issues: readonly Issue[],
  core: Core,
): UserCoreError {
  return new UserCoreError(code, { issues, translate: core.host.translate })
}

/**
 * Throws when what came in is sure to be larger than the setting `patch_max_bytes`. Asked before storage, a hook, a schema
 * or a rule looks at any member: what is too much costs nothing else.
 */
export function requireWithinBudget(input: unknown, core: Core): void {
  const max_bytes = core.settings.patch_max_bytes
  if (!isLargerThan(input, max_bytes)) return
  throw refusal('account_validation_error', [{ pointer: '', code: 'too_large', params: { max_bytes } }], core)
}

/** What one attempt of an operation decided on. */
export interface Decided<Transaction, Result> {
  readonly writes: readonly Write[]
  /**
   * The people of whom the unit stores something, as they were loaded. Once one of them has another username, as the
   * erased have, nothing is stored, and the next attempt finds nobody. Left out where the unit is guarded by another row
   * that erasure changes or removes.
   */
  readonly people?: readonly UserRow[]
  readonly inside?: Inside<Transaction>
  /** Whether what the unit replaces and removes is promised to be gone: see `CommitOptions`. */
  readonly erases?: boolean
  readonly result: Result
}

/** So often is a decision taken before the operation gives up. With the waits between that takes up to ten seconds. */
const attempts = 24

/** What became of one attempt: it was saved, or these writes were stopped. */
export type Attempt<Result> = { readonly result: Result } | { readonly stopped: readonly Write[] }

/** The same of one that can also have lost too many races that the database settles: see `StorageError.isLostRace`. */
type Outcome<Result> = Attempt<Result> | { readonly lost: StorageError }

/** Makes one attempt. What it throws is passed on, lost races aside. */
export async function outcomeOf<Result>(attempt: () => Promise<Attempt<Result>>): Promise<Outcome<Result>> {
  try {
    return await attempt()
  } catch (error) {
    if (isStorageError(error) && error.isLostRace) return { lost: error }
    throw error
  }
}

/**
 * Makes attempts until one is saved. Waits a random while between them, so that writers who compete come through.
 *
 * Throws `conflict` after the last one, with the code of the driver where that lost a race in the database, and as soon
 * as the same rows stop two attempts, lost races between them aside: what was loaded in between did not show what is in
 * the way, so no further attempt would. That is a key which something holds that nothing reads, such as a unique index of
 * the host's, or a hook that draws the same id again. A lost race says nothing of the kind: what won is there to be loaded.
 *
 * `before` is what became of an attempt on the way here.
 */
export async function untilSaved<Result>(
  attempt: () => Promise<Attempt<Result>>,
  wait: (attempt: number) => Promise<void> = backOff,
  before?: Outcome<Result>,
): Promise<Result> {
  let guards = before !== undefined && 'stopped' in before ? guardsOf(before.stopped) : undefined
  let last = before
  for (let count = 0; count < attempts; count++) {
    if (count > 0) await wait(count)
    last = await outcomeOf(attempt)
    if ('result' in last) return last.result
    if ('lost' in last) continue
    const others = guardsOf(last.stopped)
    if (others === guards) throw new UserCoreError('conflict', { params: { reason: 'key_taken' } })
    guards = others
  }
  const lost = last !== undefined && 'lost' in last ? last.lost : undefined
  throw new UserCoreError('conflict', {
    params: { reason: 'too_many_writers', ...(lost && { driver_code: lost.driver_code }) },
    ...(lost && { cause: lost }),
  })
}

/**
 * Load, decide, save: runs `decide`, commits its writes, and starts again when somebody else was faster.
 *
 * A unit that was stopped, or lost its races, is no error: the next attempt loads what was in its way and says what that
 * means. Those of one process that came too late for a person take turns, so that any number of writers of one account
 * comes through.
 */
export async function decideAndSave<Transaction, Result>(
  core: Core<Transaction>,
  decide: () => Promise<Decided<Transaction, Result>>,
): Promise<Result> {
  let unit: readonly Write[] = []
  const attempt = async (): Promise<Attempt<Result>> => {
    const { writes, people = [], inside, erases = false, result } = await decide()
    if (writes.length === 0 && inside === undefined) return { result }
    refuseErased(core, people)
    unit = [...writes, ...requirePeople(core, people, writes)]
    return (await core.repository.commit(unit, inside, { erases })) ? { result } : { stopped: unit }
  }
  const first = await outcomeOf(attempt)
  if ('result' in first) return first.result
  // A transaction of the host holds up others while it waits: there, locks do the waiting.
  return core.lanes === undefined
    ? untilSaved(attempt, async () => {}, first)
    : core.lanes.run(laneOf(unit), () => untilSaved(attempt, backOff, first))
}

/** Throws `user_not_found` where the person of a unit was erased and is still found: under their id as username. */
function refuseErased({ repository, settings }: Core, [user]: readonly UserRow[]): void {
  const isFound = repository.usernames === 'ids' && user !== undefined
  if (isFound && isRetiredEmail(user.email, settings)) throw new UserCoreError('user_not_found')
}

/** Requires people to be there, unless it is one whose profile is guarded anyway: erasure changes its version. */
function requirePeople({ repository }: Core, people: readonly UserRow[], writes: readonly Write[]): Write[] {
  const [first, ...others] = people
  const isGuarded = writes.some(
    (write) =>
      'update' in write && write.update === 'profiles' && write.guarded === true && write.where.user_id === first?.id,
  )
  if (first === undefined || (others.length === 0 && isGuarded)) return []
  const rows = people.map((user) =>
    repository.usernames === 'ids' ? namesAfter(user, writes) : { id: user.id, username: user.username },
  )
  return [{ require: 'users', rows }]
}

/** The names of a person at the end of a unit, which may give them another address. */
function namesAfter({ id, username, email }: UserRow, writes: readonly Write[]): NamedUser {
  const changed = writes.flatMap((write) =>
    'update' in write && write.update === 'users' && write.where.id === id ? (write.set.email ?? []) : [],
  )
  return { id, username, email: changed.at(-1) ?? email }
}

/** What a unit is about: the person whose row it guards or adds first. */
function laneOf([first]: readonly Write[]): string {
  const row: object = first === undefined ? {} : 'rows' in first ? (first.rows[0] ?? {}) : first.where
  return 'user_id' in row ? String(row.user_id) : ''
}

/**
 * Runs an operation; whatever it throws that is no usercore error leaves as `code`, with the error as cause. Of failing
 * storage the params tell the code of the driver; what others keep locked is an `internal_error` in every operation, and
 * tables that were not made are a `config_error` whose `params.schema` is `missing`.
 */
export async function reportingAs<Result>(code: UserCoreErrorCode, operation: () => Promise<Result>): Promise<Result> {
  try {
    return await operation()
  } catch (error) {
    throw reportedAs(code, error)
  }
}

/** A usercore error as it is, and anything else as the cause of one. */
export function reportedAs(code: UserCoreErrorCode, error: unknown): UserCoreError {
  if (isUserCoreError(error)) return error
  if (!isStorageError(error)) return new UserCoreError(code, { cause: error })
  const params = { driver_code: error.driver_code }
  if (error.isSchemaMissing) {
    return new UserCoreError('config_error', { params: { ...params, schema: 'missing' }, cause: error })
  }
  return new UserCoreError(error.isLocked ? 'internal_error' : code, { params, cause: error })
}
