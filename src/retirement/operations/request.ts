import { recoveryErasure } from '../../accounts/account-recovery.ts'
import { accountWrites } from '../../accounts/account-writes.ts'
import { endActivation, isWaiting } from '../../accounts/activation.ts'
import { isPasswordOf } from '../../accounts/password-of.ts'
import { endEmailRequests } from '../../accounts/pending.ts'
import { retiredForm } from '../../accounts/retired-identifier.ts'
import { message } from '../../outbox/messages.ts'
import type { AccountRecord } from '../../port/account-record.ts'
import type { RegistrationRow, RetirementRequestRow, RetirementRow, UserId } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { requireAllowed, requireHolderOr, requireRight } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave, type Unit } from '../../runtime/core.ts'
import { idOfActor, loadAccount, loadAccounts, userRef } from '../../runtime/load-account.ts'
import { decideOnce, type OnceOptions, onceUnder, type Replayable } from '../../runtime/once.ts'
import { housekeeping } from '../../runtime/permit.ts'
import { type Actor, isSystem } from '../../site/actor.ts'
import type { Context } from '../../site/context.ts'
import { isRetiredEmail, looksRetired } from '../../site/retired-formats.ts'
import { nameOf, type Whom } from '../../site/whom.ts'
import { badArgument } from '../../values/arguments.ts'
import type { UserCoreErrorCode } from '../../values/error-params.ts'
import { isUserCoreError, UserCoreError } from '../../values/errors.ts'
import { type Instant, instantOf } from '../../values/instant.ts'
import { identifierKey } from '../../values/text.ts'
import { heldLease, wholeHold } from '../hold.ts'
import { historyWrite } from '../retirement-writes.ts'
import { newWork } from '../step-identifiers.ts'
import { type AskExternal, askingOnce } from './external-identifiers.ts'
import { loadHolds } from './load-holds.ts'
import { loadStates, stateError } from './load-retirement.ts'
import { requirePlan } from './plan-retirement.ts'

/** A person whom an operator names; username and address have to belong to one account. */
export interface RetirementCandidate {
  readonly username: string
  readonly email: string
}

/** Options of a request for retirement. */
export interface RequestOptions extends OnceOptions {
  /** The password of the holder, where the host keeps passwords. */
  readonly password?: string
  /** The `hash` of the plan that was agreed to: nothing is begun once another one holds. */
  readonly plan?: string
  /**
   * Begins a new generation for an account that was brought back by hand after its retirement was cleaned up: evidence and
   * history stay, and the person is no longer sealed. No password is asked for. Needs the right `force_retirement`.
   * Default false.
   */
  readonly again?: boolean
}

/** The people as they were given, by result; a person who is given twice in one way counts once. */
export interface RequestManyResult<W extends Whom> {
  readonly requested: readonly W[]
  readonly failed: readonly { readonly whom: W; readonly code: UserCoreErrorCode }[]
}

export async function requestRetirement(
  core: Core,
  actor: Actor,
  whom: Whom,
  { password, plan, again = false, idempotencyKey: key }: RequestOptions,
): Promise<Replayable> {
  if (again) requireRight(core, actor, 'force_retirement')
  const holder = again ? whom : await requireHolderOr(core, actor, whom, isSystem)
  requireAllowed(actor, again || isSystem(actor) || core.settings.enable_account_deletion)
  const context = contextOf(core)
  const once = onceUnder<Replayable>(
    core,
    { key, operation: 'retirement.request', actor, whom, input: { plan, ...(again && { again }) } },
    () => ({ replayed: true }),
    context,
  )
  const askExternal = askingOnce(core)
  let isConfirmed = again || isSystem(actor)
  return decideOnce(core, once, async () => {
    // Once, however often the decision is taken anew, and not for a replay: the request has ended the password.
    await requirePlan(core, plan)
    if (!isConfirmed) await requirePassword(core, actor, holder, password)
    isConfirmed = true
    const record = await loadAccount(core, holder)
    return {
      ...(await decideRequest(core, actor, [record], { tellsPerson: true, again, askExternal }, context)),
      result: { replayed: false },
      remembered: { user_id: record.user.id, reference: {} },
    }
  })
}

/**
 * Throws unless the password is the person's: `bad_request`, `not_authorized`. Asks nothing where the host keeps none.
 */
async function requirePassword(core: Core, actor: Actor, whom: Whom, password: unknown): Promise<void> {
  const { credentials } = core.host
  if (credentials === undefined) return
  if (typeof password !== 'string') throw badArgument('password', 'text')
  const { user } = await loadAccount(core, whom)
  requireAllowed(actor, await isPasswordOf(credentials, user, password, core), { argument: 'password' })
}

export async function requestByOperator(
  core: Core,
  actor: Actor,
  input: { readonly users: readonly RetirementCandidate[] } | { readonly csv: string },
): Promise<void> {
  requireRight(core, actor, 'retire_user')
  const candidates = await readCandidates(input)
  const askExternal = askingOnce(core)
  await decideAndSave(core, async () => {
    const asked = candidates.map(({ username }) => username)
    const records = [...new Set((await loadAccounts(core, asked)).values())]
    const byKey = new Map(records.map((record) => [record.user.username_key, record]))
    const isTheirs = ({ username, email }: RetirementCandidate) =>
      byKey.get(identifierKey(username))?.user.email_key === identifierKey(email)
    const unknown = candidates.flatMap((candidate, index) => (isTheirs(candidate) ? [] : [index + 1]))
    if (unknown.length > 0) {
      // A request takes the address away: a caller who did not get the answer asks again with names that match no
      // account.
      if (await areRequested(core, candidates)) throw stateError('already_requested')
      throw new UserCoreError('user_not_found', { params: { lines: unknown.join(', ') } })
    }
    return decideRequest(core, actor, records, { tellsPerson: false, askExternal }, contextOf(core))
  })
}

/** Tells whether all of these people are in the queue under the names that are given. */
async function areRequested(core: Core, candidates: readonly RetirementCandidate[]): Promise<boolean> {
  const keys = candidates.map(({ username }) => identifierKey(username))
  const retirements = await core.repository.select('retirements', { original_username_key: keys })
  return candidates.every(({ username, email }) =>
    retirements.some(
      (row) => row.original_username_key === identifierKey(username) && row.original_email_key === identifierKey(email),
    ),
  )
}

async function readCandidates(
  input: { readonly users?: readonly RetirementCandidate[]; readonly csv?: string } | undefined,
): Promise<RetirementCandidate[]> {
  const rows = typeof input?.csv === 'string' ? await parseCsv(input.csv) : input?.users
  const isPerson = (row: unknown): row is RetirementCandidate => {
    const { username, email } = (row ?? {}) as Partial<RetirementCandidate>
    return typeof username === 'string' && typeof email === 'string'
  }
  if (!Array.isArray(rows) || !rows.every(isPerson)) {
    throw typeof input?.csv === 'string'
      ? badArgument('csv', 'lines of a username, a comma and an address')
      : badArgument('users', 'a list of objects with a username and an email')
  }
  return rows
}

/** Reads lines of `username,email`, with or without a header. Throws `bad_request` for text that is no CSV. */
async function parseCsv(csv: string): Promise<unknown[]> {
  const { parse } = await import('csv-parse/sync')
  let lines: string[][]
  try {
    lines = parse(csv, { bom: true, trim: true, skip_empty_lines: true })
  } catch {
    throw badArgument('csv', 'lines of a username, a comma and an address')
  }
  const [first, ...rest] = lines
  const isHeader = /^username,(user_)?email$/i.test(first?.join(',') ?? '')
  return (isHeader ? rest : lines).map((cells) => (cells.length === 2 ? { username: cells[0], email: cells[1] } : {}))
}

export async function requestMany<W extends Whom>(
  core: Core,
  actor: Actor,
  whom: readonly W[],
): Promise<RequestManyResult<W>> {
  requireRight(core, actor, 'retire_user')
  // A site that can retire no person throws once, in place of a list of failures.
  await loadStates(core)
  const requested: W[] = []
  const failed: { readonly whom: W; readonly code: UserCoreErrorCode }[] = []
  for (const element of eachOnce(whom)) {
    const how = { tellsPerson: false, askExternal: askingOnce(core) }
    try {
      await decideAndSave(core, async () =>
        decideRequest(core, actor, [await loadAccount(core, element)], how, contextOf(core)),
      )
      requested.push(element)
    } catch (error) {
      if (!isUserCoreError(error) || error.code === 'config_error' || error.code === 'internal_error') throw error
      failed.push({ whom: element, code: error.code })
    }
  }
  return { requested, failed }
}

/** Returns the elements without those that name a person in the same way as an earlier one. */
export function eachOnce<W extends Whom>(whom: readonly W[]): W[] {
  const keyOf = (element: W) => {
    const name = nameOf(element)
    return 'id' in name ? `id ${name.id}` : `username ${identifierKey(name.username) || name.username}`
  }
  return [...Map.groupBy(whom, keyOf).values()].flatMap((same) => same.slice(0, 1))
}

/** Locks accounts and puts them into the queue, all or none, as Open edX does on the day of the request. */
export async function decideRequest<Transaction>(
  core: Core<Transaction>,
  actor: Actor,
  records: readonly AccountRecord[],
  {
    tellsPerson,
    again = false,
    askExternal,
  }: { readonly tellsPerson: boolean; readonly again?: boolean; readonly askExternal: AskExternal },
  context: Context,
): Promise<Unit<Transaction, void>> {
  const [first] = await loadStates(core)
  const ids = records.map(({ user }) => user.id)
  const requests = await core.repository.select('retirement_requests', { user_id: ids })
  const waiting = again ? await core.repository.select('retirements', { user_id: ids }) : []
  if (waiting.length > 0 || (requests.length > 0 && !again)) throw stateError('already_requested')
  const inactive = records.filter(({ user }) => !user.is_active).map(({ user }) => user.id)
  const registrations =
    inactive.length === 0 ? [] : await core.repository.select('registrations', { user_id: inactive })
  const changed_by = await idOfActor(core, actor)
  const external = await askExternal(records.map(({ user }) => userRef(user)))
  const holds = await loadHolds(core, ids)
  const now = instantOf(context.now)
  const begin = (record: AccountRecord) => {
    const { username } = record.user
    // A username that is an id stays as it is: no other person ever gets it.
    const hasRetiredName = core.repository.usernames === 'ids' || looksRetired(username, core.settings)
    const retired_username = hasRetiredName ? username : retiredForm('username', username, core.settings)
    const earlier = requests.find(({ user_id }) => user_id === record.user.id)
    const begin = { retired_username, state: first?.state_name ?? '', changed_by, tellsPerson, earlier }
    const waiting = waitingOf(record, registrations)
    const hold = wholeHold(
      holds.filter(({ user_id }) => user_id === record.user.id),
      now,
    )
    return beginWrites(
      record,
      { ...begin, waiting, external: external.get(record.user.id) ?? {}, lease: heldLease(hold) },
      context,
    )
  }
  return {
    permit: housekeeping,
    writes: records.flatMap(begin),
    inside: async (transaction) => {
      for (const { user } of records) await core.host.credentials?.disable(userRef(user), transaction)
    },
    result: undefined,
  }
}

function waitingOf({ user }: AccountRecord, registrations: readonly RegistrationRow[]): RegistrationRow | undefined {
  return registrations.filter(isWaiting).find(({ user_id }) => user_id === user.id)
}

/** The facts with which a retirement begins. */
interface Beginning {
  readonly retired_username: string
  readonly state: string
  readonly changed_by: UserId | null
  readonly tellsPerson: boolean
  /** The registration that waits for its activation, if one does. */
  readonly waiting: RegistrationRow | undefined
  /** The request of the generation before. */
  readonly earlier: RetirementRequestRow | undefined
  /** The names of the person in other systems. */
  readonly external: Readonly<Record<string, string>>
  /** The lease of a person on hold. */
  readonly lease: Pick<RetirementRow, 'lease' | 'leased_until'>
}

function beginWrites(
  record: AccountRecord,
  { retired_username, state, changed_by, tellsPerson, waiting, earlier, external, lease }: Beginning,
  context: Context,
): Write[] {
  const { user, profile } = record
  const { id: user_id, username, email } = user
  const now = instantOf(context.now)
  const isRetired = isRetiredEmail(email, context.settings)
  const retired_email = isRetired ? email : retiredForm('email', email, context.settings)
  const retirement: RetirementRow = {
    user_id,
    id: user_id,
    original_username: username,
    original_username_key: identifierKey(username),
    original_email: email,
    original_email_key: identifierKey(email),
    original_name: profile?.name ?? '',
    retired_username,
    retired_email,
    current_state: state,
    last_state: state,
    version: 1,
    ...lease,
    created_at: now,
    modified_at: now,
  }
  const after = { ...record, user: { ...user, email: retired_email, email_key: identifierKey(retired_email) } }
  const mail = { to: email, username, full_name: retirement.original_name }
  const history = { from_state: null, to_state: state, forced: false, note: '', changed_by }
  return [
    // Each account has one request: the second of two at once stops here, decides again and finds the first.
    requestWrite(user_id, now, earlier),
    { insert: 'retirements', rows: [retirement] },
    { insert: 'retirement_work', rows: [newWork(record, external)] },
    ...accountWrites(record, after),
    ...endActivation(user_id, waiting),
    // A registration without a key: it records that the account waits, so that a cancellation can send another link.
    ...(waiting === undefined
      ? []
      : [{ insert: 'registrations', rows: [{ ...waiting, proof_hash: null, expires_at: now }] } as const]),
    ...endEmailRequests(user_id, context),
    ...recoveryErasure(user_id),
    historyWrite(retirement, history, context),
    { insert: 'outbox', rows: [message('event', 'retirement.requested', user_id, {}, context)] },
    ...(tellsPerson
      ? [{ insert: 'outbox', rows: [message('mail', 'retirement_requested', user_id, mail, context)] } as const]
      : []),
  ]
}

/** Returns the write of the evidence. It counts the generations of an account, and keeps the moment of the first. */
function requestWrite(user_id: UserId, now: Instant, earlier: RetirementRequestRow | undefined): Write {
  if (earlier === undefined) {
    return { insert: 'retirement_requests', rows: [{ user_id, created_at: now, is_started: false, generation: 1 }] }
  }
  const { generation } = earlier
  const set = { is_started: false, generation: generation + 1 }
  return { update: 'retirement_requests', set, where: { user_id, generation }, guarded: true }
}
