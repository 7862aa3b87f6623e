import type { AccountRecord } from '../../port/account-record.ts'
import { ownPart } from '../../port/owners.ts'
import type { UserId, UserRow } from '../../port/tables.ts'
import { requireTrustedCode } from '../../runtime/authorize.ts'
import {
  type Attempt,
  type Core,
  contextOf,
  refusal,
  reportingAs,
  requireWithinBudget,
  untilSaved,
} from '../../runtime/core.ts'
import { type OnceOptions, onceUnder, type Remember, type Replayable, underKey } from '../../runtime/once.ts'
import { issuesOfReadOnly, readOnlyFor } from '../../runtime/read-only.ts'
import { type Actor, isSystem } from '../../site/actor.ts'
import type { Context } from '../../site/context.ts'
import type { ExtendedFields, NoFields } from '../../site/define-extended-profile.ts'
import { badArgument } from '../../values/arguments.ts'
import { UserCoreError } from '../../values/errors.ts'
import { instantOf } from '../../values/instant.ts'
import { type Issue, pointerTo } from '../../values/issues.ts'
import { isPlainObject } from '../../values/json.ts'
import { identifierKey } from '../../values/text.ts'
import type { AccountPatch } from '../account.ts'
import { accountWrites } from '../account-writes.ts'
import { activationWrites } from '../activation.ts'
import { type ChangeRequest, changeAccount, isEditable } from '../change-account.ts'
import { changeExtendedProfile } from '../extended-profile/change-extended-profile.ts'
import { readEdit } from '../extended-profile/edit.ts'
import { fieldHistoryWrites } from '../extended-profile/field-history.ts'
import { normalizePassword, withoutPassword } from '../fields/password.ts'
import { takeUsernameWrites } from '../former-usernames.ts'
import { newUser, recordOf } from '../new-record.ts'
import { claimableNames, registrationIssues } from '../registration-values.ts'
import { isReservedUsername } from '../reserved-usernames.ts'
import { fieldSearchWrites } from '../search-values.ts'
import { hostFieldIssues } from './ask-check-field.ts'
import { loadClaims } from './load-claims.ts'

/** The values of a new account. */
export interface NewAccount<Fields extends ExtendedFields = NoFields> {
  /**
   * 2 to 30 characters: ASCII letters, digits, `_` and `-`; more with the setting `enable_unicode_usernames`. Left out
   * where people are called by their ids.
   */
  readonly username?: string
  /** 3 to 254 characters. */
  readonly email: string
  /** 1 to 255 characters, without `<`, `>` and `://`. */
  readonly name: string
  /** Handed to the `credentials` hook; without one the account has no password. */
  readonly password?: string
  /** Further fields, under the rules of a patch. */
  readonly profile?: Omit<AccountPatch<Fields>, 'name' | 'email' | 'secondary_email'>
}

/** Options of a new account. */
export interface CreateOptions extends OnceOptions {
  /** Whether the e-mail address counts as confirmed; only trusted code may say so. Default false. */
  readonly active?: boolean
}

/** The person who was created; of a replay as they are named now. */
export interface CreateResult extends Replayable {
  readonly id: UserId
  readonly username: string
}

export async function createAccount(
  core: Core,
  actor: Actor,
  account: NewAccount,
  options: CreateOptions,
): Promise<CreateResult> {
  if (!isPlainObject(account)) throw badArgument('account', 'an object')
  if (account.profile !== undefined && !isPlainObject(account.profile)) throw badArgument('profile', 'an object')
  requireWithinBudget(account, core)
  const { active = false, idempotencyKey: key } = options
  if (active) requireTrustedCode(actor)
  const context = contextOf(core)
  const once = onceUnder<CreateResult>(
    core,
    { key, operation: 'accounts.create', actor, input: { account: withoutPassword(account), active } },
    ({ user: { id, username } }) => ({ id, username, replayed: true }),
    context,
  )
  const attempt = () =>
    underKey<CreateResult, Attempt<CreateResult>>(
      core,
      once,
      (result) => ({ result }),
      (remember) => tryCreate(core, actor, account, active, remember, context),
    )
  return reportingAs('account_update_error', () => untilSaved(attempt))
}

async function tryCreate(
  core: Core,
  actor: Actor,
  account: NewAccount,
  active: boolean,
  remember: Remember,
  context: Context,
): Promise<Attempt<CreateResult>> {
  const { username, email, name, password, profile = {} } = account
  const hasIdsAsNames = core.repository.usernames === 'ids'
  const user = newUser(
    hasIdsAsNames ? '' : textOrNothing(username),
    textOrNothing(email),
    active,
    instantOf(context.now),
  )
  // Addresses come with the account itself.
  const misplaced = ['email', 'secondary_email'].filter((field) => Object.hasOwn(profile, field))
  // Everything but the id is known before the account is stored; any id does for finding the issues.
  const unnumbered = recordOf({ ...user, id: 0 })
  const { extended_profile = {} } = profile
  const isReadOnly = readOnlyFor(core, actor, { username: user.username })
  const names = hasIdsAsNames ? { email } : { username, email }
  const extendedProfile = await changeExtendedProfile(
    unnumbered,
    {
      owner: ownPart,
      isNew: true,
      edit: (stored) => readEdit(extended_profile, stored, context),
      isReadOnly,
    },
    context,
  )
  const request: ChangeRequest = {
    emails: { claims: [], pending: [] },
    extendedProfile,
    hostIssues: [
      ...misplaced.map((field) => ({ pointer: pointerTo('', field), code: 'unknown_field' }) as const),
      ...(hasIdsAsNames && username !== undefined ? [{ pointer: '/username', code: 'unknown_field' } as const] : []),
      ...(await issuesOfReadOnly(isReadOnly, Object.keys(profile).filter(isEditable))),
      ...(await hostFieldIssues(core, { username: user.username }, { ...profile, ...names, name }, context)),
    ],
    unknownFields: 'reject',
  }
  const patch = { ...profile, name: name ?? null, extended_profile }
  const fill = (blank: AccountRecord) => changeAccount(blank, patch, request, context)
  const trial = fill(unnumbered)
  const issues: Issue[] = 'issues' in trial ? [...trial.issues] : []
  const claims = await loadClaims(core, claimableNames(names, core.settings))
  const taken = {
    username: claims.usernames.size > 0,
    reserved: !isSystem(actor) && isReservedUsername(user.username, core.settings),
    email: claims.emails.length > 0,
  }
  const values = { ...names, ...(password === undefined ? {} : { password }) }
  issues.push(...registrationIssues(values, taken, core.settings))
  if (issues.length > 0) throw refusal('account_validation_error', issues, core)

  const { credentials } = core.host
  if (password !== undefined && credentials === undefined)
    throw new UserCoreError('config_error', { params: { hook: 'credentials' } })
  const named = (id: UserId): UserRow => ({ ...user, id, ...(hasIdsAsNames ? nameOfId(id) : {}) })
  const id = await core.repository.insertUser(
    user,
    (id) => {
      const blank = recordOf(named(id))
      const filled = fill(blank)
      return [
        ...remember({ user_id: id, reference: {} }),
        ...('value' in filled
          ? [
              ...accountWrites(blank, filled.value.after),
              ...fieldSearchWrites(blank, filled.value.after, context),
              ...fieldHistoryWrites(blank, filled.value.after, id, context),
            ]
          : []),
        ...(hasIdsAsNames ? [] : takeUsernameWrites(id, user.username, context)),
        ...(active ? [] : activationWrites(blank.user, context)),
      ]
    },
    async (transaction, id) => {
      const normalized = password === undefined ? undefined : normalizePassword(password, core.settings)
      if (normalized !== undefined)
        await credentials?.set({ id, username: named(id).username }, normalized, transaction)
    },
  )
  if (id !== undefined) return { result: { id, username: named(id).username, replayed: false } }
  return { stopped: [{ insert: 'users', rows: [unnumbered.user] }] }
}

/** Returns the username of a person on a site whose usernames are ids. */
function nameOfId(id: UserId): Pick<UserRow, 'username' | 'username_key'> {
  return { username: String(id), username_key: identifierKey(String(id)) }
}

/** Returns a text as it is, and `''` for any other value, which the rules refuse later. */
function textOrNothing(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
