import type { UserId } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import type { Core } from '../../runtime/core.ts'
import { UserCoreError } from '../../values/errors.ts'

/** Returns the write that a request of a person stands or falls with. */
export type RequestGuard = (user_id: UserId) => Promise<Write>

/**
 * Makes the guard of one call that asks for an address or a name. From its first read of a person on, an event that
 * ends all requests of the person ends those of this call, too: none is stored, and the guard throws `conflict` with
 * `params.reason` `ended_meanwhile`.
 */
export function guardRequests({ repository }: Core): RequestGuard {
  const seen = new Map<UserId, string>()
  return async (user_id) => {
    const [stored] = await repository.select('request_guards', { user_id })
    const { ended, requests } = stored ?? { ended: '', requests: 0 }
    if (ended !== (seen.get(user_id) ?? ended)) {
      throw new UserCoreError('conflict', { params: { reason: 'ended_meanwhile' } })
    }
    seen.set(user_id, ended)
    const row = { user_id, ended, requests: requests + 1 }
    return stored === undefined
      ? { insert: 'request_guards', rows: [row] }
      : { update: 'request_guards', set: row, where: stored, guarded: true }
  }
}
