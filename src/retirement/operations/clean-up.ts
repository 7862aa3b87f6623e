import { accountWrites } from '../../accounts/account-writes.ts'
import { coolOffThreshold } from '../../accounts/cancellation.ts'
import { formerUsernamesErasure } from '../../accounts/former-usernames.ts'
import { message } from '../../outbox/messages.ts'
import type { AccountRecord } from '../../port/account-record.ts'
import type {
  FormerUsernameRow,
  RetirementHoldRow,
  RetirementRow,
  TableName,
  UserId,
  UserRow,
} from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { requireRight } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { housekeeping } from '../../runtime/permit.ts'
import type { Actor } from '../../site/actor.ts'
import type { Context } from '../../site/context.ts'
import { nameOf, type Whom } from '../../site/whom.ts'
import { requireUserId } from '../../values/arguments.ts'
import { UserCoreError } from '../../values/errors.ts'
import { type Instant, instantOf } from '../../values/instant.ts'
import { identifierKey } from '../../values/text.ts'
import { accountErasure, imageErasure, partsErasure } from '../erasure.ts'
import { heldSources, isFoundByNames, sourcesOf } from '../hold.ts'
import { isSettled } from '../move.ts'
import { complete } from '../pipeline.ts'
import { erasureOfStep } from '../registry.ts'
import { withoutProfile } from '../retired-account.ts'
import type { CleanUpOptions } from '../retirement-writes.ts'
import { reserveWrites, retiredNames } from '../tombstones.ts'
import { areLeft } from '../verification.ts'
import { erasureReceipts } from './erasure-receipts.ts'
import { telling } from './journal.ts'
import { type Period, readPeriod } from './list-retirements.ts'
import { heldTables, loadHolds } from './load-holds.ts'
import { everyRetirement, stateError } from './load-retirement.ts'
import { lookFor, questFor } from './verify.ts'
import type { Quest } from './verify-own-tables.ts'

export async function cleanUp(
  core: Core,
  actor: Actor,
  whom: readonly Whom[],
  redacted: CleanUpOptions,
): Promise<void> {
  requireRight(core, actor, 'retire_user')
  await decideAndSave(core, async () => {
    const named = await findComplete(core, whom)
    if (named.length !== whom.length) {
      throw new UserCoreError('bad_request', { params: { argument: 'whom', given: whom.length, found: named.length } })
    }
    const context = contextOf(core)
    if (!named.every((row) => isSettled(row, context))) throw stateError('not_settled')
    const ids = named.map(({ user_id }) => user_id)
    const records = await core.repository.findAccounts({ ids })
    const former = await core.repository.select('former_usernames', { user_id: ids })
    const formerOf = ({ user }: AccountRecord) => former.filter(({ user_id }) => user_id === user.id)
    const hasIdsAsNames = core.repository.usernames === 'ids'
    const holds = await loadHolds(core, ids)
    if (holds.some((hold) => keepsNames(core, hold))) throw stateError('held')
    const heldOf = ({ user }: AccountRecord) =>
      heldTables(
        holds.filter(({ user_id }) => user_id === user.id),
        context,
      )
    const users = records.map(({ user }) => user)
    const receipts = named.length === 0 ? [] : await erasureReceipts(core, named, users, holds, context)
    const tell = await telling(core, 'completed', named, context)
    const quests = await questsFor(core, named, users)
    const rowOf = new Map(named.map((row) => [row.user_id, row]))
    return {
      writes: [
        ...erasureOfStep('cleanUp', { retirements: named, redacted }),
        // Values can have been written while the step `account` ran, where the version of the account does not guard
        // them.
        ...records.flatMap((record) =>
          lateErasure(record, formerOf(record), rowOf.get(record.user.id), hasIdsAsNames, context, heldOf(record)),
        ),
        ...partsErasure(records, context, (record, table) => heldOf(record).has(table)),
        ...receipts,
        { insert: 'outbox', rows: ids.map((id) => message('event', 'retirement.cleaned_up', id, {}, context)) },
      ],
      inside: async (transaction) => {
        const held = heldSources(holds, instantOf(context.now))
        for (const quest of quests) await requireNoTraces(core, transaction, quest, held)
        await tell?.()
      },
      erases: true,
      permit: housekeeping,
      result: undefined,
    }
  })
}

/** Returns what is looked for before the names of people are forgotten; nothing where the site does not verify. */
async function questsFor(
  core: Core,
  retirements: readonly RetirementRow[],
  users: readonly UserRow[],
): Promise<Quest[]> {
  const quests: Quest[] = []
  for (const retirement of core.settings.verify === 'off' ? [] : retirements) {
    const user = users.find(({ id }) => id === retirement.user_id)
    const how = { isDeep: false, isOwnAlone: true, signal: undefined }
    if (user !== undefined) quests.push(await questFor(core, retirement, user, how))
  }
  return quests
}

/**
 * Throws `retirement_state_error` where names of a person are in their rows of the library, as these are at the end of the unit.
 */
async function requireNoTraces<Transaction>(
  core: Core<Transaction>,
  transaction: Transaction,
  quest: Quest,
  held: ReadonlySet<string>,
): Promise<void> {
  const repository = core.repository.with(transaction)
  const { traces } = await lookFor({ ...core, repository, personalData: undefined }, quest)
  if (areLeft(traces, held)) throw stateError('traces_left')
}

/** Tells whether a hold keeps rows that are found by names which the clean-up forgets. */
function keepsNames({ personalData }: Core, hold: RetirementHoldRow): boolean {
  return sourcesOf(hold).some((name) => isFoundByNames(name, personalData?.sources ?? []))
}

/** Finds complete retirements, each once: by id, or by the username at the time of the request in the same spelling. */
async function findComplete({ repository }: Core, whom: readonly Whom[]): Promise<RetirementRow[]> {
  const names = whom.map(nameOf)
  const ids = names.flatMap((name) => ('id' in name ? [requireUserId(name.id, repository.idType, 'whom')] : []))
  const usernames = names.flatMap((name) => ('username' in name ? [name.username] : []))
  const keys = usernames.map(identifierKey)
  const current_state = complete
  const rows = [
    ...(ids.length === 0 ? [] : await repository.select('retirements', { user_id: ids, current_state })),
    ...(keys.length === 0
      ? []
      : (await repository.select('retirements', { original_username_key: keys, current_state })).filter((row) =>
          usernames.includes(row.original_username),
        )),
  ]
  return [...new Map(rows.map((row) => [row.user_id, row])).values()]
}

/**
 * Returns the writes that empty an account once more. Where the driver skipped the step `account` they erase all of it,
 * since that step cannot be done after clean-up.
 */
function lateErasure(
  record: AccountRecord,
  former: readonly FormerUsernameRow[],
  row: RetirementRow | undefined,
  hasIdsAsNames: boolean,
  context: Context,
  held: ReadonlySet<TableName>,
): Write[] {
  // On a site whose usernames are ids the username stays, and does not tell whether the step was done.
  const isErased = row === undefined || (!hasIdsAsNames && record.user.username === row.retired_username)
  return isErased
    ? [
        ...accountWrites(record, withoutProfile(record)),
        ...formerUsernamesErasure(former, context),
        ...(row === undefined
          ? []
          : [...imageErasure(record, row, context), ...lateNames(record, former, row, context)]),
      ]
    : accountErasure(record, former, row, context, held)
}

/** Keeps names taken that came after the step `account`; an address that was released by then is not among them. */
function lateNames(
  { user }: AccountRecord,
  former: readonly FormerUsernameRow[],
  row: RetirementRow,
  context: Context,
): Write[] {
  const names = retiredNames(row, former, context)
  return reserveWrites(
    names.filter(({ kind }) => kind === 'username' || user.email === row.retired_email),
    context,
  )
}

/**
 * A record of a complete retirement, to be kept elsewhere. It links former names of a person to their id: keep it safe.
 */
export interface ArchiveRecord {
  readonly user_id: UserId
  readonly original_username: string
  readonly original_email: string
  readonly original_name: string
  readonly retired_username: string
  readonly retired_email: string
  /** The moment of the request: ISO 8601 with a blank and without zone, UTC, as Open edX writes it. */
  readonly retirement_request_date: string
  /** The moment of the last change, in the same form. */
  readonly last_modified_date: string
}

/**
 * The retirements to archive: asked for within a period, or at least so many days ago. Default: all that are complete.
 */
export type ArchiveRequest = (Period & { readonly coolOffDays?: never }) | { readonly coolOffDays: number }

export async function* archiveRecords(
  core: Core,
  actor: Actor,
  request: ArchiveRequest,
): AsyncGenerator<ArchiveRecord, void, undefined> {
  requireRight(core, actor, 'retire_user')
  const context = contextOf(core)
  const period =
    request.coolOffDays === undefined
      ? readPeriod(request, instantOf(context.now))
      : { before: coolOffThreshold(request.coolOffDays, context) }
  const found = everyRetirement(core, { ...period, states: [complete] })
  for await (const { retirement } of found) yield archiveRecord(retirement)
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
