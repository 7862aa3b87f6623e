import { keptFields } from '../accounts/extended-profile/kept-fields.ts'
import { toldImageFiles } from '../accounts/fields/profile-image.ts'
import { message, type NotificationPayloads } from '../outbox/messages.ts'
import type { AccountRecord } from '../port/account-record.ts'
import { rowsErasure } from '../port/row-erasure.ts'
import type { FormerUsernameRow, RetirementRow, TableName, UserId } from '../port/tables.ts'
import type { Write } from '../port/write.ts'
import type { Context } from '../site/context.ts'
import { erasureOfParts, erasureOfStep, type IsKept } from './registry.ts'
import { reserveWrites, retiredNames } from './tombstones.ts'

/**
 * Returns the writes of the step `misc`: a name that waits for approval is erased, and two notifications tell the host.
 */
export function miscErasure(retirement: RetirementRow, context: Context): Write[] {
  return [
    ...rowsErasure(retirement.user_id, ['pending_name_changes']),
    notification('retire_misc', retirement, context),
    notification('retire_mailings', retirement, context),
  ]
}

/**
 * Returns the writes of the step `account`: everything that the library keeps of a person is erased, but for their id,
 * moments, the evidence of the request, rows of tables that are held, and those that other steps erase (see `registry`). Their retired names stay
 * taken, whatever becomes of the row of the person. Notifications in the same unit tell the host the new names, without the
 * old ones.
 */
export function accountErasure(
  record: AccountRecord,
  former: readonly FormerUsernameRow[],
  retirement: RetirementRow,
  context: Context,
  held: ReadonlySet<TableName> = new Set(),
): Write[] {
  return [
    ...erasureOfStep('account', { record, former, retirement, context }),
    ...partsErasure([record], context, (_, table) => held.has(table)),
    ...imageErasure(record, retirement, context),
    ...reserveWrites(retiredNames(retirement, former, context), context),
    notification('retire_account', retirement, context),
  ]
}

/** Returns the message that tells the host all files of the person's image; none once the profile is empty. */
export function imageErasure(record: AccountRecord, retirement: RetirementRow, context: Context): Write[] {
  // The name of a file can be made of the username at the time of the request.
  const user = { ...record.user, username: retirement.original_username }
  const names = toldImageFiles({ ...record, user }, context.settings)
  return names.length > 0 ? [send('profile_image.removed', record.user.id, { names }, context)] : []
}

/**
 * Returns the writes that erase the data of people beside user and profile. Fields of extended profiles that were
 * declared with `erase: 'keep'` are put back.
 */
export function partsErasure(records: readonly AccountRecord[], context: Context, isKept?: IsKept): Write[] {
  const isErased = (record: AccountRecord) => isKept?.(record, 'extended_profiles') !== true
  return [
    ...erasureOfParts(records, isKept),
    ...records.filter(isErased).flatMap((record) => keptFields(record, context)),
  ]
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
