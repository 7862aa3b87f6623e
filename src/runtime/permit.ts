import type { PersonRetirement } from '../port/retirement-record.ts'
import type { UserRow } from '../port/tables.ts'
import { type Actor, isSystem } from '../site/actor.ts'
import { isRetiredEmail, looksRetired } from '../site/retired-formats.ts'
import { UserCoreError } from '../values/errors.ts'
import { requireAllowed } from './authorize.ts'
import type { Core } from './core.ts'

/** A person as reads return them, whose retirement decides whether more may be stored of them. */
export interface LoadedPerson {
  readonly user: UserRow
  readonly retirement: PersonRetirement
}

const permitted = Symbol('permitted')

/**
 * The permit to save a unit. `decideAndSave` saves none without, and the functions of this file alone make one, so that
 * no operation can store something of a person without a look at their retirement.
 */
export interface Permit {
  /** The people of whom the unit stores something, as they were loaded: it requires them to be there. */
  readonly [permitted]: readonly UserRow[]
}

/** Returns the people whom a unit under the permit requires. */
export function requiredBy(permit: Permit): readonly UserRow[] {
  return permit[permitted]
}

/**
 * The permit of units that store nothing which people give or do: those of retirement itself, of messages, and of what
 * has expired. They have to go on for people who are sealed.
 */
export const housekeeping: Permit = { [permitted]: [] }

/** Tells whether nothing more is stored of a person: they are sealed, or in a cool-off in which the site stores nothing. */
export function isClosed(
  { settings }: Pick<Core, 'settings'>,
  { retirement }: Pick<LoadedPerson, 'retirement'>,
): boolean {
  return retirement === 'sealed' || (retirement === 'requested' && settings.writes_during_cool_off === 'none')
}

/**
 * Returns the permit to store something of people. Throws as `refuseClosed` does where one of them is being retired or
 * was.
 */
export function permitToStore(core: Core, actor: Actor, people: readonly LoadedPerson[]): Permit {
  if (people.some((person) => isClosed(core, person))) refuseClosed(actor)
  return { [permitted]: people.map(({ user }) => user) }
}

/**
 * Returns the permit to take back what people gave: choices, preferences, requests, images. People who are sealed may do
 * so too, until they are erased: what an operation stores for it then would stay. Throws as `refuseClosed` does.
 */
export function permitToWithdraw(core: Core, actor: Actor, people: readonly LoadedPerson[]): Permit {
  if (people.some((person) => isErased(core, person))) refuseClosed(actor)
  return { [permitted]: people.map(({ user }) => user) }
}

/** Returns the permit without its people, for a unit that is stopped by another row, which their retirement changes too. */
export function guardedElsewhere(_permit: Permit): Permit {
  return housekeeping
}

/** Returns the permit of a unit that depends on further people, and stores nothing of them. */
export function alsoRequiring(permit: Permit, people: readonly LoadedPerson[]): Permit {
  return { [permitted]: [...permit[permitted], ...people.map(({ user }) => user)] }
}

/** Tells whether a person looks erased. Where usernames are ids, every person who is sealed does. */
export function isErased({ repository, settings }: Core, { user, retirement }: LoadedPerson): boolean {
  if (repository.usernames !== 'ids') return looksRetired(user.username, settings)
  return retirement === 'sealed' && isRetiredEmail(user.email, settings)
}

/**
 * Throws for a person of whom nothing more is stored: `not_authorized` with the reason `sealed` to trusted code, and
 * `user_not_found` to all others.
 */
export function refuseClosed(actor: Actor): never {
  requireAllowed(actor, !isSystem(actor), { reason: 'sealed' })
  throw new UserCoreError('user_not_found')
}
