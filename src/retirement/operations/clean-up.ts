import { accountWrites } from '../../accounts/account-writes.ts'
import { coolOffThreshold } from '../../accounts/cancellation.ts'
import { formerUsernamesErasure } from '../../accounts/former-usernames.ts'
import { message } from '../../outbox/messages.ts'
import type { AccountRecord } from '../../port/account-record.ts'
import type { FormerUsernameRow, RetirementRow, UserId } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { requireRight } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import type { Actor } from '../../site/actor.ts'
import type { Context } from '../../site/context.ts'
import { UserCoreError } from '../../values/errors.ts'
import { type Instant, instantOf } from '../../values/instant.ts'
import { identifierKey } from '../../values/text.ts'
import { accountErasure, imageErasure, partsErasure, withoutProfile } from '../erasure.ts'
import { complete } from '../pipeline.ts'
import { type CleanUpOptions, forgetWrites } from '../retirement-writes.ts'
import { readPeriod, type StatusAndDateRequest } from './list-retirements.ts'

export async function cleanUp(
  core: Core,
  actor: Actor,
  usernames: readonly string[],
  redacted: CleanUpOptions,
): Promise<void> {
  requireRight(core, actor, 'retire_user')
  await decideAndSave(core, async () => {
    const keys = usernames.map((username) => identifierKey(username))
    const rows = await core.repository.select('retirements', { original_username_key: keys, current_state: complete })
    const given = new Set(usernames)
    const named = rows.filter((row) => given.has(row.original_username))
    if (named.length !== usernames.length) {
      throw new UserCoreError('bad_request', {
        params: { argument: 'usernames', given: usernames.length, found: named.length },
      })
    }
    const context = contextOf(core)
    const ids = named.map(({ user_id }) => user_id)
    const records = await core.repository.findAccounts({ ids })
    const former = await core.repository.select('former_usernames', { user_id: ids })
    const formerOf = ({ user }: AccountRecord) => former.filter(({ user_id }) => user_id === user.id)
    const hasIdsAsNames = core.repository.usernames === 'ids'
    const rowOf = new Map(named.map((row) => [row.user_id, row]))
    return {
      writes: [
        ...named.flatMap((row) => forgetWrites(row, redacted)),
        // What somebody may have written while the last step ran, and the version of the account does not guard.
        ...records.flatMap((record) =>
          lateErasure(record, formerOf(record), rowOf.get(record.user.id), hasIdsAsNames, context),
        ),
        ...partsErasure(records, context),
        { update: 'retirement_history', set: { note: '' }, where: { user_id: ids } },
        { insert: 'outbox', rows: ids.map((id) => message('event', 'retirement.cleaned_up', id, {}, context)) },
      ],
      erases: true,
      result: undefined,
    }
  })
}

/** Empties the account once more; all of it for a driver that skipped that step: nobody could do it later. */
function lateErasure(
  record: AccountRecord,
  former: readonly FormerUsernameRow[],
  row: RetirementRow | undefined,
  hasIdsAsNames: boolean,
  context: Context,
): Write[] {
  // A name that is an id does not tell.
  const isErased = row === undefined || (!hasIdsAsNames && record.user.username === row.retired_username)
  return isErased
    ? [
        ...accountWrites(record, withoutProfile(record)),
        ...formerUsernamesErasure(former, context),
        ...(row === undefined ? [] : imageErasure(record, row, context)),
      ]
    : accountErasure(record, former, row, context)
}

/** What is kept elsewhere of a retirement that is over. It links who somebody was with who they are: keep it safe. */
export interface ArchiveRecord {
  readonly user_id: UserId
  readonly original_username: string
  readonly original_email: string
  readonly original_name: string
  readonly retired_username: string
  readonly retired_email: string
  /** ISO 8601 with a blank and without zone, UTC, as Open edX writes it. */
  readonly retirement_request_date: string
  readonly last_modified_date: string
}

/** Which retirements to archive: asked for within a period, or so many days ago; default all that are over. */
export type ArchiveRequest =
  | Partial<Pick<StatusAndDateRequest, 'start_date' | 'end_date'>>
  | { readonly cool_off_days: number }

export async function* archiveRecords(
  core: Core,
  actor: Actor,
  request: ArchiveRequest,
): AsyncGenerator<ArchiveRecord, void, undefined> {
  requireRight(core, actor, 'retire_user')
  const period = archivePeriod(core, request)
  let after: RetirementRow | undefined
  do {
    const cursor = after === undefined ? {} : { after }
    const page = await core.repository.pageRetirements({ ...period, ...cursor, states: [complete], limit: 100 })
    after = page.at(-1)?.retirement
    for (const { retirement } of page) yield archiveRecord(retirement)
  } while (after !== undefined)
}

function archivePeriod(core: Core, request: ArchiveRequest): { from?: Instant; before: Instant } {
  const context = contextOf(core)
  const { cool_off_days, start_date, end_date }: Partial<StatusAndDateRequest & { cool_off_days: number }> = request
  if (cool_off_days !== undefined) return { before: coolOffThreshold(cool_off_days, context) }
  const now = instantOf(context.now)
  return readPeriod({ start_date: start_date ?? '1970-01-01', end_date: end_date ?? now.slice(0, 10) }, now)
}

function archiveRecord(row: RetirementRow): ArchiveRecord {
  const { user_id, original_username, original_email, original_name, retired_username, retired_email } = row
  const plain = (instant: Instant) => instant.slice(0, -1).replace('T', ' ').replace(/\.0+$/, '')
  return {
    user_id,
    original_username,
    original_email,
    original_name,
    retired_username,
    retired_email,
    retirement_request_date: plain(row.created_at),
    last_modified_date: plain(row.modified_at),
  }
}
