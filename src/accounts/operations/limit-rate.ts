import type { RateLimitRow } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { type Core, decideAndSave } from '../../runtime/core.ts'
import { findPerson } from '../../runtime/load-account.ts'
import { isClosed, type LoadedPerson, permitToStore } from '../../runtime/permit.ts'
import type { Actor } from '../../site/actor.ts'
import type { Context } from '../../site/context.ts'
import { UserCoreError } from '../../values/errors.ts'
import { instantOf } from '../../values/instant.ts'
import { countHit, parseRateLimit, secondsLeft } from '../rate-limit.ts'

/**
 * Counts that a person did something once more. Throws `rate_limited` when that is too often, with the seconds until it
 * is taken again. `limit` is text like `5/d`; with `''` nothing is counted.
 */
export async function limitRate(
  core: Core,
  actor: Actor,
  loaded: LoadedPerson,
  { name, limit }: { readonly name: string; readonly limit: string },
  context: Context,
): Promise<void> {
  const parsed = parseRateLimit(limit)
  if (parsed === undefined) return
  const { id } = loaded.user
  const what = { name, subject: String(id) }
  let known: LoadedPerson | undefined = loaded
  const retry_after_seconds = await decideAndSave<unknown, number | undefined>(core, async () => {
    const person: LoadedPerson | undefined = known ?? (await findPerson(core, { id }))
    known = undefined
    // The change itself is refused.
    if (person === undefined || isClosed(core, person)) return { writes: [], result: undefined }
    const [stored] = await core.repository.select('rate_limits', what)
    const now = instantOf(context.now)
    const { row, allowed } = countHit(stored, what, parsed, now)
    return allowed
      ? { writes: hitWrites(stored, row), permit: permitToStore(core, actor, [person]), result: undefined }
      : { writes: [], result: secondsLeft(row, parsed, now) }
  })
  if (retry_after_seconds !== undefined) {
    throw new UserCoreError('rate_limited', { params: { limit: name, retry_after_seconds } })
  }
}

/** Stores one more time. Of several at once only one finds the count as it was. */
export function hitWrites(stored: RateLimitRow | undefined, row: RateLimitRow): Write[] {
  if (stored === undefined) return [{ insert: 'rate_limits', rows: [row] }]
  return [{ update: 'rate_limits', set: row, where: stored, guarded: true }]
}
