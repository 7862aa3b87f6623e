import type { UserId } from './tables.ts'

/** A person, with one of their tags for an organisation. */
export interface OrgTagRecord {
  readonly user_id: UserId
  readonly username: string
  readonly email: string
  /** The name in the profile; null for a person without a profile. */
  readonly profile_name: string | null
  /** The value of the tag; null when it was deleted too. */
  readonly value: string | null
  /** Null where the record is there for the person alone. */
  readonly modified_at: string | null
}
