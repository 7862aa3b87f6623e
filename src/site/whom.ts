import type { UserId } from '../port/tables.ts'

/**
 * The person whose account a call is about: a username, an id, or an actor itself. When an object has both, the id counts.
 *
 * A username is compared as usernames are kept unique, in any letter case. An id stays with its person, while a username
 * can be given to another one. Results about many people are a `Map` whose keys are the elements that were asked, in the
 * order asked; unknown people are left out.
 */
export type Whom = string | { readonly id: UserId } | { readonly username: string }

/** Returns the id or username that an element of `Whom` names. Only members of the object itself count. */
export function nameOf(whom: Whom): { readonly id: UserId } | { readonly username: string } {
  if (typeof whom === 'string') return { username: whom }
  return 'id' in whom && Object.hasOwn(whom, 'id') && whom.id !== undefined
    ? { id: whom.id }
    : { username: 'username' in whom ? whom.username : '' }
}
