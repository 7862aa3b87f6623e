import type { AccountRecord } from '../../port/account-record.ts'
import type { UserId } from '../../port/tables.ts'
import { ownWhom, requireLookUp, requireStaff } from '../../runtime/authorize.ts'
import { type Core, contextOf } from '../../runtime/core.ts'
import { findUser, isFound, loadAccount, loadAccounts, requireIds, userRef } from '../../runtime/load-account.ts'
import { readAhead } from '../../runtime/read-ahead.ts'
import { type Actor, requireAuthenticated } from '../../site/actor.ts'
import type { DerivedFields, UserRef } from '../../site/host.ts'
import type { Whom } from '../../site/whom.ts'
import { UserCoreError } from '../../values/errors.ts'
import { identifierKey } from '../../values/text.ts'
import type { AccountDocument } from '../account.ts'
import { accountDocument } from '../account-document.ts'
import { canPromiseCancel } from '../cancellation.ts'
import { readDocumentsOnce } from '../extended-profile/document.ts'
import { retiredForms } from '../retired-identifier.ts'
import { type GetOptions, readingOf } from '../visibility.ts'

/** A document together with the version of the account that it shows. */
export interface VersionedAccount {
  /** As the actor may see it. */
  readonly account: AccountDocument
  /** For `expectedVersion`; 0 while the person has no profile. */
  readonly version: number
}

export async function getAccount(core: Core, actor: Actor, whom: Whom, options: GetOptions): Promise<AccountDocument> {
  return (await getVersionedAccount(core, actor, whom, options)).account
}

export async function getAccounts<W extends Whom>(
  core: Core,
  actor: Actor,
  whom: readonly W[],
  options: GetOptions,
): Promise<Map<W, AccountDocument>> {
  requireAuthenticated(actor)
  requireIds(core, whom)
  const accounts = new Map<W, AccountDocument>()
  const load = (part: readonly W[]) => loadAccounts(core, part, actor)
  for await (const records of whom.length <= readAtOnce ? [load(whom)] : readAhead(partsOf(whom), load)) {
    const shown = await showAccounts(core, actor, [...records.values()], options)
    let next = 0
    for (const element of records.keys()) accounts.set(element, shown[next++] ?? {})
  }
  return accounts
}

/** People whose accounts are read at once. Rows of more are alive longer than the garbage collector has them cheap. */
const readAtOnce = 1000

async function* partsOf<Element>(list: readonly Element[]): AsyncGenerator<readonly Element[]> {
  for (let start = 0; start < list.length; start += readAtOnce) yield list.slice(start, start + readAtOnce)
}

export async function getVersionedAccount(
  core: Core,
  actor: Actor,
  whom: Whom,
  options: GetOptions,
): Promise<VersionedAccount> {
  requireAuthenticated(actor)
  const record = await loadAccount(core, whom, actor)
  const [account = {}] = await showAccounts(core, actor, [record], options)
  return { account, version: record.profile?.version ?? 0 }
}

export async function getAccountByEmail(
  core: Core,
  actor: Actor,
  email: string,
  options: GetOptions,
): Promise<AccountDocument> {
  requireLookUp(actor)
  const email_key = identifierKey(email)
  const retiredKeys = retiredForms('email', email, core.settings).map(identifierKey)
  const records = await core.repository.findAccounts({ email_keys: [email_key, ...retiredKeys], emails: [email] })
  if (records.some((record) => retiredKeys.includes(record.user.email_key))) await throwRetired(core, email_key)
  const [record] = records
  if (record === undefined) throw new UserCoreError('user_not_found')
  const [account = {}] = await showAccounts(core, actor, [record], options)
  return account
}

export async function getOwnNames(core: Core, actor: Actor): Promise<UserRef> {
  const whom = ownWhom(actor)
  const user = await findUser(core, whom)
  if (user === undefined || !isFound(core, whom, user)) throw new UserCoreError('user_not_found')
  return userRef(user)
}

export async function searchByEmail(
  core: Core,
  actor: Actor,
  emails: readonly string[],
): Promise<{ email: string; id: UserId; username: string }[]> {
  requireStaff(actor)
  const keys = [...new Set(emails.map(identifierKey))]
  const users = await core.repository.select('users', { email_key: keys })
  const byKey = new Map(users.map(({ email, id, username, email_key }) => [email_key, { email, id, username }]))
  return keys.flatMap((key) => byKey.get(key) ?? [])
}

/** Makes the documents of accounts, in their order. */
export async function showAccounts(
  core: Core,
  actor: Actor,
  records: readonly AccountRecord[],
  options: GetOptions,
): Promise<AccountDocument[]> {
  if (records.length === 0) return []
  const reading = readingOf(actor, options, core.settings)
  const context = contextOf(core)
  const derived = await loadDerivedFields(core, records)
  return records.map((record) =>
    accountDocument(record, reading, context, derived.get(record.user.id), readDocumentsOnce),
  )
}

const none: ReadonlyMap<UserId, DerivedFields> = new Map()

/** Asks the host for the fields that it computes, once for all accounts and for each person. */
export async function loadDerivedFields(
  core: Core,
  records: readonly AccountRecord[],
): Promise<ReadonlyMap<UserId, DerivedFields>> {
  if (core.host.derivedFields === undefined) return none
  const people = new Map(records.map(({ user }) => [user.id, userRef(user)]))
  return core.host.derivedFields([...people.values()])
}

/**
 * Throws `not_found` for a retired address, with whether its retirement can still be cancelled. Source: Open edX,
 * `get_account_settings`.
 */
async function throwRetired(core: Core, original_email_key: string): Promise<never> {
  const context = contextOf(core)
  const { repository } = core
  const retirements = await repository.select('retirements', { original_email_key })
  const states = await repository.select('retirement_states', {})
  const users = await repository.select('users', { id: retirements.map(({ user_id }) => user_id) })
  const waiting = retirements.find((retirement) => {
    const user = users.find(({ id }) => id === retirement.user_id)
    return user !== undefined && canPromiseCancel({ retirement, states, context }, user)
  })
  throw new UserCoreError('not_found', {
    params: { can_cancel_retirement: waiting !== undefined, retirement_id: waiting?.id ?? null },
  })
}
