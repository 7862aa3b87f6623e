import type { AccountRecord } from '../port/account-record.ts'
import type { UserRow } from '../port/tables.ts'
import type { Write } from '../port/write.ts'
import type { Unit } from '../runtime/core.ts'
import type { Remembered } from '../runtime/once.ts'
import type { Permit } from '../runtime/permit.ts'
import { type Actor, isSelf } from '../site/actor.ts'
import type { Context } from '../site/context.ts'
import type { DerivedFields } from '../site/host.ts'
import type { Checked } from '../values/checked.ts'
import { UserCoreError } from '../values/errors.ts'
import type { Issue } from '../values/issues.ts'
import type { JsonObject } from '../values/json.ts'
import type { AccountPatch } from './account.ts'
import { accountChange } from './account-change.ts'
import { accountDocument } from './account-document.ts'
import { type AccountChange, type ChangeRequest, changeAccount } from './change-account.ts'
import { finishEmailChange, requestEmailChange } from './email-change.ts'
import type { EmailRequest } from './email-claims.ts'
import type { ExtendedProfileChange } from './extended-profile/change-extended-profile.ts'
import type { ExtendedProfileEdit } from './extended-profile/edit.ts'
import type { ChangedBy } from './history.ts'
import type { UpdateResult } from './operations/update-account.ts'
import { readingOf } from './visibility.ts'

/** A change of an account, in whatever form it came. */
export interface UpdateRequest {
  readonly patch: AccountPatch
  /** Makes the edit of the extended profile out of the stored document of the actor's section; left out: it stays. */
  readonly extendedProfileEdit?: (stored: JsonObject, context: Context) => Checked<ExtendedProfileEdit>
  /** Columns of the person that are set as well; checked already. */
  readonly identity?: Partial<UserRow>
  /** The reasons that the history of the account gives. */
  readonly reasons?: ChangedBy['reasons']
  /** The issues that were found on the way here. */
  readonly issues: readonly Issue[]
  readonly unknownFields: 'ignore' | 'reject'
}

/** The facts for a decision beside the account and the request: those of storage, of the host and of its schemas. */
export interface UpdateFacts {
  /** The change, checked. */
  readonly change: AccountChange
  /** The accounts that get mail about a request for an address, if it is taken. */
  readonly holders: readonly AccountRecord[]
  /** The writes that a request for an address stands or falls with. */
  readonly guards: readonly Write[]
  /** The outcome for the extended profile, where the patch has one. */
  readonly extendedProfile: Checked<ExtendedProfileChange> | undefined
  /** The fields that the host derives, for the document in the result. */
  readonly derived: DerivedFields | undefined
  /** The permit to store something of the person, and of those who get mail. */
  readonly permit: Permit
}

/** The members of a result that are remembered under an idempotency key: the others tell values, or names of a person. */
export type UpdateReference = Pick<UpdateResult, 'version' | 'requested' | 'withdrawn'>

/** Applies a change to an account, as it was loaded. Throws `account_validation_error` with every issue at once. */
export function checkUpdate(
  before: AccountRecord,
  { patch, issues, unknownFields }: UpdateRequest,
  { hostIssues, ...known }: Omit<ChangeRequest, 'unknownFields'>,
  context: Context,
): AccountChange {
  const checked = changeAccount(
    before,
    patch,
    { ...known, hostIssues: [...issues, ...hostIssues], unknownFields },
    context,
  )
  if ('value' in checked) return checked.value
  throw new UserCoreError('account_validation_error', { issues: checked.issues, translate: context.translate })
}

/**
 * Returns all that is to be written for a change of one account that was checked. Waits for nothing: `gatherUpdate` has
 * asked storage and the host.
 */
export function decideUpdate(
  actor: Actor,
  before: AccountRecord,
  request: UpdateRequest,
  facts: UpdateFacts,
  context: Context,
): Unit<unknown, UpdateResult> & { readonly remembered: Remembered } {
  const { identity, reasons } = request
  const { change, extendedProfile } = facts
  const { emailRequests, ignored } = change
  const after = { ...change.after, user: { ...change.after.user, ...identity } }
  const by = { changed_by: isSelf(actor, before.user) ? before.user.id : null, ...(reasons && { reasons }) }
  const { writes, changes } = accountChange(before, after, by, context)
  const version = before.profile?.version ?? 0
  const { unconfigured, overruled } =
    extendedProfile !== undefined && 'value' in extendedProfile ? extendedProfile.value : noFields
  const reference = {
    version: writes.length > 0 ? version + 1 : version,
    requested: emailRequests.filter((asked) => 'wanted' in asked).map(fieldOfRequest),
    withdrawn: emailRequests.filter((asked) => 'withdrawn' in asked && asked.withdrawn).map(fieldOfRequest),
  } satisfies UpdateReference
  return {
    permit: facts.permit,
    writes: [
      ...writes,
      ...facts.guards,
      ...emailRequests.flatMap((asked) => emailWrites(before, asked, facts, context)),
    ],
    result: {
      account: accountDocument(after, readingOf(actor, {}, context.settings), context, facts.derived),
      ...reference,
      changes,
      ignored,
      unconfigured,
      overruled,
      replayed: false,
    },
    remembered: { user_id: before.user.id, reference },
  }
}

/** Stores a request for an address, or takes back one that is withdrawn. */
function emailWrites(
  { user }: AccountRecord,
  request: EmailRequest,
  { holders }: UpdateFacts,
  context: Context,
): Write[] {
  if ('wanted' in request) return requestEmailChange(user, request, holders, context)
  return request.withdrawn === undefined ? [] : finishEmailChange(request.withdrawn)
}

const fieldOfRequest = ({ kind }: EmailRequest) => (kind === 'primary' ? 'email' : 'secondary_email')

const noFields = { unconfigured: [], overruled: [] }
