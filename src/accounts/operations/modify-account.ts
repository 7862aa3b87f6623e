import { message } from '../../outbox/messages.ts'
import type { AccountRecord } from '../../port/account-record.ts'
import type { RegistrationRow, UserId, UserRow } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { requireTrustedCode } from '../../runtime/authorize.ts'
import { type Core, contextOf, reportingAs, requireWithinBudget } from '../../runtime/core.ts'
import { loadAccount, userRef } from '../../runtime/load-account.ts'
import { decideOnce, type OnceOptions, onceUnder } from '../../runtime/once.ts'
import { permitToStore, refuseClosed } from '../../runtime/permit.ts'
import type { Actor } from '../../site/actor.ts'
import type { Context } from '../../site/context.ts'
import type { ExtendedFields, NoFields } from '../../site/define-extended-profile.ts'
import type { Whom } from '../../site/whom.ts'
import { badArgument } from '../../values/arguments.ts'
import { UserCoreError } from '../../values/errors.ts'
import { type Issue, pointerTo } from '../../values/issues.ts'
import { isPlainObject } from '../../values/json.ts'
import { identifierKey } from '../../values/text.ts'
import type { AccountPatch } from '../account.ts'
import { decideUpdate, type UpdateRequest } from '../decide-update.ts'
import { readEdit } from '../extended-profile/edit.ts'
import { normalizePassword, withoutPassword } from '../fields/password.ts'
import { endByOperator } from '../pending.ts'
import { registrationIssues } from '../registration-values.ts'
import { gatherUpdate } from './gather-update.ts'
import { guardRequests } from './guard-requests.ts'
import { loadClaims } from './load-claims.ts'
import { requireCredentials } from './passwords.ts'
import { replayUpdate } from './replay-update.ts'
import type { UpdateResult } from './update-account.ts'

/** The changes that an operator makes to an account. Members that are left out stay. */
export interface AccountModification<Fields extends ExtendedFields = NoFields> {
  /** Is the address at once. Null withdraws one that waits for its confirmation. */
  readonly email?: string | null
  /** Takes the second address out, and withdraws one that waits. Others have to be confirmed by the person. */
  readonly secondary_email?: null
  /** Whether the address counts as confirmed. False locks the account: the person cannot activate it again. */
  readonly is_active?: boolean
  /** Handed to the `credentials` hook. */
  readonly password?: string
  /** Further fields, under the rules of a patch. */
  readonly profile?: Omit<AccountPatch<Fields>, 'email' | 'secondary_email'>
}

export async function modifyAccount(
  core: Core,
  actor: Actor,
  whom: Whom,
  modification: AccountModification,
  { idempotencyKey: key }: OnceOptions,
): Promise<UpdateResult> {
  requireTrustedCode(actor)
  if (!isPlainObject(modification)) throw badArgument('modification', 'an object')
  requireWithinBudget(modification, core)
  const { email, secondary_email, is_active, password, profile = {} }: AccountModification = modification
  const credentials = password === undefined ? undefined : requireCredentials(core)
  const context = contextOf(core)
  const once = onceUnder(
    core,
    { key, operation: 'accounts.updateAsOperator', actor, whom, input: withoutPassword(modification) },
    replayUpdate(core, actor, context),
    context,
  )
  return reportingAs('account_update_error', () =>
    decideOnce(core, once, async () => {
      const { user_id, registration } = await loadRegistration(core, whom, modification)
      // Behind the activation key: an activation that comes meanwhile shows in one of the two, or is stopped.
      const [before] = await core.repository.findAccounts({ ids: [user_id] })
      if (before === undefined) throw new UserCoreError('user_not_found')
      const permit = permitToStore(core, actor, [before])
      // A person who is being retired gets no other address: it would outlive them.
      if (before.retirement !== 'none') refuseClosed(actor)
      const { extended_profile } = profile
      const withdrawals = {
        ...(email === null ? { email } : {}),
        ...(secondary_email === null ? { secondary_email } : {}),
      }
      const identity: Partial<UserRow> = {
        ...(email == null ? {} : { email, email_key: identifierKey(String(email)) }),
        ...(is_active === undefined ? {} : { is_active }),
      }
      const request: UpdateRequest = {
        patch: { ...profile, ...withdrawals },
        ...(extended_profile === undefined
          ? {}
          : { extendedProfileEdit: (stored, rules) => readEdit(extended_profile, stored, rules) }),
        identity,
        reasons: { email: 'email_modified' },
        issues: await identityIssues(core, before, modification),
        unknownFields: 'reject',
      }
      const facts = await gatherUpdate(core, actor, before, request, { guard: guardRequests(core), permit }, context)
      const { writes, remembered, result } = decideUpdate(actor, before, request, facts, context)
      const after = { ...before, user: { ...before.user, ...identity } }
      return {
        permit: facts.permit,
        remembered,
        writes: [
          ...writes,
          ...emailWrites(before, after, context),
          ...endByOperator(before.user, after.user, modification, registration, context),
        ],
        ...(password === undefined
          ? {}
          : {
              inside: async (transaction: unknown) => {
                const normalized = normalizePassword(password, core.settings)
                if (normalized !== undefined) await credentials?.set(userRef(before.user), normalized, transaction)
              },
            }),
        result,
      }
    }),
  )
}

/** Loads the id of the person, and the activation key that the change can end. */
async function loadRegistration(
  core: Core,
  whom: Whom,
  { email, is_active, password }: AccountModification,
): Promise<{ readonly user_id: UserId; readonly registration: RegistrationRow | undefined }> {
  const { id: user_id } = (await loadAccount(core, whom)).user
  const endsKey = email != null || is_active !== undefined || password !== undefined
  const [registration] = endsKey ? await core.repository.select('registrations', { user_id }) : []
  return { user_id, registration }
}

/** Returns the issues of the members that no patch can have. */
async function identityIssues(
  core: Core,
  { user }: AccountRecord,
  { email, secondary_email, is_active, password, profile = {} }: AccountModification,
): Promise<Issue[]> {
  // Addresses come with the person.
  const misplaced = ['email', 'secondary_email'].filter((field) => Object.hasOwn(profile, field))
  const { emails: claims } = await loadClaims(core, { emails: typeof email === 'string' ? [email] : [] })
  const taken = {
    username: false,
    reserved: false,
    email: claims.some((claim) => claim.user_id !== user.id || claim.kind !== 'primary'),
  }
  return [
    ...misplaced.map((field): Issue => ({ pointer: pointerTo('', field), code: 'unknown_field' })),
    ...registrationIssues(
      { ...(email == null ? {} : { email }), ...(password === undefined ? {} : { password }) },
      taken,
      core.settings,
    ),
    ...(secondary_email === undefined || secondary_email === null
      ? []
      : [{ pointer: '/secondary_email', code: 'invalid' } as const]),
    ...(is_active === undefined || typeof is_active === 'boolean'
      ? []
      : [{ pointer: '/is_active', code: 'invalid' } as const]),
  ]
}

/** Tells both addresses when an account gets another one. */
function emailWrites(before: AccountRecord, after: AccountRecord, context: Context): Write[] {
  const { id, username, email: old } = before.user
  if (old === after.user.email) return []
  return [
    ...[old, after.user.email].map((to): Write => {
      return { insert: 'outbox', rows: [message('mail', 'email_changed', id, { to, username }, context)] }
    }),
  ]
}
