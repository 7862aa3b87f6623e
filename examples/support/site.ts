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

for (const [username, name] of [
  ['ada', 'Ada Lovelace'],
  ['bob', 'Bob Frankston'],
] as const) {
  const profile = { year_of_birth: 1980 }
  await users.accounts.create(system, { username, email: `${username}@example.com`, name, profile }, { active: true })
}

/** Stands in for the sessions of your site: who holds which token. */
const sessions = new Map<string, Actor>([
  ['token-of-ada', { username: 'ada' }],
  ['token-of-bob', { username: 'bob' }],
])

/** The actor of a request, by the header `Authorization`: never by a name that the request itself claims. */
export function actorOf(authorization: string | null | undefined): Actor {
  return sessions.get(authorization?.replace(/^Bearer /, '') ?? '') ?? anonymous
}
