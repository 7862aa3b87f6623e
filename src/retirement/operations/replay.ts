import { retiredForms } from '../../accounts/retired-identifier.ts'
import type { AccountRecord } from '../../port/account-record.ts'
import type { JournalEntry, RetirementJournal } from '../../port/retirement-journal.ts'
import type { RetirementRow, UserId, UserRow } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { requireRight } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { housekeeping } from '../../runtime/permit.ts'
import type { Actor } from '../../site/actor.ts'
import { isRetiredEmail, looksRetired } from '../../site/retired-formats.ts'
import { badArgument } from '../../values/arguments.ts'
import { isUserCoreError } from '../../values/errors.ts'
import { addMilliseconds, instantOf, toInstant } from '../../values/instant.ts'
import { identifierKey } from '../../values/text.ts'
import { wholeHold } from '../hold.ts'
import { minimumCoolOff } from '../move.ts'
import { complete } from '../pipeline.ts'
import { type RetiredName, reserveWrites } from '../tombstones.ts'
import { advance } from './advance.ts'
import { cleanUp } from './clean-up.ts'
import { askingOnce } from './external-identifiers.ts'
import { loadHolds } from './load-holds.ts'
import { decideRequest } from './request.ts'

/** The erasures to do again. */
export interface ReplayRequest {
  /** Default: the `journal` of the site. */
  readonly journal?: RetirementJournal
  /** The moment of the backup, or an earlier one. */
  readonly since: Date | string
  /** Changes nothing: `replayed` then says who would be erased. Default false. */
  readonly dryRun?: boolean
}

/** An erasure of the journal, and what became of it. */
export interface Replayed {
  /** The name of the erasure in the journal. */
  readonly receipt: string
  readonly user_id: UserId
  /**
   * `replayed`: the person was there, and was erased again. `present`: the erasure is there already. `absent`: there is no
   * such person; the names are reserved. `mismatch`: the id is that of a person with other names, who is left alone. `held`:
   * a hold keeps the person. `unfinished`: the erasure was begun again, and waits for its driver, or for the reason in `code`.
   */
  readonly result: 'replayed' | 'present' | 'absent' | 'mismatch' | 'held' | 'unfinished'
  /**
   * The code of an error, or of the step that the erasure stopped at; `not_settled` where the clean-up has to wait, which a
   * later call does; null for none.
   */
  readonly code: string | null
}

type Outcome = Pick<Replayed, 'result'> & { readonly code?: string }

export async function* replay(
  core: Core,
  actor: Actor,
  { journal = core.journal, since, dryRun = false }: ReplayRequest,
): AsyncGenerator<Replayed, void, undefined> {
  requireRight(core, actor, 'retire_user')
  requireRight(core, actor, 'force_retirement')
  const from = toInstant(since)
  if (journal === undefined) throw badArgument('journal', 'a journal, which the site has none of')
  if (from === undefined) throw badArgument('since', 'a moment')
  for (const entry of (await erasuresOf(journal, from)).values()) {
    const { receipt, user_id } = entry
    const { result, code = null } = await replayOne(core, actor, entry, dryRun)
    yield { receipt, user_id, result, code }
  }
}

/** Returns the last entry of each erasure, in the order in which they began. */
async function erasuresOf(journal: RetirementJournal, since: string): Promise<Map<string, JournalEntry>> {
  const entries = new Map<string, JournalEntry>()
  for await (const entry of journal.read(since)) {
    if (entries.get(entry.receipt)?.kind !== 'completed') entries.set(entry.receipt, entry)
  }
  return entries
}

async function replayOne(core: Core, actor: Actor, entry: JournalEntry, dryRun: boolean): Promise<Outcome> {
  const { user_id } = entry
  const [record] = await core.repository.findAccounts({ ids: [user_id] })
  if (record === undefined) {
    if (!dryRun) await reserve(core, entry)
    return { result: 'absent' }
  }
  const [retirement] = await core.repository.select('retirements', { user_id })
  if (retirement === undefined && isErased(core, record.user)) return { result: 'present' }
  if (!isNamedBy(core, entry, record.user, retirement)) return { result: 'mismatch' }
  const context = contextOf(core)
  const isBegun = retirement !== undefined && retirement.current_state === complete
  const holds = isBegun ? [] : await loadHolds(core, user_id)
  if (dryRun) return { result: wholeHold(holds, instantOf(context.now)) === undefined ? 'replayed' : 'held' }
  try {
    await beginAgain(core, actor, entry)
    return await driveOn(core, actor, entry)
  } catch (error) {
    if (!isUserCoreError(error) || error.code === 'internal_error' || error.code === 'config_error') throw error
    const { reason } = error.params as { readonly reason?: string }
    return { result: reason === 'held' ? 'held' : 'unfinished', code: reason ?? error.code }
  }
}

function isErased({ repository, settings }: Core, { username, email }: UserRow): boolean {
  return repository.usernames === 'ids' ? isRetiredEmail(email, settings) : looksRetired(username, settings)
}

/** Tells whether a person has the names of an entry, or had them when their retirement was requested. */
function isNamedBy(
  { settings, repository }: Core,
  { user_id, username_form, email_form }: JournalEntry,
  user: UserRow,
  retirement: RetirementRow | undefined,
): boolean {
  const username = retirement?.original_username ?? user.username
  const email = retirement?.original_email ?? user.email
  const has = (kind: 'username' | 'email', value: string, form: string) =>
    retiredForms(kind, value, settings).map(identifierKey).includes(identifierKey(form))
  const isSameName =
    repository.usernames === 'ids' ? username_form === String(user_id) : has('username', username, username_form)
  return isSameName && has('email', email, email_form)
}

/** Keeps the names of a person who is not there from being taken. */
async function reserve(core: Core, { user_id, username_form, email_form }: JournalEntry): Promise<void> {
  const names: RetiredName[] = [
    ...(username_form === String(user_id) ? [] : [{ kind: 'username', form: username_form } as const]),
    { kind: 'email', form: email_form },
  ]
  await decideAndSave(core, async () => ({
    writes: reserveWrites(names, contextOf(core)),
    permit: housekeeping,
    result: undefined,
  }))
}

/** Requests a retirement as of the moment at which it began before, so that no cool-off is left of it. */
async function beginAgain(core: Core, actor: Actor, { user_id, at }: JournalEntry): Promise<void> {
  const context = contextOf(core)
  const begun = at < instantOf(context.now) ? at : instantOf(context.now)
  const created_at = addMilliseconds(begun, -minimumCoolOff(core.settings) * 86_400_000)
  const askExternal = askingOnce(core)
  await decideAndSave(core, async () => {
    const isReplay: Write = { update: 'retirement_work', set: { is_replay: true }, where: { user_id } }
    const [retirement] = await core.repository.select('retirements', { user_id })
    if (retirement !== undefined) return { writes: [isReplay], permit: housekeeping, result: undefined }
    const [record] = await core.repository.findAccounts({ ids: [user_id] })
    const records: AccountRecord[] = record === undefined ? [] : [record]
    const decided = await decideRequest(core, actor, records, { tellsPerson: false, askExternal }, context)
    return { ...decided, writes: [...decided.writes.map((write) => requestedAt(write, created_at)), isReplay] }
  })
}

/** Returns a write of a request with another moment of it. */
function requestedAt(write: Write, created_at: string): Write {
  if (!('insert' in write)) return write
  if (write.insert === 'retirements') return { ...write, rows: write.rows.map((row) => ({ ...row, created_at })) }
  return write.insert === 'retirement_requests'
    ? { ...write, rows: write.rows.map((row) => ({ ...row, created_at })) }
    : write
}

/** Drives a retirement to its end, as far as the library and the functions of the host do its steps. */
async function driveOn(core: Core, actor: Actor, { user_id, kind }: JournalEntry): Promise<Outcome> {
  const whom = { id: user_id }
  for (;;) {
    const ended = await advance(core, actor, whom, {})
    if (ended.status === 'progress') continue
    if (ended.status === 'stopped' && ended.why === 'held') return { result: 'held', code: ended.code }
    if (ended.status !== 'complete') return { result: 'unfinished', code: 'code' in ended ? ended.code : ended.status }
    // One that was not cleaned up before is left to the host, which may archive it first.
    if (kind === 'intended') return { result: 'replayed' }
    return (await isCleanedUp(core, actor, whom)) ? { result: 'replayed' } : { result: 'replayed', code: 'not_settled' }
  }
}

/** Cleans up after a person. Returns false where that has to wait for calls that may be under way. */
async function isCleanedUp(core: Core, actor: Actor, whom: { readonly id: UserId }): Promise<boolean> {
  try {
    await cleanUp(core, actor, [whom], {})
    return true
  } catch (error) {
    const waits = isUserCoreError(error, 'retirement_state_error') && String(error.params.reason) === 'not_settled'
    if (!waits) throw error
    return false
  }
}
