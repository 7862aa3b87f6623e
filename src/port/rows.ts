import type { Instant } from '../values/instant.ts'
import type { JsonObject } from '../values/json.ts'

/** Names a person for good. Integers in tables of our own; a host's own user table may have another type. */
export type UserId = number | string

/** Who a person is. */
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

/** What a person says of themselves. A person without a row has no profile. */
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
  /** Kept only for data that was there before; nothing writes it. */
  location: string | null
  mailing_address: string | null
  phone_number: string | null
  /** Null: no image. */
  profile_image_uploaded_at: Instant | null
}

/** A username that a person had, which stays reserved until an operator releases it. */
export interface FormerUsernameRow {
  user_id: UserId
  /** As it was spelt; the retired form of it once the person is erased. */
  username: string
  /** `identifierKey(username)`. */
  username_key: string
  replaced_at: Instant
}

/** What the files of a person's profile image are called. The row stays when the image goes: somebody may still have them. */
export interface ProfileImageRow {
  user_id: UserId
  /** What their names begin with: drawn, or of an image that was there before names were drawn. */
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
  /** Whose part of the document this is; `user` for the person's own. */
  owner: string
  /** JSON text, kept as text so that a document that cannot be read is neither lost nor changed. */
  document: string
  /** The version of the site's declaration that the document was written in. Starts at 1. */
  schema_version: number
}

/** An earlier value of an extended profile field that asks to be remembered. */
export interface ExtendedProfileHistoryRow {
  /** UUID v7. */
  id: string
  user_id: UserId
  /** Whose part it was in. */
  owner: string
  field_name: string
  /** `{ value }`, or null where there was none. */
  old_value: JsonObject | null
  /** `{ value }`, or null where it was removed. */
  new_value: JsonObject | null
  /** Who changed it; null: code, of which `owner` says the name if it has one. */
  changed_by: UserId | null
  changed_at: Instant
}

/** One setting of a person. */
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
  /** When the key was used; null: it was not. */
  activated_at: Instant | null
}

/**
 * An e-mail address that waits for its confirmation. Once expired it confirms nothing; the row stays until the person asks
 * for another address or withdraws this one, or until what ends requests or an erasure removes it.
 */
export interface PendingEmailChangeRow {
  user_id: UserId
  /** Which of the person's two addresses it is to become. */
  kind: 'primary' | 'secondary'
  new_email: string
  /** `hashKey` of the key that was mailed; unique. */
  key_hash: string
  requested_at: Instant
  /** The key works before this moment. */
  expires_at: Instant
}

/** Keeps requests for addresses and names in order with what ends them, such as a lock-out. No row: nothing happened yet. */
export interface RequestGuardRow {
  user_id: UserId
  /** Drawn anew whenever everything that was asked for ends; `''`: nothing was ended yet. */
  ended: string
  /** Requests since then. Guards the row. */
  requests: number
}

/** A name that waits for somebody's approval. */
export interface PendingNameChangeRow {
  user_id: UserId
  /** Changes with every request, so that nobody approves another name than the one they saw. */
  request_id: string
  new_name: string
  rationale: string
  requested_at: Instant
}

/** A second address, for those who lost access to the first. */
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
  /** Why it changed: a code of ours, or the rationale of a name request. */
  reason: string
  /** Who changed it; null: somebody whose id is not known here, or trusted code. */
  changed_by: UserId | null
  changed_at: Instant
}

/** How often somebody did something that is limited. */
export interface RateLimitRow {
  /** What is limited. */
  name: string
  /** Who is limited: the id of a person, as text. */
  subject: string
  /** Start of the period that is being counted. */
  period_start: Instant
  /** Times within the period, this one included. Guards the row. */
  hits: number
}

/**
 * Something to tell the host: recorded with the change that it tells of, delivered later, at least once.
 */
export interface OutboxRow {
  /** UUID v7; messages are delivered about in this order. */
  id: string
  /** `mail`: to be sent to a person. `event`: a change. `notification`: something the host has to do. */
  kind: 'mail' | 'event' | 'notification'
  name: string
  /** Whom it concerns. */
  user_id: UserId
  payload: JsonObject
  created_at: Instant
  /** Until this moment somebody is delivering it; null: nobody is. */
  leased_until: Instant | null
  /** Names the delivery that holds the lease: the fencing token. */
  lease: string | null
}

/** A state that a retirement can be in, as the site has populated it. */
export interface RetirementStateRow {
  state_name: string
  /** Where it stands in the list; later states are reached from earlier ones. */
  state_execution_order: number
  /** What happens in it; nothing depends on its name. */
  kind: 'start' | 'working' | 'done' | 'end'
  /** The step that it belongs to; null for those of kind `start` and `end`. */
  step: string | null
  /** What of ours can be done in it. */
  action: 'misc' | 'account' | 'partner_report' | null
}

/** The work item of one person's retirement. Holds what the person had until it is cleaned up. */
export interface RetirementRow {
  user_id: UserId
  /** Names the retirement to those who may cancel it: the id of the person, unless it came from elsewhere. Unique. */
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
  /** Names the worker that has claimed it: the fencing token; null: nobody has. */
  lease: string | null
  /** Until this moment only that worker may work on it. */
  leased_until: Instant | null
  /** When it was asked for: cool-off is counted from here. */
  created_at: Instant
  modified_at: Instant
}

/** The evidence that a retirement was asked for. It stays when the work item is gone; only cancelling removes it. */
export interface RetirementRequestRow {
  user_id: UserId
  created_at: Instant
  /** Whether the retirement has left its first state; since when, its history tells. False: it can be cancelled. */
  is_started: boolean
}

/** One move of a retirement. Says nothing of who the person was. */
export interface RetirementHistoryRow {
  /** UUID v7. */
  id: string
  user_id: UserId
  /** Null: this is how it began. */
  from_state: string | null
  /** Null: it was cancelled. */
  to_state: string | null
  forced: boolean
  /** What the caller had to say, without names and addresses; `''` once the work item is gone. */
  note: string
  /** Who moved it; null: code, or somebody without an account here. */
  changed_by: UserId | null
  changed_at: Instant
}

/** A person whom partners are still to be told of. Goes away when they were. */
export interface PartnerReportRow {
  user_id: UserId
  original_username: string
  original_email: string
  original_name: string
  /** The batch that it was last given out in; null: none yet. */
  batch_id: string | null
  /** Until this moment that batch has it; afterwards it is given out again. */
  claimed_until: Instant | null
  created_at: Instant
}

/** Every table of the library, with what a row of it holds. Column names are the field names of documents. */
export interface Tables {
  users: UserRow
  former_usernames: FormerUsernameRow
  profiles: ProfileRow
  profile_images: ProfileImageRow
  language_proficiencies: LanguageProficiencyRow
  social_links: SocialLinkRow
  extended_profiles: ExtendedProfileRow
  extended_profile_history: ExtendedProfileHistoryRow
  preferences: PreferenceRow
  org_tags: OrgTagRow
  course_tags: CourseTagRow
  registrations: RegistrationRow
  pending_email_changes: PendingEmailChangeRow
  request_guards: RequestGuardRow
  pending_name_changes: PendingNameChangeRow
  account_recoveries: AccountRecoveryRow
  account_history: AccountHistoryRow
  rate_limits: RateLimitRow
  outbox: OutboxRow
  retirement_states: RetirementStateRow
  retirements: RetirementRow
  retirement_requests: RetirementRequestRow
  retirement_history: RetirementHistoryRow
  partner_reports: PartnerReportRow
}

/** The name of a table, without the prefix that a database may give it. */
export type TableName = keyof Tables
