import { type Actor, anonymous, createUserCore, system } from 'usercore'
import { memoryRepository } from 'usercore/memory'

/**
 * The site that the four web examples have in common: a small one with two people. In memory, so that the examples are about
 * their framework; with a database only `repository` differs (see 01-quickstart.ts).
 */
export const users = createUserCore({
  repository: memoryRepository(),
  settings: { extended_profile_fields: ['occupation'] },
})

/** Stands in for the sessions of a site: the actor by token. An id stays with its person, also after a rename. */
const sessions = new Map<string, Actor>()

for (const [username, name] of [
  ['ada', 'Ada Lovelace'],
  ['bob', 'Bob Frankston'],
] as const) {
  const profile = { year_of_birth: 1980 }
  const account = { username, email: `${username}@example.com`, name, profile }
  const { id } = await users.accounts.create(system, account, { active: true })
  sessions.set(`token-of-${username}`, { id })
}

/** Returns the actor by the header `Authorization`: never by anything that the request itself claims to be. */
export function actorOf(authorization: string | null | undefined): Actor {
  return sessions.get(authorization?.replace(/^Bearer /, '') ?? '') ?? anonymous
}
