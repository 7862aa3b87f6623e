import type { Write } from '../../port/write.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { guardedElsewhere, housekeeping, isClosed, permitToStore } from '../../runtime/permit.ts'
import type { Context } from '../../site/context.ts'
import { instantOf } from '../../values/instant.ts'
import { identifierKey } from '../../values/text.ts'
import { isWaiting, renewActivation } from '../activation.ts'
import { drawKey, hashKey } from '../fields/confirmation-key.ts'
import { countHit, parseRateLimit } from '../rate-limit.ts'
import { hitWrites } from './limit-rate.ts'

export async function requestActivation(core: Core, email: string): Promise<void> {
  const { repository, settings } = core
  const limit = parseRateLimit(settings.activation_rate_limit)
  await decideAndSave(core, async () => {
    const context = contextOf(core)
    const [record] = await repository.findAccounts({ email_keys: [identifierKey(email)], emails: [email] })
    // An address without an account costs the same look-ups.
    const user_id = record?.user.id ?? (repository.idType === 'integer' ? 0 : '')
    const what = { name: 'activation', subject: String(user_id) }
    const [registration] = await repository.select('registrations', { user_id })
    const [stored] = limit === undefined ? [] : await repository.select('rate_limits', what)
    const hit = limit && countHit(stored, what, limit, instantOf(context.now))
    const isWaitingFor = record?.user.is_active === false && isWaiting(registration) && !isClosed(core, record)
    if (!isWaitingFor || hit?.allowed === false) {
      return { writes: idleWrites(hit !== undefined, context), permit: housekeeping, result: undefined }
    }
    return {
      permit: guardedElsewhere(permitToStore(core, { username: record.user.username }, [record])),
      writes: [
        ...(hit === undefined ? [] : hitWrites(stored, hit.row)),
        ...renewActivation(registration, record.user, context),
      ],
      result: undefined,
    }
  })
}

/**
 * Returns as many writes as those that send a key, on rows that are not there: the time of an answer does not tell the
 * two apart.
 */
function idleWrites(countsHits: boolean, { ids, random, now }: Context): Write[] {
  const nothing = hashKey(drawKey(random))
  return [
    ...(countsHits
      ? [{ update: 'rate_limits', set: { hits: 1 }, where: { name: 'activation', subject: nothing } } as const]
      : []),
    { update: 'registrations', set: { expires_at: instantOf(now) }, where: { key_hash: nothing } },
    { delete: 'outbox', where: { id: ids() } },
  ]
}
