import type { Instant } from '../values/instant.ts'
import type { JsonObject } from '../values/json.ts'

/** Names a person for good. Integers in tables of our own; a host's own user table may have another type. */
export type UserId = number | string

/** The identity of a person. */
export interface UserRow {
  id: UserId
  username: string
  /** `identifierKey(username)`; unique. */
  username_key: string
  /** The confirmed address. */
  email: string
  /** `identifierKey(email)`; unique. */
  email_key: string
  first_name: string
  last_name: string
  /** False until the e-mail address is confirmed. */
  is_active: boolean
  date_joined: Instant
  last_login: Instant | null
}

/** The fields that a person fills in. A person without a row has no profile. */
export interface ProfileRow {
  user_id: UserId
  /** Counts the changes of the account; every write of it, child rows included, is guarded by it. Starts at 1. */
  version: number
  name: string
  gender: string | null
  year_of_birth: number | null
  level_of_education: string | null
  goals: string | null
  bio: string | null
  country: string | null
  state: string | null
  city: string | null
  /** Kept only for data that was there before; it is no longer written. */
  location: string | null
  mailing_address: string | null
  phone_number: string | null
  /** Null: no image. */
  profile_image_uploaded_at: Instant | null
}

/** A username that a person had, which stays reserved until an operator releases it. */
export interface FormerUsernameRow {
  user_id: UserId
  /** The username as it was spelt; its retired form once the person is erased. */
  username: string
  /** `identifierKey(username)`. */
  username_key: string
  replaced_at: Instant
}

/**
 * The names of the files of a person's profile image. The row stays when the image goes, since copies of the files may
 * still exist.
 */
export interface ProfileImageRow {
  user_id: UserId
  /** The beginning of their names: drawn, or that of an image from before names were drawn. */
  name: string
  /** Every edge in pixels that files were named for, ascending, between blanks. */
  sizes: string
}

/** A language that a person knows. */
export interface LanguageProficiencyRow {
  user_id: UserId
  code: string
}

/** A page of a person on a platform; one per platform. */
export interface SocialLinkRow {
  user_id: UserId
  platform: string
  /** The complete address. */
  social_link: string
}

/** Free-form fields beside the profile, as one JSON document per owner. */
export interface ExtendedProfileRow {
  user_id: UserId
  /** The owner of the section; `user` for the holder. */
  owner: string
  /** JSON text, kept as text so that an unreadable document is neither lost nor changed. */
  document: string
  /** The version of the site's declaration that the document was written in. Starts at 1. */
  schema_version: number
}

/**
 * A value of an account in the form in which lists compare it: see `searchValues`. A copy, stored with each change of the
 * account.
 */
export interface SearchValueRow {
  user_id: UserId
  /** `name`, or `extended_profile.` and the name of a declared field. */
  field: string
  /** At most 255 characters. */
  value: string
}

/** An earlier value of an extended profile field that keeps a history. */
export interface ExtendedProfileHistoryRow {
  /** UUID v7. */
  id: string
  user_id: UserId
  /** The owner of the section that the field was in. */
  owner: string
  field_name: string
  /** `{ value }`, or null where there was none. */
  old_value: JsonObject | null
  /** `{ value }`, or null where it was removed. */
  new_value: JsonObject | null
  /** The person who changed it; null for code, whose name, if it has one, is in `owner`. */
  changed_by: UserId | null
  changed_at: Instant
}

/** One preference of a person. */
export interface PreferenceRow {
  user_id: UserId
  key: string
  /** Null: deleted. The row stays, so that its version goes on counting and a late writer notices. */
  value: string | null
  /** Counts the changes of this preference. Starts at 1. */
  version: number
}

/** A small text kept for a person and an organisation, such as whether they want its e-mail. */
export interface OrgTagRow {
  user_id: UserId
  org: string
  key: string
  /** Null: deleted, as with preferences. */
  value: string | null
  /** Counts the changes of this tag. Starts at 1. */
  version: number
  created_at: Instant
  modified_at: Instant
}

/** A small text kept for a person and a course. */
export interface CourseTagRow {
  user_id: UserId
  course_id: string
  key: string
  /** Null: deleted, as with preferences. */
  value: string | null
  /** Counts the changes of this tag. Starts at 1. */
  version: number
}

/** The confirmation of a new account's e-mail address. */
export interface RegistrationRow {
  user_id: UserId
  /** `hashKey` of the key that was mailed; unique. The key itself is stored nowhere. */
  key_hash: string
  /** `proofHash` of the key and the address that it was mailed to; null: the key has ended. */
  proof_hash: string | null
  /** The key works before this moment; null: it is from before keys expired, and has ended. */
  expires_at: Instant | null
  /** The moment at which the key was used; null: it was not. */
  activated_at: Instant | null
}

/**
 * A time in which a person may not log in, although the account and its address are in order. Of one person at most one
 * row has not ended. Beside `is_active` of the user, which says whether the address is confirmed.
 */
export interface DeactivationRow {
  user_id: UserId
  /** Counts the deactivations of the person, from 1 on. */
  sequence: number
  /** A code, never a text about the person. */
  reason: string
  /** The moment from which the person may log in again; null: the deactivation is to be ended. */
  deactivated_until: Instant | null
  /** The person who deactivated; null for code, and for a person without an account here. */
  deactivated_by: UserId | null
  deactivated_at: Instant
  /** The moment at which it was ended; null: it was not, and counts as over from `deactivated_until` on. */
  ended_at: Instant | null
  /** The person who ended it; null for code, for time, and while it is not ended. */
  ended_by: UserId | null
  /** A code: that of the caller, `replaced` or `expired`; null while it is not ended. */
  end_reason: string | null
}

/**
 * An e-mail address that waits for its confirmation. Once expired it confirms nothing; the row stays until the person
 * asks for another address or withdraws this one, until requests end, as by a lock-out, or until an erasure removes it.
 */
export interface PendingEmailChangeRow {
  user_id: UserId
  /** The one of the person's two addresses that it is to become. */
  kind: 'primary' | 'secondary'
  new_email: string
  /** `hashKey` of the key that was mailed; unique. */
  key_hash: string
  requested_at: Instant
  /** The key works before this moment. */
  expires_at: Instant
}

/**
 * Keeps requests for addresses and names in order with the changes that end them, such as a lock-out. Without a row
 * there was neither yet.
 */
export interface RequestGuardRow {
  user_id: UserId
  /** Drawn anew whenever all requests end; `''`: none was ended yet. */
  ended: string
  /** Requests since then. Guards the row. */
  requests: number
}

/** A name that waits for approval. */
export interface PendingNameChangeRow {
  user_id: UserId
  /** Changes with every request, so that staff approve no other name than the one they saw. */
  request_id: string
  new_name: string
  rationale: string
  requested_at: Instant
}

/** A second address, for people who lost access to the first. */
export interface AccountRecoveryRow {
  user_id: UserId
  secondary_email: string
  /** `identifierKey(secondary_email)`; unique. */
  secondary_email_key: string
  is_active: boolean
}

/** A name or e-mail address that a person had before. */
export interface AccountHistoryRow {
  /** UUID v7. */
  id: string
  user_id: UserId
  field: 'name' | 'email'
  old_value: string
  /** The reason of the change: a code of ours, or the rationale of a name request. */
  reason: string
  /** The person who changed it; null for trusted code, and for a person whose id is not known here. */
  changed_by: UserId | null
  changed_at: Instant
}

/** The number of times that a person did something that is limited. */
export interface RateLimitRow {
  /** The name of the limit. */
  name: string
  /** The person who is limited, by id as text. */
  subject: string
  /** Start of the period that is being counted. */
  period_start: Instant
  /** Times within the period, this one included. Guards the row. */
  hits: number
}

/** A message to the host: recorded with the change that it is about, delivered later, at least once. */
export interface OutboxRow {
  /** UUID v7; the messages of a person are delivered in this order. */
  id: string
  /** `mail`: to be sent to a person. `event`: a change. `notification`: something the host has to do. */
  kind: 'mail' | 'event' | 'notification'
  name: string
  /** The person whom it concerns. */
  user_id: UserId
  payload: JsonObject
  created_at: Instant
  /** The end of the lease under which it is delivered; null: it is under none. */
  leased_until: Instant | null
  /** Names the delivery that holds the lease: the fencing token. */
  lease: string | null
  /** The leases that it was under, but for those in which it was not tried. */
  attempts: number
  /** The moment from which it can be taken: under a lease its end, after a failure that of the next try; null: at once. */
  next_attempt_at: Instant | null
  /** The moment at which it was set aside as a dead letter; null: it waits or is under a lease. */
  dead_at: Instant | null
}

/** A call that was stored under an idempotency key. It says nothing about the person but that they were called upon. */
export interface IdempotencyKeyRow {
  /** SHA-256 of the actor, the person whom the call names, and the key. The key itself is stored nowhere. */
  key_hash: string
  /** The name of the operation, such as `accounts.update`. */
  operation: string
  /** HMAC-SHA-256, under the key, of the operation and its input: tells whether another call is the same. */
  fingerprint: string
  /** The person whom the call changed. Not a reference. */
  user_id: UserId
  /** The facts of the result that storage cannot tell later, such as the version that the call reached. */
  reference: JsonObject
  created_at: Instant
  /** From this moment on the row counts as absent. */
  expires_at: Instant
}

/** A state that a retirement can be in, as the site has populated it. */
export interface RetirementStateRow {
  state_name: string
  /** The position in the list; later states are reached from earlier ones. */
  state_execution_order: number
  /** The kind of the state, on which all rules depend, as they do not on its name. */
  kind: 'start' | 'working' | 'done' | 'end'
  /** The step that it belongs to; null for those of kind `start` and `end`. */
  step: string | null
  /** The work that the library does itself in the state; null for none. */
  action: 'misc' | 'account' | 'partner_report' | 'sources' | null
}

/** The work item of one person's retirement. Holds the person's names until it is cleaned up. */
export interface RetirementRow {
  user_id: UserId
  /**
   * Names the retirement to the actors who may cancel it: the id of the person, unless it came from elsewhere. Unique.
   */
  id: UserId
  original_username: string
  /** `identifierKey(original_username)`. */
  original_username_key: string
  original_email: string
  /** `identifierKey(original_email)`. */
  original_email_key: string
  original_name: string
  retired_username: string
  retired_email: string
  current_state: string
  last_state: string
  /** Counts the changes of the row, and guards them. Starts at 1. */
  version: number
  /** Names the worker that has claimed it: the fencing token; null: it is not claimed. */
  lease: string | null
  /** Until this moment only that worker may work on it. */
  leased_until: Instant | null
  /** The moment of the request, from which cool-off is counted. */
  created_at: Instant
  modified_at: Instant
}

/** The work on one person's retirement: the names that steps are told, and the attempts at the step under way. */
export interface RetirementWorkRow {
  user_id: UserId
  /** Everything that names the person in other systems, as it was on the day of the request; see `StepIdentifiers`. */
  identifiers: JsonObject
  /** Counts the attempts at all steps, and never goes back: the fencing token that steps hand on to other systems. */
  fence: number
  /** The attempts at the step under way, but for those that made progress. */
  attempts: number
  /** The place that the step has come to, under the name `cursor`; null at its beginning. */
  cursor: JsonObject | null
  /** The moment of the first attempt at the step; null: there was none yet. */
  started_at: Instant | null
  /** The moment from which the worker tries again; null: at once. */
  next_attempt_at: Instant | null
  /** The reason why the worker leaves the person alone until they are reopened; null: it does not. */
  stopped: 'blocked' | 'manual' | 'dead' | null
  /** The code that the last attempt at the step gave; null: none. */
  code: string | null
  /** Tells whether an erasure of before a restored backup is done again. */
  is_replay: boolean
}

/** The result of a step of one person's retirement. Deleted by the clean-up. */
export interface RetirementStepResultRow {
  user_id: UserId
  step: string
  /** `more`: the step has made progress, and is not done. */
  outcome: 'more' | 'done'
  /** The records that were removed, over all attempts. */
  removed: number
  /** The records that were made anonymous, over all attempts. */
  masked: number
  /** The data that stay, under the name `items`: what, why, and until when. Of a verification: `looked_at`, its numbers. */
  retained: JsonObject
  attempts: number
  started_at: Instant
  finished_at: Instant
}

/** The evidence that a retirement was asked for. It stays when the work item is gone; only cancelling removes it. */
export interface RetirementRequestRow {
  user_id: UserId
  /** The moment of the first request; history tells those of later ones. */
  created_at: Instant
  /**
   * True once the retirement has left its first state, of which its history tells the moment. False: it can be
   * cancelled.
   */
  is_started: boolean
  /** Counts the requests: more than 1 where an account was brought back by hand, and its retirement asked for again. */
  generation: number
}

/** One move of a retirement. Tells nothing about the identity of the person. */
export interface RetirementHistoryRow {
  /** UUID v7. */
  id: string
  user_id: UserId
  /** The state before the move; null for the first entry. */
  from_state: string | null
  /** The state after the move; null: it was cancelled. */
  to_state: string | null
  forced: boolean
  /** The note of the caller, without names and addresses; `''` once the work item is gone. */
  note: string
  /** The person who moved it; null for code, and for a person without an account here. */
  changed_by: UserId | null
  changed_at: Instant
}

/** A person whom partners are still to be told of. Deleted once they were. */
export interface PartnerReportRow {
  user_id: UserId
  original_username: string
  original_email: string
  original_name: string
  /** The batch that it was last given out in; null: none yet. */
  batch_id: string | null
  /** The moment until which that batch has it; afterwards it is given out again. */
  claimed_until: Instant | null
  created_at: Instant
}

/**
 * The receipt of what was done, or refused, about the erasure of a person. Outlives the person, whom it names by a keyed
 * hash alone; never changed but by sealing.
 */
export interface RetirementReceiptRow {
  /** UUID v7. */
  id: string
  /** The place in the chain of sealed receipts, from 1 on; null: it is not sealed yet. Unique. */
  sequence: number | null
  /** The keyed hash of the id of the person, with the id of its key. */
  subject: string
  /**
   * `erasure`: the person was erased. `replay`: erased again, after a backup was restored. `refused`: a hold stood against
   * it. `released`: what a hold had kept was erased.
   */
  kind: 'erasure' | 'replay' | 'refused' | 'released'
  /** The facts: moments, codes and numbers. */
  body: JsonObject
  /** The hash of the receipt before it in the chain; null for the first one, and while it is not sealed. */
  previous: string | null
  /** The hash of this receipt with `previous`; null while it is not sealed. */
  hash: string | null
  created_at: Instant
}

/**
 * A name or address that was taken from a person by their erasure, as its retired form. It stays reserved although the host
 * deletes the person.
 */
export interface RetiredIdentifierRow {
  kind: 'username' | 'email'
  /** `identifierKey` of the retired form. */
  form: string
  retired_at: Instant
}

/** The reason for which data of a person are not to be erased for a time. Outlives the person. */
export interface RetirementHoldRow {
  /** UUID v7. */
  id: string
  /** Not a reference. */
  user_id: UserId
  /** A code, never a text about the person. */
  reason: string
  /** `{ names }`: the sources that it keeps; null: the person is not to be erased at all. */
  sources: JsonObject | null
  /** The moment at which it ends by itself; null: it is to be released. */
  held_until: Instant | null
  /** The person who placed it; null for code, and for a person without an account here. */
  created_by: UserId | null
  created_at: Instant
  /** The moment at which it first refused a move; null: it refused none. */
  refused_at: Instant | null
  /** The moment at which it was released; null: it was not. */
  released_at: Instant | null
  /** The moment from which nothing is left to do about it, as what it kept is erased; null: it is open. */
  closed_at: Instant | null
}

/** Every table of the library, with its row. Column names are the field names of documents. */
export interface Tables {
  users: UserRow
  former_usernames: FormerUsernameRow
  profiles: ProfileRow
  profile_images: ProfileImageRow
  language_proficiencies: LanguageProficiencyRow
  social_links: SocialLinkRow
  extended_profiles: ExtendedProfileRow
  search_values: SearchValueRow
  extended_profile_history: ExtendedProfileHistoryRow
  preferences: PreferenceRow
  org_tags: OrgTagRow
  course_tags: CourseTagRow
  registrations: RegistrationRow
  deactivations: DeactivationRow
  pending_email_changes: PendingEmailChangeRow
  request_guards: RequestGuardRow
  pending_name_changes: PendingNameChangeRow
  account_recoveries: AccountRecoveryRow
  account_history: AccountHistoryRow
  rate_limits: RateLimitRow
  outbox: OutboxRow
  idempotency_keys: IdempotencyKeyRow
  retirement_states: RetirementStateRow
  retirements: RetirementRow
  retirement_work: RetirementWorkRow
  retirement_step_results: RetirementStepResultRow
  retirement_requests: RetirementRequestRow
  retirement_history: RetirementHistoryRow
  partner_reports: PartnerReportRow
  retirement_receipts: RetirementReceiptRow
  retired_identifiers: RetiredIdentifierRow
  retirement_holds: RetirementHoldRow
}

/** The name of a table, without the prefix that a database may give it. */
export type TableName = keyof Tables
