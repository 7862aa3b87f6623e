import type { Context } from '../context.ts'
import { message } from '../events.ts'
import type { UserRow } from '../tables.ts'
import type { Write } from '../write.ts'
import { drawKey, hashKey } from './confirmation-key.ts'

/** The key that confirms the address of an account: mailed, and stored as its hash. */
export function activationWrites({ id: user_id, email: to, username }: UserRow, context: Context): Write[] {
  const key = drawKey(context.random)
  return [
    { insert: 'registrations', rows: [{ user_id, key_hash: hashKey(key), activated_at: null }] },
    { insert: 'outbox', rows: [message('mail', 'activation', user_id, { to, username, key }, context)] },
  ]
}
