import { parse } from 'csv-parse/sync'
import { recoveryErasure } from '../../accounts/account-recovery.ts'
import { accountWrites } from '../../accounts/account-writes.ts'
import { endActivation, isWaiting } from '../../accounts/activation.ts'
import { isPasswordOf } from '../../accounts/password-of.ts'
import { endEmailRequests } from '../../accounts/pending.ts'
import { retiredForm } from '../../accounts/retired-identifier.ts'
import { message } from '../../outbox/messages.ts'
import type { AccountRecord } from '../../port/account-record.ts'
import type { RegistrationRow, RetirementRow, UserId } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { requireAllowed, requireHolderOr, requireRight } from '../../runtime/authorize.ts'
import { type Core, contextOf, type Decided, decideAndSave } from '../../runtime/core.ts'
import { idOfActor, loadAccount, loadAccounts, userRef } from '../../runtime/load-account.ts'
import { type Actor, isSystem } from '../../site/actor.ts'
import type { Context } from '../../site/context.ts'
import { nameOf, type Whom } from '../../site/whom.ts'
import { badArgument } from '../../values/arguments.ts'
import type { UserCoreErrorCode } from '../../values/error-params.ts'
import { isUserCoreError, UserCoreError } from '../../values/errors.ts'
import { instantOf } from '../../values/instant.ts'
import { identifierKey } from '../../values/text.ts'
import { historyWrite } from '../retirement-writes.ts'
import { loadStates, stateError } from './load-retirement.ts'

/** A person whom an operator names; username and address have to belong to one account. */
export interface RetirementCandidate {
  readonly username: string
  readonly email: string
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
  { password }: { readonly password?: string },
): Promise<void> {
  const holder = await requireHolderOr(core, actor, whom, isSystem)
  if (!isSystem(actor)) {
    requireAllowed(actor, core.settings.enable_account_deletion)
    await requirePassword(core, actor, holder, password)
  }
  await decideAndSave(core, async () =>
    decideRequest(core, actor, [await loadAccount(core, holder)], { tellsPerson: true }),
  )
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
  const candidates = readCandidates(input)
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
    return decideRequest(core, actor, records, { tellsPerson: false })
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

function readCandidates(
  input: { readonly users?: readonly RetirementCandidate[]; readonly csv?: string } | undefined,
): RetirementCandidate[] {
  const rows = typeof input?.csv === 'string' ? parseCsv(input.csv) : input?.users
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
function parseCsv(csv: string): unknown[] {
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
    try {
      await decideAndSave(core, async () =>
        decideRequest(core, actor, [await loadAccount(core, element)], { tellsPerson: false }),
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
function eachOnce<W extends Whom>(whom: readonly W[]): W[] {
  const keyOf = (element: W) => {
    const name = nameOf(element)
    return 'id' in name ? `id ${name.id}` : `username ${identifierKey(name.username) || name.username}`
  }
  return [...Map.groupBy(whom, keyOf).values()].flatMap((same) => same.slice(0, 1))
}

/** Locks accounts and puts them into the queue, all or none, as Open edX does on the day of the request. */
async function decideRequest<Transaction>(
  core: Core<Transaction>,
  actor: Actor,
  records: readonly AccountRecord[],
  { tellsPerson }: { readonly tellsPerson: boolean },
): Promise<Decided<Transaction, void>> {
  const context = contextOf(core)
  const [first] = await loadStates(core)
  const ids = records.map(({ user }) => user.id)
  const requests = await core.repository.select('retirement_requests', { user_id: ids })
  if (requests.length > 0) throw stateError('already_requested')
  const inactive = records.filter(({ user }) => !user.is_active).map(({ user }) => user.id)
  const registrations =
    inactive.length === 0 ? [] : await core.repository.select('registrations', { user_id: inactive })
  const changed_by = await idOfActor(core, actor)
  const begin = (record: AccountRecord) => {
    const { username } = record.user
    // A username that is an id stays as it is: no other person ever gets it.
    const retired = core.repository.usernames === 'ids' ? username : retiredForm('username', username, core.settings)
    const waiting = waitingOf(record, registrations)
    return beginWrites(record, retired, first?.state_name ?? '', changed_by, tellsPerson, context, waiting)
  }
  return {
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

function beginWrites(
  record: AccountRecord,
  retired_username: string,
  state: string,
  changed_by: UserId | null,
  tellsPerson: boolean,
  context: Context,
  waiting: RegistrationRow | undefined,
): Write[] {
  const { user, profile } = record
  const { id: user_id, username, email } = user
  const now = instantOf(context.now)
  const retired_email = retiredForm('email', email, context.settings)
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
    lease: null,
    leased_until: null,
    created_at: now,
    modified_at: now,
  }
  const after = { ...record, user: { ...user, email: retired_email, email_key: identifierKey(retired_email) } }
  const mail = { to: email, username, full_name: retirement.original_name }
  const history = { from_state: null, to_state: state, forced: false, note: '', changed_by }
  return [
    // Each account has one request: the second of two at once stops here, decides again and finds the first.
    { insert: 'retirement_requests', rows: [{ user_id, created_at: now, is_started: false }] },
    { insert: 'retirements', rows: [retirement] },
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
