import type { PersonalDataStore } from '../port/personal-data-store.ts'
import { type Inside, isStorageError, type Repository, type StorageError } from '../port/repository.ts'
import type { RetirementJournal } from '../port/retirement-journal.ts'
import type { UserRow } from '../port/tables.ts'
import type { NamedUser, Write } from '../port/write.ts'
import type { CheckedHost } from '../site/checked-host.ts'
import type { Context } from '../site/context.ts'
import type { ExtendedFields, ExtendedProfile } from '../site/define-extended-profile.ts'
import type { Settings } from '../site/settings.ts'
import { backOff } from '../values/back-off.ts'
import type { UserCoreErrorCode } from '../values/error-params.ts'
import { isUserCoreError, UserCoreError } from '../values/errors.ts'
import type { Issue } from '../values/issues.ts'
import { isLargerThan } from '../values/json.ts'
import { drawId } from './draw-id.ts'
import type { Lanes } from './lanes.ts'
import { type Permit, requiredBy } from './permit.ts'
import { guardsOf } from './progress.ts'

/** Everything that an operation works with: storage, settings and the host. */
export interface Core<Transaction = unknown> {
  readonly repository: Repository<Transaction>
  /** The tables of the host with data of people; undefined where it declares none. */
  readonly personalData?: PersonalDataStore<Transaction> | undefined
  /** The record of erasures outside of the database; undefined where the site keeps none. */
  readonly journal?: RetirementJournal | undefined
  readonly settings: Settings
  readonly extendedProfile: ExtendedProfile<ExtendedFields>
  readonly host: CheckedHost<Transaction>
  /**
   * The queues of attempts that came too late; undefined inside a transaction of the host, since a call that waits in a
   * lane can wait for that transaction in turn.
   */
  readonly lanes: Lanes | undefined
}

const randomBytes = (count: number) => crypto.getRandomValues(new Uint8Array(count))

/** Returns the context of the rules in one call, whose time stands still. */
export function contextOf(core: Core): Context {
  const { clock = () => new Date(), ids = drawId, random = randomBytes, translate } = core.host
  const { settings, extendedProfile } = core
  return { settings, extendedProfile, now: clock(), ids, random, translate }
}

/** Makes the error that reports issues, with the sentences of the host. */
export function refusal(
  code: 'account_validation_error' | 'preference_validation_error',
  issues: readonly Issue[],
  core: Core,
): UserCoreError {
  return new UserCoreError(code, { issues, translate: core.host.translate })
}

/**
 * Throws when a value that came in is sure to be larger than the setting `patch_max_bytes`. Called before storage, a
 * hook, a schema or a rule looks at any member, so that refusing too large a value costs nothing else.
 */
export function requireWithinBudget(input: unknown, core: Core): void {
  const max_bytes = core.settings.patch_max_bytes
  if (!isLargerThan(input, max_bytes)) return
  throw refusal('account_validation_error', [{ pointer: '', code: 'too_large', params: { max_bytes } }], core)
}

/** A unit of work that an attempt of an operation has decided on, with the result of the operation. */
export interface Unit<Transaction, Result> {
  readonly writes: readonly Write[]
  /**
   * What allows the unit. Once one of its people has another username or address, as those have who are being retired,
   * nothing is stored, and the next attempt sees their retirement.
   */
  readonly permit: Permit
  readonly inside?: Inside<Transaction>
  /** Tells whether the unit promises that no copy of what it replaces and removes is left; see `CommitOptions`. */
  readonly erases?: boolean
  readonly result: Result
}

/** The decision of one attempt of an operation: a unit, or nothing to store. */
export type Decided<Transaction, Result> =
  | Unit<Transaction, Result>
  | {
      readonly writes: readonly []
      readonly permit?: undefined
      readonly inside?: undefined
      readonly erases?: undefined
      readonly result: Result
    }

/** Attempts of an operation before it gives up. With the waits between them they take up to ten seconds. */
const attempts = 24

/** The outcome of one attempt: it was saved, or these writes were stopped. */
export type Attempt<Result> = { readonly result: Result } | { readonly stopped: readonly Write[] }

/**
 * The outcome of an attempt that can also have lost too many races which the database settles; see
 * `StorageError.isLostRace`.
 */
type Outcome<Result> = Attempt<Result> | { readonly lost: StorageError }

/** Makes one attempt. Passes on its error, except that of a lost race. */
async function outcomeOf<Result>(attempt: () => Promise<Attempt<Result>>): Promise<Outcome<Result>> {
  try {
    return await attempt()
  } catch (error) {
    if (isStorageError(error) && error.isLostRace) return { lost: error }
    throw error
  }
}

/**
 * Makes attempts until one is saved. Waits a random while between them, so that writers who compete succeed in the end.
 *
 * Throws `conflict` after the last one, with the code of the driver where that lost a race in the database, and as soon
 * as the same rows stop two attempts, lost races between them aside: loading in between did not show the obstacle, so
 * no further attempt would. The obstacle is then a key in something that no operation reads, such as a unique index of
 * the host's, or a hook that draws the same id again. A lost race proves no such obstacle: the next attempt loads the
 * change that won.
 *
 * `before` is the outcome of an attempt that was made already.
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
 * Loads, decides and saves: runs `decide`, commits its writes, and starts again when another writer was faster.
 *
 * A unit that was stopped, or lost its races, is no error: the next attempt loads the change that was in its way, and
 * its rules say what that means. Attempts of one process that came too late for a person take turns, so that any number
 * of writers of one account succeed.
 */
export async function decideAndSave<Transaction, Result>(
  core: Core<Transaction>,
  decide: () => Promise<Decided<Transaction, Result>>,
): Promise<Result> {
  let unit: readonly Write[] = []
  const attempt = async (): Promise<Attempt<Result>> => {
    const { writes, permit, inside, erases = false, result } = await decide()
    if (permit === undefined || (writes.length === 0 && inside === undefined)) return { result }
    unit = [...writes, ...requirePeople(requiredBy(permit), writes)]
    return (await core.repository.commit(unit, inside, { erases })) ? { result } : { stopped: unit }
  }
  const first = await outcomeOf(attempt)
  if ('result' in first) return first.result
  // A transaction of the host holds up others while it waits: there, locks do the waiting.
  return core.lanes === undefined
    ? untilSaved(attempt, async () => {}, first)
    : core.lanes.run(laneOf(unit), () => untilSaved(attempt, backOff, first))
}

/**
 * Returns the write that requires people to be there with the names that they had; none for one person whose profile is
 * guarded: a request for retirement changes its version.
 */
function requirePeople(people: readonly UserRow[], writes: readonly Write[]): Write[] {
  const [first, ...others] = people
  const isGuarded = writes.some(
    (write) =>
      'update' in write && write.update === 'profiles' && write.guarded === true && write.where.user_id === first?.id,
  )
  if (first === undefined || (others.length === 0 && isGuarded)) return []
  return [{ require: 'users', rows: people.map((user) => namesAfter(user, writes)) }]
}

/** Returns the names that a person has at the end of a unit, which may give them others. */
function namesAfter({ id, username, email }: UserRow, writes: readonly Write[]): NamedUser {
  const changes = writes.flatMap((write) =>
    'update' in write && write.update === 'users' && write.where.id === id ? [write.set] : [],
  )
  return {
    id,
    username: changes.findLast((set) => set.username !== undefined)?.username ?? username,
    email: changes.findLast((set) => set.email !== undefined)?.email ?? email,
  }
}

/** Returns the lane of a unit: the person whose row it guards or adds first. */
function laneOf([first]: readonly Write[]): string {
  const row: object = first === undefined ? {} : 'rows' in first ? (first.rows[0] ?? {}) : first.where
  return 'user_id' in row ? String(row.user_id) : ''
}

/**
 * Runs an operation; an error that is no usercore error leaves as `code`, with that error as cause. Where storage
 * failed, the params hold the code of the driver; a row that stays locked is an `internal_error` in every operation,
 * and missing tables are a `config_error` whose `params.schema` is `missing`.
 */
export async function reportingAs<Result>(code: UserCoreErrorCode, operation: () => Promise<Result>): Promise<Result> {
  try {
    return await operation()
  } catch (error) {
    throw reportedAs(code, error)
  }
}

/** Returns a usercore error as it is, and any other error as the cause of one. */
export function reportedAs(code: UserCoreErrorCode, error: unknown): UserCoreError {
  if (isUserCoreError(error)) return error
  if (!isStorageError(error)) return new UserCoreError(code, { cause: error })
  const { driver_code, message: detail } = error
  if (error.isSchemaMissing) {
    return new UserCoreError('config_error', { params: { driver_code, schema: 'missing' }, detail, cause: error })
  }
  return new UserCoreError(error.isLocked ? 'internal_error' : code, { params: { driver_code }, detail, cause: error })
}
