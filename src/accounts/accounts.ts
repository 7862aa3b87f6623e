import type { JsonPatchOperation } from '../patch/json-patch.ts'
import type { UserId } from '../port/tables.ts'
import { checkedOperations } from '../runtime/checked-operations.ts'
import type { Core } from '../runtime/core.ts'
import type { OnceOptions } from '../runtime/once.ts'
import type { Page, PageOptions } from '../runtime/pages.ts'
import type { Actor } from '../site/actor.ts'
import type { ExtendedFields, NoFields } from '../site/define-extended-profile.ts'
import type { Whom } from '../site/whom.ts'
import type { AccountDocument, AccountPatch } from './account.ts'
import type { AccountListOptions } from './account-list.ts'
import { accountArguments } from './arguments.ts'
import type { AccountDescription } from './describe/describe-account.ts'
import type { LoginStatus } from './login-status.ts'
import { type ActivateResult, activateAccount } from './operations/activate-account.ts'
import { confirmNameChange, requestNameChange } from './operations/change-name.ts'
import { confirmEmailChange, confirmSecondaryEmail } from './operations/confirm-email.ts'
import { type CreateOptions, type CreateResult, createAccount, type NewAccount } from './operations/create-account.ts'
import {
  type DeactivateResult,
  type Deactivation,
  type DeactivationRequest,
  deactivate,
  listDeactivations,
  type ReactivateResult,
  type ReactivationRequest,
  reactivate,
} from './operations/deactivate.ts'
import { describe } from './operations/describe-account.ts'
import { dropPendingChanges } from './operations/drop-pending-changes.ts'
import {
  getAccount,
  getAccountByEmail,
  getAccounts,
  getOwnNames,
  getVersionedAccount,
  searchByEmail,
  type VersionedAccount,
} from './operations/get-accounts.ts'
import { type AccountChange, listAccountHistory } from './operations/list-account-history.ts'
import { listAccounts } from './operations/list-accounts.ts'
import { type LoginStatusOptions, loginStatus, recordLogin } from './operations/log-in.ts'
import { type AccountModification, modifyAccount } from './operations/modify-account.ts'
import { nameProfileImage } from './operations/name-profile-image.ts'
import { checkAccountPassword, disableLogIn } from './operations/passwords.ts'
import { patchAccount } from './operations/patch-account.ts'
import { type ReindexOptions, type ReindexProgress, reindexAccounts } from './operations/reindex-accounts.ts'
import { releaseUsername } from './operations/release-username.ts'
import {
  type ReplaceUsernamesResult,
  replaceUsernames,
  type UsernameReplacement,
} from './operations/replace-usernames.ts'
import { requestActivation } from './operations/request-activation.ts'
import { type ProfileImageState, setProfileImage } from './operations/set-profile-image.ts'
import { type UpdateOptions, type UpdateResult, updateAccount } from './operations/update-account.ts'
import { validateValues } from './operations/validate-values.ts'
import type { Decision, RegistrationValues } from './registration-values.ts'
import type { GetOptions } from './visibility.ts'

/**
 * Account profiles.
 *
 * Every operation throws a `UserCoreError`. Besides the codes it names, any can throw `not_authenticated` for an
 * anonymous actor and for one whose id and username do not belong together, `bad_request` for an argument that is not
 * of its type, and `internal_error` (storage or a hook failed; see `cause`). Those that write a field which the site or
 * its hook `isReadOnly` keeps from the actor throw `account_validation_error` with code `read_only` at it, trusted code
 * not excepted. Those that take an `idempotencyKey` throw `idempotency_key_reused` where it belongs to another call.
 */
export interface AccountOperations<Fields extends ExtendedFields = NoFields> {
  /**
   * Returns the account of a person, as the actor may see it.
   *
   * Throws `user_not_found`. Source: Open edX, `get_account_settings`.
   *
   * ```ts
   * const { name } = await users.accounts.get(bob, 'ada')
   * ```
   */
  get(actor: Actor, whom: Whom, options?: GetOptions): Promise<AccountDocument>

  /**
   * Returns the accounts of people, each as the actor may see it, by the elements that were asked and in their order.
   * Unknown people are left out. Up to 1,000 accounts cost one statement for the people who are named by username, and
   * one for those who are named by id; more are read a thousand at a time, each thousand of one moment.
   *
   * ```ts
   * const accounts = await users.accounts.getMany(staff, ['ada', 'bob'])
   * const name = accounts.get('ada')?.name
   * ```
   */
  getMany<W extends Whom>(actor: Actor, whom: readonly W[], options?: GetOptions): Promise<Map<W, AccountDocument>>

  /**
   * Returns one account with its version, for `expectedVersion` or an entity tag.
   *
   * Throws `user_not_found`.
   *
   * ```ts
   * const { account, version } = await users.accounts.getVersioned(ada, ada)
   * ```
   */
  getVersioned(actor: Actor, whom: Whom, options?: GetOptions): Promise<VersionedAccount>

  /**
   * Returns the account with this e-mail address, for staff and superusers. Addresses are compared as `identifierKey`
   * does: a text can find an account whose address is spelt in another way. Send mail to the address of the
   * account, never to the one that was typed.
   *
   * Throws `not_authorized`; `user_not_found`; `not_found` for an address that was retired, with `params`
   * `can_cancel_retirement` and `retirement_id`: the retirement that is still within its cool-off, if any.
   *
   * ```ts
   * const { username } = await users.accounts.getByEmail(staff, 'ada@example.com')
   * ```
   */
  getByEmail(actor: Actor, email: string, options?: GetOptions): Promise<AccountDocument>

  /**
   * Returns the id and the username that the person who acts has now.
   *
   * Throws `bad_request` for trusted code; `user_not_found` for a person without an account here.
   *
   * ```ts
   * const { id, username } = await users.accounts.me(ada)
   * ```
   */
  me(actor: Actor): Promise<{ readonly id: UserId; readonly username: string }>

  /**
   * Returns which of some e-mail addresses belong to accounts, for staff. Unknown and retired ones are left out. The
   * addresses of the result are those of the accounts, which can be spelt in another way: send mail to these alone.
   *
   * Throws `not_authorized`; `bad_request` when `emails` is no list.
   *
   * ```ts
   * const found = await users.accounts.searchByEmail(staff, ['ada@example.com', 'new@example.com'])
   * ```
   */
  searchByEmail(
    actor: Actor,
    emails: readonly string[],
  ): Promise<{ readonly email: string; readonly id: UserId; readonly username: string }[]>

  /**
   * Describes the fields of an account that the actor may read or write, for forms and descriptions of an interface: for
   * each whether it may be emptied, the codes to choose from, its limits, and a JSON Schema of the values that `update`
   * takes. Without `whom`: those of a new account, as `create` takes them; `readable` is false for all of these.
   *
   * `update` and `create` take the values of a schema and no others, except that a schema says less than the rules of
   * usernames, e-mail addresses and addresses of social links, and nothing of values that people have already or that
   * wait for a verification. Declared fields of the extended profile have the schema that their library says by Standard
   * JSON Schema, for a value of the list form; those of which it says none have no `schema`.
   *
   * Throws `user_not_found`; `config_error` for a declared schema that says something else than JSON.
   *
   * ```ts
   * const { fields } = await users.accounts.describe(ada, ada)
   * const longest = fields.bio?.limits?.max_length
   * ```
   */
  describe(actor: Actor, whom?: Whom): Promise<AccountDescription>

  /**
   * Lists people, page by page, for staff and trusted code: by the beginning of username, address or name, by whether they
   * are active, the moment they joined, their country, and declared fields that are marked `searchable`. Two statements a
   * page, which reads along an index however many people there are; see `order`. Values of accounts in tables of the host
   * or of another system need indexes of theirs: `searchIndexes` of `usercore/kysely` names them.
   *
   * Items are documents as of `getMany`. People whose retirement has begun are in no list. A page can have fewer items than
   * `limit`, since people can change while it is read: go on while there is a `next`. People who change meanwhile can be
   * in no page.
   *
   * Throws `not_authorized`, with the reason `hidden_field` for a field that the actor does not see of every account;
   * `bad_request` for an `order` that no index has with the filter, and for a cursor of another list.
   *
   * ```ts
   * const { items, next } = await users.accounts.list(staff, { where: { name: 'ada', is_active: true }, limit: 50 })
   * ```
   */
  list(actor: Actor, options?: AccountListOptions): Promise<Page<AccountDocument>>

  /**
   * Stores the values by which `list` finds people anew, batch by batch, as far as they differ: names, and fields that are
   * marked `searchable`. Call it after the step `0014-search-values` of the schema, when a field is marked, and after
   * writing accounts by other means than the library. Calls of others go on meanwhile. Only trusted code may.
   *
   * Throws `not_authorized`.
   *
   * ```ts
   * const { changed } = await users.accounts.reindex(system, { batchSize: 500 })
   * ```
   */
  reindex(actor: Actor, options?: ReindexOptions): Promise<ReindexProgress>

  /**
   * Changes an account by a merge patch; only its holder and trusted code may.
   *
   * All or nothing: fields, lists, extended profile, privacy, history, mails and events are stored together, or the
   * call throws and nothing is. Parallel changes of different fields are all kept, also those of different names in
   * the extended profile; of the same field the last one counts. E-mail addresses change when they are confirmed. An
   * address of another person looks accepted; that person gets the mail `email_already_in_use`, and no key is sent.
   *
   * Throws `not_authorized`; `user_not_found`; `account_validation_error` with every field error at once; `conflict`
   * when `expectedVersion` does not hold, or when the requests of the person were ended while the call asked for an
   * address (`params.reason` is `ended_meanwhile`); `rate_limited`; `account_update_error` when addresses cannot be
   * changed or storing failed. Source: RFC 7396 for the meaning of absent and null members; Open edX,
   * `update_account_settings`, for the rules of each field.
   *
   * ```ts
   * const { changes } = await users.accounts.update(ada, ada, { bio: 'Mathematician' })
   * ```
   */
  update(actor: Actor, whom: Whom, patch: AccountPatch<Fields>, options?: UpdateOptions): Promise<UpdateResult>

  /**
   * Changes an account by a JSON Patch of the document that the actor sees, in which `extended_profile` is an object:
   * `{ "occupation": … }`, without the fields that are not stored. Operations test, copy and move only values of that
   * document; `test` makes one request both guard and change. The fields that differ in the end go through the same
   * rules as in `update`: a field that was removed is cleared, one that never changes by a patch or is no field is
   * refused.
   *
   * Throws as `update` does, and `patch_error` when an operation cannot be done or a test fails, with a pointer to
   * the operation. Source: RFC 6902.
   *
   * ```ts
   * await users.accounts.patch(ada, ada, [{ op: 'replace', path: '/bio', value: 'Mathematician' }])
   * ```
   */
  patch(
    actor: Actor,
    whom: Whom,
    operations: readonly JsonPatchOperation[],
    options?: Omit<UpdateOptions, 'unknownFields'>,
  ): Promise<UpdateResult>

  /**
   * Decides about values of a registration form: whether each could be used and, if not, why. Names that it does not
   * know get no entry. `only` limits the result, not the values that one is compared with.
   *
   * Takes no actor, as a form is filled in before there is one. Limit how often it is called: the result tells whether
   * a username or an address is taken.
   *
   * ```ts
   * const decisions = await users.accounts.validate({ username: 'ada', email: 'new@example.com' })
   * ```
   */
  validate(
    values: RegistrationValues,
    options?: { readonly only?: keyof RegistrationValues },
  ): Promise<Record<string, Decision>>

  /**
   * Creates an account with a profile. It stays inactive until `activate`; the key for that leaves as the mail
   * `activation` through the outbox.
   *
   * Throws `account_validation_error`, with code `conflict` at `username` or `email` for one that is taken or was
   * retired, and `reserved_name` for a username that only trusted code can give (setting `reserved_usernames`);
   * `config_error` when there is a password but no `credentials` hook; `not_authorized` when another actor than trusted
   * code asks for an active account.
   *
   * ```ts
   * const account = { username: 'cy', email: 'cy@example.com', name: 'Cy' }
   * const { id } = await users.accounts.create(anonymous, account)
   * ```
   */
  create(actor: Actor, account: NewAccount<Fields>, options?: CreateOptions): Promise<CreateResult>

  /**
   * Changes values that people cannot change themselves, beside fields of a patch, for an operator of the site: the
   * address changes at once, without a confirmation; the old and the new one hear of it. Addresses that wait for a
   * confirmation end with an address, all that waits with a password and with `is_active: false`. An account that waits
   * for its activation gets another key at another address. All or nothing. Only trusted code may: the host decides
   * which people are operators.
   *
   * Throws `account_validation_error` with every field error at once, code `conflict` at `email` for one that is taken
   * or was retired; `user_not_found`, also for people whose retirement was asked for; `config_error` when there is a
   * password but no `credentials` hook. Source: Open edX, `UserModifyView`.
   *
   * ```ts
   * await users.accounts.updateAsOperator(system, ada, { email: 'ada@example.org', profile: { bio: null } })
   * ```
   */
  updateAsOperator(
    actor: Actor,
    whom: Whom,
    modification: AccountModification<Fields>,
    options?: OnceOptions,
  ): Promise<UpdateResult>

  /**
   * Confirms the e-mail address of a new account. The key works once, before it expires, while the account has the
   * address that it was mailed to, and not for another person who is logged in. It ends when an operator sets another
   * address or password or locks the account, with `disableLogIn`, `dropPendingChanges` and a request for retirement.
   *
   * Throws `not_found` for a key that is unknown, used, expired or ended; `not_authorized`.
   *
   * ```ts
   * const { outcome } = await users.accounts.activate(anonymous, key)
   * ```
   */
  activate(actor: Actor, key: string): Promise<ActivateResult>

  /**
   * Sends another activation key to an account that waits for its activation, at its stored address; the key before
   * works no more. For any actor, an anonymous one too: the result and the number of statements are the same whether
   * there is such an account or not, whether it waits, and whether it was sent too many keys (setting
   * `activation_rate_limit`). Accounts that were activated once, or were locked by an operator, get none.
   *
   * ```ts
   * await users.accounts.requestActivation(anonymous, 'ada@example.com')
   * ```
   */
  requestActivation(actor: Actor, email: string): Promise<void>

  /**
   * Ends all that waits for a person: the keys that were mailed for another address or an activation, and a name that
   * waits for approval. Requests of calls under way end as well. For the holder, staff and trusted code. A host that
   * changes a password or an address itself calls it with that change (`users.with(trx)`), so that no one gets the
   * account back with an earlier key.
   *
   * Throws `not_authorized`; `user_not_found`.
   *
   * ```ts
   * await users.accounts.dropPendingChanges(ada, ada)
   * ```
   */
  dropPendingChanges(actor: Actor, whom: Whom): Promise<void>

  /**
   * Locks a person out: their password and sessions end through the `credentials` hook, and all that waits for
   * them ends, as in `dropPendingChanges`; data stays. No activation key is sent to them any more, and `loginStatus`
   * says `deactivated` until `reactivate` (the reason in the history is `log_in_disabled`). Needs the right
   * `deactivate_user`. Returns the account as the actor may see it.
   *
   * Throws `not_authorized`; `user_not_found`; `config_error` without the hook.
   *
   * ```ts
   * await users.accounts.disableLogIn(system, 'bob')
   * ```
   */
  disableLogIn(actor: Actor, whom: Whom): Promise<AccountDocument>

  /**
   * Keeps a person from logging in, until a moment or until `reactivate`. Password, data and `is_active` stay: it says
   * whether the address is confirmed, while `loginStatus` tells whether a deactivation is in force, by the clock. The
   * event `account.deactivated` asks to end sessions. Another deactivation takes the place of one that is in force.
   * Needs the right `deactivate_user`.
   *
   * Throws `not_authorized`; `user_not_found`, also for people whose retirement has begun; `bad_request` for a reason
   * that is no code, and for a moment that is over.
   *
   * ```ts
   * await users.accounts.deactivate(system, 'bob', { reason: 'spam', until: '2030-01-01T00:00:00Z' })
   * ```
   */
  deactivate(actor: Actor, whom: Whom, request: DeactivationRequest): Promise<DeactivateResult>

  /**
   * Ends the deactivation that is in force, by `deactivate` or `disableLogIn`; the latter has taken the password away, so
   * the person sets another one. Needs the right `deactivate_user`.
   *
   * Throws as `deactivate` does.
   *
   * ```ts
   * await users.accounts.deactivate(system, 'bob', { reason: 'spam' })
   * const { outcome } = await users.accounts.reactivate(system, 'bob', { reason: 'appeal' })
   * ```
   */
  reactivate(actor: Actor, whom: Whom, request: ReactivationRequest): Promise<ReactivateResult>

  /**
   * Returns the deactivations of a person, oldest first, page by page: reason, actor, end, and how each ended. For the
   * holder, staff and trusted code. Erasure removes them.
   *
   * Throws `not_authorized`; `user_not_found`.
   *
   * ```ts
   * const { items } = await users.accounts.deactivations(staff, 'bob')
   * ```
   */
  deactivations(actor: Actor, whom: Whom, page?: PageOptions): Promise<Page<Deactivation>>

  /**
   * Tells whether a person may log in, and tells no more of them: the one question of a log-in, in one statement, to be
   * asked after the password and again where sessions are renewed. The first reason that holds counts: `retired`,
   * `retirement_requested`, `deactivated`, `unconfirmed`. With the purpose `reset_password`, whether they may set a
   * password that they forgot; to be asked when the mail is wanted and when its link is used. An address that is not
   * confirmed is no obstacle then. For the log-in of the host, which is trusted code; for the holder and staff.
   *
   * Throws `not_authorized`; `user_not_found`. Source: Open edX, where a request for retirement forbids both.
   *
   * ```ts
   * const { allowed, reason } = await users.accounts.loginStatus(system, 'ada')
   * const reset = await users.accounts.loginStatus(system, 'ada', { purpose: 'reset_password' })
   * ```
   */
  loginStatus(actor: Actor, whom: Whom, options?: LoginStatusOptions): Promise<LoginStatus>

  /**
   * Sets `last_login` to now; it never goes back, whichever of two calls is stored first. Writes nothing where the table
   * of the host has no such column. Only trusted code may: the log-in of the host.
   *
   * Throws `not_authorized`, with the reason `sealed` once the retirement of the person has begun; `user_not_found`.
   *
   * ```ts
   * await users.accounts.recordLogin(system, 'ada')
   * ```
   */
  recordLogin(actor: Actor, whom: Whom): Promise<void>

  /**
   * Tells whether a password is the person's; composed and decomposed spellings are the same. For the log-in of the
   * host, which is trusted code, and for the holder, as before a change that wants the password once more.
   *
   * Throws `not_authorized`; `user_not_found`; `config_error` without the `credentials` hook.
   *
   * ```ts
   * const isRight = await users.accounts.checkPassword(system, 'ada', 'correct horse')
   * ```
   */
  checkPassword(actor: Actor, whom: Whom, password: string): Promise<boolean>

  /**
   * Makes the address that was asked for the account's own. Takes no actor: the key, which was mailed to the new
   * address, is the right to it. It works once, before it expires.
   *
   * Throws `not_found` for a key that is unknown, used or expired; `conflict` when another person took the address
   * meanwhile.
   *
   * ```ts
   * await users.accounts.confirmEmailChange(key)
   * ```
   */
  confirmEmailChange(key: string): Promise<void>

  /**
   * Makes the secondary address that was asked for the account's own, as `confirmEmailChange` does. Takes no actor: the
   * key is the right to it.
   *
   * Throws `not_found`; `conflict`.
   *
   * ```ts
   * await users.accounts.confirmSecondaryEmail(key)
   * ```
   */
  confirmSecondaryEmail(key: string): Promise<void>

  /**
   * Asks for another name, to be approved by staff; only the holder and trusted code may. A new request takes the place
   * of the one before. While one waits, null and the present name withdraw it; then `requestId` is null.
   *
   * Throws `not_authorized`; `account_validation_error` at `name`; `user_not_found`; `conflict` when the requests of
   * the person were ended meanwhile, as for addresses in `update`.
   *
   * ```ts
   * const { requestId } = await users.accounts.requestNameChange(ada, ada, 'Ada Lovelace')
   * ```
   */
  requestNameChange(actor: Actor, whom: Whom, name: string | null): Promise<{ readonly requestId: string | null }>

  /**
   * Approves the name that a person asked for. With `requestId` only that request, so that no other name is approved
   * than the one that was seen. Only staff and trusted code (superusers without the flag may not).
   *
   * Throws `not_authorized`; `user_not_found`; `not_found` when nothing waits; `conflict` for another request.
   *
   * ```ts
   * await users.accounts.requestNameChange(ada, ada, 'Ada Lovelace')
   * await users.accounts.confirmNameChange(staff, ada)
   * ```
   */
  confirmNameChange(actor: Actor, whom: Whom, options?: { readonly requestId?: string }): Promise<void>

  /**
   * Gives many people other usernames, each in its own transaction; a wanted name that is taken, was retired, or is
   * reserved for trusted code, gets a random end. The replaced name stays reserved, for its person alone to get back,
   * until `releaseUsername`: sessions that name people by it reach no one. Only the account of the setting
   * `username_replacement_worker` and trusted code may.
   *
   * Returns the names that were really given, and the people who could not be renamed, each with the code of the error.
   * Throws `not_authorized`; `bad_request` unless every username can be stored as one (up to 150 characters; the form
   * of new usernames does not matter); `config_error` and `internal_error`, after which the replacements before stay
   * made.
   *
   * ```ts
   * const { replaced, failed } = await users.accounts.replaceUsernames(system, [{ whom: bob, username: 'robert' }])
   * ```
   */
  replaceUsernames<W extends Whom>(
    actor: Actor,
    replacements: readonly UsernameReplacement<W>[],
  ): Promise<ReplaceUsernamesResult<W>>

  /**
   * Lets a username be taken again that `replaceUsernames` replaced, also one of a person who was erased since. Release
   * it once no session, token or cache names a person by it: one that still does reaches the next person who takes it.
   * Needs the same rights as `replaceUsernames`.
   *
   * Throws `not_authorized`; `not_found` for a username that is not reserved in this way.
   *
   * ```ts
   * await users.accounts.replaceUsernames(system, [{ whom: bob, username: 'robert' }])
   * await users.accounts.releaseUsername(system, 'bob')
   * ```
   */
  releaseUsername(actor: Actor, username: string): Promise<void>

  /**
   * Returns names for the files of a person's profile image, by edge in pixels: to store them under before
   * `setProfileImage` says that they are there. For the holder, staff and trusted code. They are drawn when they are
   * first asked for, and stay the same when the person is called otherwise; after the removal of an image they can be
   * others.
   *
   * Throws `not_authorized`; `user_not_found`; `config_error` for names that need the setting `profile_image_hash_seed`
   * where it is not set.
   *
   * ```ts
   * const names = await users.accounts.profileImageNames(ada, ada)
   * ```
   */
  profileImageNames(actor: Actor, whom: Whom): Promise<Record<number, string>>

  /**
   * Records that files of a profile image are there, or are gone: then the notification `profile_image.removed` tells
   * which to delete. For the holder, staff and trusted code.
   *
   * Throws `not_authorized`; `user_not_found`; `config_error` as above.
   *
   * ```ts
   * await users.accounts.setProfileImage(ada, ada, { uploaded: true })
   * ```
   */
  setProfileImage(actor: Actor, whom: Whom, state: ProfileImageState): Promise<void>

  /**
   * Returns the names and e-mail addresses that an account had before, oldest first, page by page. For the holder,
   * staff and trusted code.
   *
   * Throws `not_authorized`; `user_not_found`.
   *
   * ```ts
   * const { items, next } = await users.accounts.history(staff, 'ada', { limit: 10 })
   * ```
   */
  history(actor: Actor, whom: Whom, page?: PageOptions): Promise<Page<AccountChange>>
}

export function accountOperations<Transaction, Fields extends ExtendedFields>(
  core: Core<Transaction>,
): AccountOperations<Fields> {
  return checkedOperations<AccountOperations<Fields>>(core, 'accounts', accountArguments, {
    get: (actor, whom, options = {}) => getAccount(core, actor, whom, options),
    getMany: (actor, whom, options = {}) => getAccounts(core, actor, whom, options),
    getVersioned: (actor, whom, options = {}) => getVersionedAccount(core, actor, whom, options),
    getByEmail: (actor, email, options = {}) => getAccountByEmail(core, actor, email, options),
    me: (actor) => getOwnNames(core, actor),
    searchByEmail: (actor, emails) => searchByEmail(core, actor, emails),
    describe: (actor, whom) => describe(core, actor, whom),
    list: (actor, options = {}) => listAccounts(core, actor, options),
    reindex: (actor, options = {}) => reindexAccounts(core, actor, options),
    update: (actor, whom, patch, options = {}) =>
      // Inside, the fields of one site do not matter; the interface above keeps them.
      updateAccount(core, actor, whom, patch as unknown as AccountPatch, options),
    patch: (actor, whom, operations, options = {}) => patchAccount(core, actor, whom, operations, options),
    validate: (values, options = {}) => validateValues(core, values, options),
    create: (actor, account, options = {}) => createAccount(core, actor, account as NewAccount, options),
    updateAsOperator: (actor, whom, modification, options = {}) =>
      modifyAccount(core, actor, whom, modification as AccountModification, options),
    activate: (actor, key) => activateAccount(core, actor, key),
    requestActivation: (_actor, email) => requestActivation(core, email),
    dropPendingChanges: (actor, whom) => dropPendingChanges(core, actor, whom),
    disableLogIn: (actor, whom) => disableLogIn(core, actor, whom),
    deactivate: (actor, whom, request) => deactivate(core, actor, whom, request),
    reactivate: (actor, whom, request) => reactivate(core, actor, whom, request),
    deactivations: (actor, whom, page = {}) => listDeactivations(core, actor, whom, page),
    loginStatus: (actor, whom, options = {}) => loginStatus(core, actor, whom, options),
    recordLogin: (actor, whom) => recordLogin(core, actor, whom),
    checkPassword: (actor, whom, password) => checkAccountPassword(core, actor, whom, password),
    confirmEmailChange: (key) => confirmEmailChange(core, key),
    confirmSecondaryEmail: (key) => confirmSecondaryEmail(core, key),
    requestNameChange: (actor, whom, name) => requestNameChange(core, actor, whom, name),
    confirmNameChange: (actor, whom, options = {}) => confirmNameChange(core, actor, whom, options),
    replaceUsernames: (actor, replacements) => replaceUsernames(core, actor, replacements),
    releaseUsername: (actor, username) => releaseUsername(core, actor, username),
    profileImageNames: (actor, whom) => nameProfileImage(core, actor, whom),
    setProfileImage: (actor, whom, state) => setProfileImage(core, actor, whom, state),
    history: (actor, whom, page = {}) => listAccountHistory(core, actor, whom, page),
  })
}
