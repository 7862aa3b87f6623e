import type { Actor } from '../../actor.ts'
import { type Core, contextOf, decideAndSave } from '../../core.ts'
import { UserCoreError } from '../../errors.ts'
import { message } from '../../events.ts'
import { type Instant, instantOf } from '../../instant.ts'
import type { RetirementRow, UserId } from '../../tables.ts'
import { identifierKey } from '../../text.ts'
import type { Write } from '../../write.ts'
import { rowsErasure } from '../erasure.ts'
import { coolOffThreshold } from '../move.ts'
import { complete } from '../pipeline.ts'
import { readPeriod, type StatusAndDateRequest } from './list-retirements.ts'
import { requireRight } from './load-retirement.ts'

/** What takes the place of the originals before a work item is deleted. Each is `redacted` by default. */
export interface CleanUpOptions {
  readonly redacted_username?: string
  readonly redacted_email?: string
  readonly redacted_name?: string
}

export async function cleanUp(
  core: Core,
  actor: Actor,
  usernames: readonly string[],
  options: CleanUpOptions,
): Promise<void> {
  requireRight(core, actor, 'retire_user')
  if (!Array.isArray(usernames)) throw new UserCoreError('bad_request', { params: { argument: 'usernames' } })
  await decideAndSave(core, async () => {
    const keys = usernames.map((username) => identifierKey(String(username)))
    const rows = await core.repository.select('retirements', { original_username_key: keys, current_state: complete })
    const named = rows.filter((row) => usernames.includes(row.original_username))
    if (named.length !== usernames.length) {
      throw new UserCoreError('bad_request', { params: { given: usernames.length, found: named.length } })
    }
    return { writes: named.flatMap((row) => cleanUpWrites(row, options, core)), result: undefined }
  })
}

function cleanUpWrites(row: RetirementRow, options: CleanUpOptions, core: Core): Write[] {
  const { redacted_username = 'redacted', redacted_email = 'redacted', redacted_name = 'redacted' } = options
  const { user_id, version } = row
  const redacted = {
    original_username: redacted_username,
    original_username_key: identifierKey(redacted_username),
    original_email: redacted_email,
    original_email_key: identifierKey(redacted_email),
    original_name: redacted_name,
    version: version + 1,
  }
  return [
    { update: 'retirements', set: redacted, where: { user_id, version }, guarded: true },
    { delete: 'retirements', where: { user_id, version: version + 1 }, guarded: true },
    { update: 'retirement_history', set: { note: '' }, where: { user_id } },
    // What somebody may have written while the last step ran, and the version of the account does not guard.
    ...rowsErasure(user_id, ['preferences', 'org_tags', 'course_tags']),
    { insert: 'outbox', rows: [message('event', 'retirement.cleaned_up', user_id, {}, contextOf(core))] },
  ]
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
  if ('cool_off_days' in request) return { before: coolOffThreshold(request.cool_off_days, context) }
  const now = instantOf(context.now)
  const { start_date = '1970-01-01', end_date = now.slice(0, 10) } = request
  return readPeriod({ start_date, end_date }, now)
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
