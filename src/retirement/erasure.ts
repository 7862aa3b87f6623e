import { accountWrites } from '../accounts/account-writes.ts'
import { keptFields } from '../accounts/extended-profile/kept-fields.ts'
import { toldImageFiles } from '../accounts/fields/profile-image.ts'
import { formerUsernamesErasure } from '../accounts/former-usernames.ts'
import { message, type NotificationPayloads } from '../outbox/messages.ts'
import type { AccountRecord } from '../port/account-record.ts'
import { rowsErasure } from '../port/row-erasure.ts'
import type { FormerUsernameRow, RetirementRow, UserId } from '../port/tables.ts'
import type { Write } from '../port/write.ts'
import type { Context } from '../site/context.ts'
import { identifierKey } from '../values/text.ts'
import { emptiedProfile, erasureOfParts } from './registry.ts'

/** What the misc step does: whatever waits for approval. */
export function miscErasure(retirement: RetirementRow, context: Context): Write[] {
  return [
    ...rowsErasure(retirement.user_id, ['pending_name_changes']),
    notification('retire_misc', retirement, context),
    notification('retire_mailings', retirement, context),
  ]
}

/**
 * What the last step does: everything that the library keeps of a person, but for their id, moments and the evidence of
 * the request; and the host is told, in the same unit, with the new names and without the old ones.
 */
export function accountErasure(
  record: AccountRecord,
  former: readonly FormerUsernameRow[],
  retirement: RetirementRow,
  context: Context,
): Write[] {
  const { user } = record
  const { retired_username: username, retired_email: email } = retirement
  const after: AccountRecord = {
    ...withoutProfile(record),
    user: {
      ...user,
      username,
      username_key: identifierKey(username),
      email,
      email_key: identifierKey(email),
      first_name: '',
      last_name: '',
      is_active: false,
    },
  }
  return [
    ...accountWrites(record, after),
    ...partsErasure([record], context),
    ...formerUsernamesErasure(former, context),
    ...imageErasure(record, retirement, context),
    notification('retire_account', retirement, context),
  ]
}

/** Tells the host every file of the person's image; a second run finds none. */
export function imageErasure(record: AccountRecord, retirement: RetirementRow, context: Context): Write[] {
  // A name that is made out of a username is made out of the one that the person had.
  const user = { ...record.user, username: retirement.original_username }
  const names = toldImageFiles({ ...record, user }, context.settings)
  return names.length > 0 ? [send('profile_image.removed', record.user.id, { names }, context)] : []
}

/** The account with nothing in its profile. */
export function withoutProfile(record: AccountRecord): AccountRecord {
  return { ...record, profile: record.profile && { ...record.profile, ...emptiedProfile() } }
}

/** What of people stands beside user and profile. */
export function partsErasure(records: readonly AccountRecord[], context: Context): Write[] {
  return [...erasureOfParts(records), ...records.flatMap((record) => keptFields(record, context))]
}

function notification(
  name: 'retire_misc' | 'retire_mailings' | 'retire_account',
  retirement: RetirementRow,
  context: Context,
): Write {
  const { user_id, retired_username, retired_email } = retirement
  return send(name, user_id, { retired_username, retired_email }, context)
}

function send<Name extends keyof NotificationPayloads>(
  name: Name,
  user_id: UserId,
  payload: NotificationPayloads[Name],
  context: Context,
): Write {
  return { insert: 'outbox', rows: [message('notification', name, user_id, payload, context)] }
}
