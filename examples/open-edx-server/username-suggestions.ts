import { suggestUsernames } from 'usercore/rules'
import type { Site } from './site.ts'

/** A name of which so many suggestions are taken gets none. */
const rounds = 5

/** Suggests usernames for a name that could be registered now. Each round looks up those of which nothing is known yet. */
export async function freeUsernames({ users }: Site, name: string): Promise<readonly string[]> {
  const taken = new Set<string>()
  for (let round = 0; round < rounds; round++) {
    const suggestions = suggestUsernames(name, (username) => taken.has(username))
    const decisions = await Promise.all(suggestions.map((username) => users.accounts.validate({ username })))
    const refused = suggestions.filter((_, index) => decisions[index]?.username?.valid !== true)
    if (refused.length === 0) return suggestions
    for (const username of refused) taken.add(username)
  }
  return []
}
