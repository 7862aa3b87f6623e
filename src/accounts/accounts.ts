import type { JsonPatchOperation } from '../patch/json-patch.ts'
import type { UserId } from '../port/tables.ts'
import { checkedOperations } from '../runtime/checked-operations.ts'
import { type Core, contextOf } from '../runtime/core.ts'
import { loadAccount } from '../runtime/load-account.ts'
import type { Actor } from '../site/actor.ts'
import type { ExtendedFields, NoFields } from '../site/define-extended-profile.ts'
import type { AccountDocument, AccountPatch } from './account.ts'
import { age, type ConsentOptions, requiresParentalConsent } from './age.ts'
import { accountArguments } from './arguments.ts'
import { profileImageUrls, uploadedImage } from './fields/profile-image.ts'
import { type ActivateResult, activateAccount } from './operations/activate-account.ts'
import { confirmNameChange, requestNameChange } from './operations/change-name.ts'
import { confirmEmailChange, confirmSecondaryEmail } from './operations/confirm-email.ts'
import { type CreateOptions, type CreateResult, createAccount, type NewAccount } from './operations/create-account.ts'
import { dropPendingChanges } from './operations/drop-pending-changes.ts'
import {
  getAccountByEmail,
  getAccountById,
  getAccounts,
  getOwnNames,
  getVersionedAccount,
  searchByEmail,
  type VersionedAccount,
} from './operations/get-accounts.ts'
import { type AccountModification, modifyAccount } from './operations/modify-account.ts'
import { nameProfileImage } from './operations/name-profile-image.ts'
import { checkAccountPassword, deactivateAccount } from './operations/passwords.ts'
import { patchAccount } from './operations/patch-account.ts'
import { releaseUsername } from './operations/release-username.ts'
import { type ReplaceUsernamesResult, replaceUsernames, type UsernameMapping } from './operations/replace-usernames.ts'
import { requestActivation } from './operations/request-activation.ts'
import { type ProfileImageState, setProfileImage } from './operations/set-profile-image.ts'
import { type UpdateOptions, type UpdateResult, updateAccount } from './operations/update-account.ts'
import { validateValues } from './operations/validate-values.ts'
import type { Decision, RegistrationValues } from './registration-values.ts'
import type { GetOptions } from './visibility.ts'

/**
 * Account profiles.
 *
 * Every operation throws a `UserCoreError`. Besides the codes it names, any can throw `not_authenticated` when nobody is
 * logged in, `bad_request` for an argument that is not what its type says, and `internal_error` (storage or a hook
 * failed; see `cause`). Those that write a field which the site or its hook `isReadOnly` keeps from the actor throw
 * `account_validation_error` with code `read_only` at it, trusted code not excepted.
 */
export interface Accounts<Fields extends ExtendedFields = NoFields> {
  /**
   * The accounts with these usernames, in this order, each as the actor may see it. Unknown names are left out, names
   * given twice count once; letter case is ignored. Without usernames: the actor's own account. Any number of accounts
   * costs the same number of statements.
   *
   * Throws `user_not_found` when there is none of them. Source: Open edX, `get_account_settings`.
   */
  get(actor: Actor, usernames?: readonly string[] | null, options?: GetOptions): Promise<AccountDocument[]>

  /**
   * One account with its version, for `expectedVersion` or an entity tag. Without username: the actor's own.
   *
   * Throws `user_not_found`.
   */
  getVersioned(actor: Actor, username?: string | null, options?: GetOptions): Promise<VersionedAccount>

  /**
   * The account with this e-mail address, for staff and superusers. Addresses are compared as `identifierKey` does: what
   * was typed can find an account whose address is spelt in another way. Send mail to the address of the account, never
   * to the one that was typed.
   *
   * Throws `not_authorized`; `user_not_found`; `not_found` for an address that was retired, with `params`
   * `can_cancel_retirement` and `retirement_id`: the retirement that is still within its cool-off, if any.
   */
  getByEmail(actor: Actor, email: string, options?: GetOptions): Promise<AccountDocument>

  /**
   * The account with this id, for staff and superusers. An id may come as text.
   *
   * Throws `not_authorized`; `bad_request` when it is no id; `user_not_found`.
   */
  getById(actor: Actor, id: UserId, options?: GetOptions): Promise<AccountDocument>

  /**
   * The id and the username that the person who acts has now.
   *
   * Throws `bad_request` for trusted code; `user_not_found` for a person without an account here.
   */
  me(actor: Actor): Promise<{ readonly id: UserId; readonly username: string }>

  /**
   * Which of some e-mail addresses belong to accounts, for staff. Unknown and retired ones are left out. The addresses of
   * the answer are those of the accounts, which can be spelt in another way: send mail to these alone.
   *
   * Throws `not_authorized`; `bad_request` when `emails` is no list.
   */
  searchByEmail(
    actor: Actor,
    emails: readonly string[],
  ): Promise<{ readonly email: string; readonly id: UserId; readonly username: string }[]>

  /**
   * Changes an account by a merge patch; only its holder (and trusted code) may. Without username: the actor's own.
   *
   * All or nothing: fields, lists, extended profile, privacy, history, mails and events are stored together, or the
   * call throws and nothing is. Parallel changes of different fields are all kept, also those of different names in
   * the extended profile; of the same field the last one counts. E-mail addresses change when they are confirmed. An
   * address of another person looks accepted; that person gets the mail `email_already_in_use`, and no key is sent.
   *
   * Throws `not_authorized`; `user_not_found`; `account_validation_error` with every field error at once;
   * `conflict` when `expectedVersion` does not hold, or when what waits for the person was ended while the call asked for
   * an address (`params.reason` is `ended_meanwhile`); `rate_limited`; `account_update_error` when addresses cannot be
   * changed or storing failed. Source: RFC 7396 for the meaning of absent and null members; Open edX,
   * `update_account_settings`, for the rules of each field.
   */
  update(
    actor: Actor,
    username: string | null | undefined,
    patch: AccountPatch<Fields>,
    options?: UpdateOptions,
  ): Promise<UpdateResult>

  /**
   * Changes an account by a JSON Patch of the document that the actor sees, in which `extended_profile` is an object:
   * `{ "occupation": … }`, without the fields that are not stored. Operations test, copy and move only what is in that
   * document; `test` makes one request both guard and change. What differs in the end goes through the same rules as
   * in `update`: a field that was removed is cleared, one that never changes by a patch or is no field is refused.
   *
   * Throws what `update` throws, and `patch_error` when an operation cannot be done or a test fails, with a pointer to
   * the operation. Source: RFC 6902.
   */
  patch(
    actor: Actor,
    username: string | null | undefined,
    operations: readonly JsonPatchOperation[],
    options?: Pick<UpdateOptions, 'expectedVersion'>,
  ): Promise<UpdateResult>

  /**
   * Decides about values of a registration form: whether each could be used and, if not, why. Names that it does not
   * know get no entry. `only` limits the answer, not what a value is compared with.
   *
   * Anybody may ask, so limit how often: the answer tells whether a username or an address is taken.
   */
  validate(
    values: RegistrationValues,
    options?: { readonly only?: keyof RegistrationValues },
  ): Promise<Record<string, Decision>>

  /**
   * Creates an account with a profile. It stays inactive until `activate`; the key for that leaves as the mail
   * `activation` through the outbox.
   *
   * Throws `account_validation_error`, with code `conflict` at `username` or `email` for what is taken or was retired,
   * and `reserved_name` for a username that only trusted code can give (setting `reserved_usernames`);
   * `config_error` when there is a password but no `credentials` hook; `not_authorized` when somebody else than
   * trusted code asks for an active account.
   */
  create(actor: Actor, account: NewAccount<Fields>, options?: CreateOptions): Promise<CreateResult>

  /**
   * Changes what people cannot change themselves, beside fields of a patch, for an operator of the site: the address
   * changes at once, without a confirmation; the old and the new one hear of it. Addresses that wait for a confirmation end
   * with an address, all that waits with a password and with `is_active: false`. An account that waits for its activation
   * gets another key at another address.
   * All or nothing. Only trusted code may: who counts as an operator is the host's decision.
   *
   * Throws `account_validation_error` with every field error at once, code `conflict` at `email` for what is taken or was
   * retired; `user_not_found`, also for people whose retirement was asked for; `config_error` when there is a password
   * but no `credentials` hook. Source: Open edX, `UserModifyView`.
   */
  modify(actor: Actor, username: string, modification: AccountModification<Fields>): Promise<UpdateResult>

  /**
   * Confirms the e-mail address of a new account. The key works once, before it expires, while the account has the
   * address that it was mailed to, and not for another person who is logged in. It ends when an operator sets another
   * address or password or locks the account, with `deactivate`, `dropPendingChanges` and a request for retirement.
   *
   * Throws `not_found` for a key that is unknown, used, expired or ended; `not_authorized`.
   */
  activate(actor: Actor, key: string): Promise<ActivateResult>

  /**
   * Sends another activation key to an account that waits for its activation, at its stored address; the key before
   * works no more. For any caller: the answer and the number of statements are the same whether there is such an
   * account or not, whether it waits, and whether it was sent too many keys (setting `activation_rate_limit`). Accounts
   * that were activated once, or were locked by an operator, get none.
   */
  requestActivation(email: string): Promise<void>

  /**
   * Ends all that waits for a person: the keys that were mailed for another address or an activation, and a name that
   * waits for approval. What calls under way ask for ends as well. For the person, staff and trusted code. A host that changes a password or an address itself
   * calls it with that change (`users.with(trx)`), so that no one gets the account back with an earlier key.
   *
   * Throws `not_authorized`; `user_not_found`.
   */
  dropPendingChanges(actor: Actor, username: string): Promise<void>

  /**
   * Locks somebody out: their password and sessions end through the `credentials` hook, and all that waits for
   * them ends, as in `dropPendingChanges`; data stays. No activation key is sent to them any more. Needs the right
   * `deactivate_user`. Answers the account as the actor may see it.
   *
   * Throws `not_authorized`; `user_not_found`; `config_error` without the hook.
   */
  deactivate(actor: Actor, username: string): Promise<AccountDocument>

  /**
   * Tells whether a password is the person's; composed and decomposed spellings are the same. For the host's log-in.
   *
   * Throws `user_not_found`; `config_error` without the `credentials` hook.
   */
  checkPassword(username: string, password: string): Promise<boolean>

  /**
   * Makes the address that was asked for the account's own. Whoever has the key may call it, once, before it expires.
   *
   * Throws `not_found` for a key that is unknown, used or expired; `conflict` when somebody took the address meanwhile.
   */
  confirmEmailChange(key: string): Promise<void>

  /** The same for the secondary address. */
  confirmSecondaryEmail(key: string): Promise<void>

  /**
   * Asks for another name, to be approved by staff. A new request takes the place of the one before. While one waits,
   * null and the present name withdraw it; then `request_id` is null.
   *
   * Throws `account_validation_error` at `name`; `user_not_found`; `conflict` when what waits for the person was ended
   * meanwhile, as for addresses in `update`.
   */
  requestNameChange(actor: Actor, name: string | null): Promise<{ readonly request_id: string | null }>

  /**
   * Approves the name that a person asked for. With `requestId` only that request, so that nobody approves another
   * name than the one they saw. Only staff (superusers without the flag may not).
   *
   * Throws `not_authorized`; `user_not_found`; `not_found` when nothing waits; `conflict` for another request.
   */
  confirmNameChange(actor: Actor, username: string, options?: { readonly requestId?: string }): Promise<void>

  /**
   * Gives many people other usernames, each in its own transaction; a wanted name that is taken, was retired, or is
   * reserved for trusted code, gets a random end. The replaced name stays reserved, for its person alone to get back, until
   * `releaseUsername`: sessions that name people by it reach nobody. Only the account of the setting `username_replacement_worker` (and trusted code) may.
   *
   * Throws `not_authorized`; `bad_request` unless every mapping has exactly one member, whose value can be stored as a
   * username (up to 150 characters; the form of new usernames does not matter).
   */
  replaceUsernames(actor: Actor, mappings: readonly UsernameMapping[]): Promise<ReplaceUsernamesResult>

  /**
   * Lets a username be taken again that `replaceUsernames` replaced, also one of somebody who was erased since. Release it
   * once no session, token or cache names anybody by it: what still does reaches whoever takes it. Those who may replace
   * usernames may.
   *
   * Throws `not_authorized`; `not_found` for a username that is not reserved in this way.
   */
  releaseUsername(actor: Actor, username: string): Promise<void>

  /** Age in whole years by year of birth alone; null where it is unknown. Throws `user_not_found`. */
  age(username: string): Promise<number | null>

  /** Tells whether a person is too young to decide alone. Throws `user_not_found`. */
  requiresParentalConsent(username: string, options?: ConsentOptions): Promise<boolean>

  /**
   * Names for the files of a person's profile image, by edge in pixels: to store them under before `setProfileImage` says
   * that they are there. They are drawn when they are first asked for, and stay the same when the person is called
   * otherwise; after the removal of an image they can be others. Throws `user_not_found`; `config_error` for names that
   * need the setting `profile_image_hash_seed` where it is not set.
   */
  profileImageNames(username: string): Promise<Record<number, string>>

  /** Addresses of a person's profile image, by name of the size. Throws `user_not_found`; `config_error` as above. */
  profileImageUrls(username: string): Promise<Record<string, string>>

  /**
   * Says whether a person has a profile image; the host keeps the files. When it is gone, the notification
   * `profile_image.removed` names the files to delete. For the holder, staff and trusted code.
   *
   * Throws `not_authorized`; `user_not_found`, also for a person without a profile.
   */
  setProfileImage(actor: Actor, username: string, state: ProfileImageState): Promise<void>
}

export function accountOperations<Transaction, Fields extends ExtendedFields>(
  core: Core<Transaction>,
): Accounts<Fields> {
  return checkedOperations<Accounts<Fields>>(core, 'accounts', accountArguments, {
    get: (actor, usernames, options = {}) => getAccounts(core, actor, usernames, options),
    getVersioned: (actor, username, options = {}) => getVersionedAccount(core, actor, username, options),
    getByEmail: (actor, email, options = {}) => getAccountByEmail(core, actor, email, options),
    getById: (actor, id, options = {}) => getAccountById(core, actor, id, options),
    me: (actor) => getOwnNames(core, actor),
    searchByEmail: (actor, emails) => searchByEmail(core, actor, emails),
    update: (actor, username, patch, options = {}) =>
      // Inside, the fields of one site do not matter; the interface above keeps them.
      updateAccount(core, actor, username, patch as unknown as AccountPatch, options),
    patch: (actor, username, operations, options = {}) => patchAccount(core, actor, username, operations, options),
    validate: (values, options = {}) => validateValues(core, values, options),
    create: (actor, account, options = {}) => createAccount(core, actor, account as NewAccount, options),
    modify: (actor, username, modification) =>
      modifyAccount(core, actor, username, modification as AccountModification),
    activate: (actor, key) => activateAccount(core, actor, key),
    requestActivation: (email) => requestActivation(core, email),
    dropPendingChanges: (actor, username) => dropPendingChanges(core, actor, username),
    deactivate: (actor, username) => deactivateAccount(core, actor, username),
    checkPassword: (username, password) => checkAccountPassword(core, username, password),
    confirmEmailChange: (key) => confirmEmailChange(core, key),
    confirmSecondaryEmail: (key) => confirmSecondaryEmail(core, key),
    requestNameChange: (actor, name) => requestNameChange(core, actor, name),
    confirmNameChange: (actor, username, options = {}) => confirmNameChange(core, actor, username, options),
    replaceUsernames: (actor, mappings) => replaceUsernames(core, actor, mappings),
    releaseUsername: (actor, username) => releaseUsername(core, actor, username),
    age: async (username) => age(await yearOfBirth(core, username), contextOf(core).now.getUTCFullYear()),
    requiresParentalConsent: async (username, options = {}) =>
      requiresParentalConsent(await yearOfBirth(core, username), contextOf(core), options),
    profileImageNames: (username) => nameProfileImage(core, username),
    async profileImageUrls(username) {
      return profileImageUrls(uploadedImage(await loadAccount(core, username), core.settings), core.settings)
    },
    setProfileImage: (actor, username, state) => setProfileImage(core, actor, username, state),
  })
}

async function yearOfBirth(core: Core, username: string): Promise<number | null> {
  const { profile } = await loadAccount(core, username)
  return profile?.year_of_birth ?? null
}
