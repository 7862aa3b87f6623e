import type { OutboxRow, UserId } from '../port/tables.ts'
import type { Context } from '../site/context.ts'
import { type Instant, instantOf } from '../values/instant.ts'
import type { ToldChange } from './told-change.ts'

/** The payload of a mail that asks its reader to confirm something with a key. The key is stored nowhere else. */
export type KeyMail = {
  /** The address to send the mail to. */
  readonly to: string
  /** The username of the account. */
  readonly username: string
  /** The secret to put into the link of the mail. Never log it. */
  readonly key: string
  /** The moment from which the key no longer works. */
  readonly expires_at: Instant
}

/** The payload of a mail that informs its reader. */
export type InformingMail = {
  /** The address to send the mail to. */
  readonly to: string
  /** The username of the account. */
  readonly username: string
}

/** The payload of a message that needs no facts beside its name. */
export type EmptyPayload = { readonly [name: string]: never }

/** The names that a person has after the retirement. */
export type RetiredNames = {
  /** The username that takes the place of the original one. */
  readonly retired_username: string
  /** The address that takes the place of the original one. */
  readonly retired_email: string
}

/** Mails to send to a person, by name. The host writes the text. */
export interface MailPayloads {
  /** After `accounts.create` without `active`, `accounts.requestActivation`, a new address of an inactive account, and a cancelled retirement of one. The link leads to a page that calls `accounts.activate`. */
  readonly activation: KeyMail
  /** After a change of `email` was asked for: to the new address. The link leads to a page that calls `accounts.confirmEmailChange`. */
  readonly email_change_confirmation: KeyMail
  /** After a change of `secondary_email` was asked for: to the new address. The link leads to a page that calls `accounts.confirmSecondaryEmail`. */
  readonly secondary_email_confirmation: KeyMail
  /** After another person asked for an address that is in use: to its holder, who may have forgotten the account. It must not name the other person. */
  readonly email_already_in_use: InformingMail
  /** After an address was changed: one mail to the old address and one to the new one, so that a theft is noticed. */
  readonly email_changed: InformingMail
  /** After a person asked for the retirement: to the address that the account had. It says how to cancel. */
  readonly retirement_requested: InformingMail & {
    /** The full name that the account had. */
    readonly full_name: string
  }
}

/** Changes that have happened, by name. The host passes them on to whatever listens, or drops them. */
export interface EventPayloads {
  /** After any change of an account, its extended profile and its addresses included. */
  readonly 'account.changed': {
    /** One entry for each field; those of the extended profile are named `extended_profile.<name>`. */
    readonly changes: readonly ToldChange[]
  }
  /** After the key of an activation mail was used. */
  readonly 'account.activated': {
    /** The moment of the activation. */
    readonly activated_at: string
  }
  /** After an operator deactivated an account or disabled its log-in: end the sessions of the person. */
  readonly 'account.deactivated': {
    /** The code that `accounts.deactivate` was given. */
    readonly reason?: string
    /** The moment from which the person may log in again; null: none is set. Only with a reason. */
    readonly until?: string | null
  }
  /** After an operator ended the deactivation of an account. */
  readonly 'account.reactivated': EmptyPayload
  /** After preferences were set, changed or deleted. */
  readonly 'preferences.changed': {
    /** One entry for each key. */
    readonly changes: readonly ToldChange[]
    /** The organisation in whose scope they changed. */
    readonly org?: string
    /** The course in whose scope they changed. */
    readonly course_id?: string
  }
  /** After the choice about the mails of an organisation changed, by the person or in bulk. */
  readonly 'email_opt_in.changed': {
    /** The organisation. */
    readonly org: string
    /** True when the organisation may write to the person. */
    readonly opt_in: boolean
  }
  /** After a person was put into a group of a partition for the first time. */
  readonly 'partition.assigned': {
    /** The course. */
    readonly course_id: string
    /** The group that was drawn. */
    readonly group_id: number
    /** Its name. */
    readonly group_name: string
    /** The partition that the group belongs to. */
    readonly partition_id: number
    /** Its name. */
    readonly partition_name: string
  }
  /** After a retirement was requested, by the person or for them. */
  readonly 'retirement.requested': EmptyPayload
  /** After a retirement got into another state. */
  readonly 'retirement.moved': {
    /** The state before. */
    readonly from: string
    /** The state after. */
    readonly to: string
    /** True for a move that the pipeline does not allow. */
    readonly forced: boolean
  }
  /** After a retirement was cancelled: the person can log in again once they have a new password. */
  readonly 'retirement.cancelled': EmptyPayload
  /** After what a completed retirement still held was erased. */
  readonly 'retirement.cleaned_up': EmptyPayload
  /** After receipts were sealed: the end of their chain, to be kept elsewhere. Its `user_id` is no person: 0, or the UUID of zeros. */
  readonly 'retirement.receipt': {
    /** The number of the last receipt. */
    readonly sequence: number
    /** Its hash. */
    readonly hash: string
  }
}

/** Work for the host, by name. These outlive the erasure of the person: they hold nothing that the person said. */
export interface NotificationPayloads {
  /** In the step `misc` of a retirement: delete what the host keeps of the person by their account. */
  readonly retire_misc: RetiredNames
  /** In the step `misc` of a retirement: take the person off all mailing lists. */
  readonly retire_mailings: RetiredNames
  /** In the step `account` of a retirement, with the erasure of the account: replace the names that the host keeps, and end sessions. */
  readonly retire_account: RetiredNames
  /** After an image was removed, or its account erased: delete these files. */
  readonly 'profile_image.removed': {
    /** Names of the files, in every size that was ever given out. */
    readonly names: readonly string[]
  }
  /** After `retired.rehash`, `retired.rewrap` or `retired.releaseEmail` gave a retired account another name: replace it wherever the host keeps it. */
  readonly 'retired_identifier.changed': {
    /** The name that changed, of the two. */
    readonly kind: 'username' | 'email'
    /** The retired name before. */
    readonly old: string
    /** The retired name after. */
    readonly new: string
  }
  /** After the person asked for the address of a retired account: tell an operator, who may call `retired.releaseEmail`. */
  readonly retired_email_wanted: EmptyPayload
}

/** The payload of every message, by kind and name. */
export interface MessagePayloads {
  /** To be sent to a person. */
  readonly mail: MailPayloads
  /** A change that has happened. */
  readonly event: EventPayloads
  /** Work for the host. */
  readonly notification: NotificationPayloads
}

/** The parts that all messages have. */
export interface MessageOf<Kind extends OutboxRow['kind'], Name extends string, Payload> {
  /** A UUID v7 that stays the same when the message comes again. */
  readonly id: string
  /** `mail`: to be sent to a person. `event`: a change that has happened. `notification`: work for the host. */
  readonly kind: Kind
  /** The name of the message, unique among all kinds. */
  readonly name: Name
  /** The person whom the message concerns; for a mail, the holder of the account. */
  readonly user_id: UserId
  /** The facts that go with the name. */
  readonly payload: Payload
  /** The moment of the change that the message tells of. */
  readonly created_at: Instant
}

/**
 * A message in the outbox: a mail to send, an event to pass on or work to do, told apart by `kind` and `name`.
 *
 * A later version can add names: a handler does best to have a `default` that logs the name.
 */
export type OutboxMessage = {
  [Kind in keyof MessagePayloads]: {
    [Name in keyof MessagePayloads[Kind] & string]: MessageOf<Kind, Name, MessagePayloads[Kind][Name]>
  }[keyof MessagePayloads[Kind] & string]
}[keyof MessagePayloads]

/** Makes a message for the host, to be stored with the change that it tells of. */
export function message<Kind extends keyof MessagePayloads, Name extends keyof MessagePayloads[Kind] & string>(
  kind: Kind,
  name: Name,
  user_id: UserId,
  payload: MessagePayloads[Kind][Name] & OutboxRow['payload'],
  context: Pick<Context, 'ids' | 'now'>,
): OutboxRow {
  return {
    id: context.ids(),
    kind,
    name,
    user_id,
    payload,
    created_at: instantOf(context.now),
    leased_until: null,
    lease: null,
    attempts: 0,
    next_attempt_at: null,
    dead_at: null,
  }
}

/**
 * Returns a row as the message that it holds.
 *
 * The type is asserted, not checked: rows are written by `message` alone, which the compiler holds to the payloads
 * above, and a check here would keep back a message of another version for ever.
 */
export function messageOf({ id, kind, name, user_id, payload, created_at }: OutboxRow): OutboxMessage {
  return { id, kind, name, user_id, payload, created_at } as OutboxMessage
}
