import { emptyProfile } from './empty-profile.ts'
import type { TableName, Tables } from './tables.ts'

/**
 * What a column holds: `personal` says something about a person; `key` names or orders rows; `fact` is about the work
 * of the library (states, versions, moments) and says nothing that erasure would have to take away.
 */
type Meaning = 'personal' | 'key' | 'fact'

/**
 * What becomes of a table when somebody is erased.
 *
 * | erase | what happens |
 * | --- | --- |
 * | `rows` | personal columns get fixed values (copies of a table keep the last state of deleted rows), then the rows go |
 * | `columns` | personal columns are emptied, the row stays |
 * | `step` | a step of its own does it; `by` says which |
 * | `never` | nothing, for the reason that stands there |
 */
type Treatment<Row> = {
  readonly columns: { readonly [Column in keyof Row]: Meaning }
} & (
  | { readonly erase: 'rows'; readonly redacted: Partial<Row> }
  | { readonly erase: 'columns'; readonly emptied: Partial<Row> }
  | { readonly erase: 'step'; readonly by: string }
  | { readonly erase: 'never'; readonly why: string }
)

/** Text that takes the place of what a row held, before the row goes. */
const redacted = 'redacted'

/** Where personal data lives: every column of every table, so that none is forgotten. Erasure derives from it. */
export const registry: { readonly [Name in TableName]: Treatment<Tables[Name]> } = {
  users: {
    columns: {
      id: 'key',
      username: 'personal',
      username_key: 'personal',
      email: 'personal',
      email_key: 'personal',
      first_name: 'personal',
      last_name: 'personal',
      is_active: 'fact',
      date_joined: 'fact',
      last_login: 'fact',
    },
    erase: 'step',
    by: 'retireAccount: gets the retired username and address, which keep the old ones from being taken again',
  },
  former_usernames: {
    columns: { user_id: 'key', username: 'personal', username_key: 'personal', replaced_at: 'fact' },
    erase: 'step',
    by: 'formerUsernamesErasure: the retired forms take their place, which keep them from being taken again',
  },
  profiles: {
    columns: {
      user_id: 'key',
      version: 'fact',
      name: 'personal',
      gender: 'personal',
      year_of_birth: 'personal',
      level_of_education: 'personal',
      goals: 'personal',
      bio: 'personal',
      country: 'personal',
      state: 'personal',
      city: 'personal',
      location: 'personal',
      mailing_address: 'personal',
      phone_number: 'personal',
      profile_image_uploaded_at: 'personal',
    },
    erase: 'columns',
    emptied: emptiedProfile(),
  },
  profile_images: {
    columns: { user_id: 'key', name: 'key', sizes: 'fact' },
    erase: 'rows',
    redacted: {},
  },
  language_proficiencies: {
    columns: { user_id: 'key', code: 'personal' },
    erase: 'step',
    by: 'languagesErasure: each row has to get a text of its own',
  },
  social_links: {
    columns: { user_id: 'key', platform: 'key', social_link: 'personal' },
    erase: 'rows',
    redacted: { social_link: redacted },
  },
  extended_profiles: {
    columns: { user_id: 'key', owner: 'key', document: 'personal', schema_version: 'fact' },
    erase: 'rows',
    redacted: { document: '{}' },
  },
  extended_profile_history: {
    columns: {
      id: 'key',
      user_id: 'key',
      owner: 'key',
      field_name: 'personal',
      old_value: 'personal',
      new_value: 'personal',
      changed_by: 'key',
      changed_at: 'fact',
    },
    erase: 'rows',
    redacted: { field_name: redacted, old_value: null, new_value: null },
  },
  preferences: {
    columns: { user_id: 'key', key: 'key', value: 'personal', version: 'fact' },
    erase: 'rows',
    redacted: { value: null },
  },
  org_tags: {
    columns: {
      user_id: 'key',
      org: 'key',
      key: 'key',
      value: 'personal',
      version: 'fact',
      created_at: 'fact',
      modified_at: 'fact',
    },
    erase: 'rows',
    redacted: { value: null },
  },
  course_tags: {
    columns: { user_id: 'key', course_id: 'key', key: 'key', value: 'personal', version: 'fact' },
    erase: 'rows',
    redacted: { value: null },
  },
  registrations: {
    columns: { user_id: 'key', key_hash: 'fact', proof_hash: 'fact', expires_at: 'fact', activated_at: 'fact' },
    erase: 'rows',
    redacted: {},
  },
  pending_email_changes: {
    columns: {
      user_id: 'key',
      kind: 'key',
      new_email: 'personal',
      key_hash: 'fact',
      requested_at: 'fact',
      expires_at: 'fact',
    },
    erase: 'rows',
    redacted: { new_email: redacted },
  },
  request_guards: {
    columns: { user_id: 'key', ended: 'fact', requests: 'fact' },
    erase: 'rows',
    redacted: {},
  },
  pending_name_changes: {
    columns: {
      user_id: 'key',
      request_id: 'key',
      new_name: 'personal',
      rationale: 'personal',
      requested_at: 'fact',
    },
    erase: 'rows',
    redacted: { new_name: redacted, rationale: redacted },
  },
  account_recoveries: {
    columns: { user_id: 'key', secondary_email: 'personal', secondary_email_key: 'personal', is_active: 'fact' },
    erase: 'step',
    by: 'recoveryErasure: the redacted address has to be one of its own',
  },
  account_history: {
    columns: {
      id: 'key',
      user_id: 'key',
      field: 'key',
      old_value: 'personal',
      reason: 'personal',
      changed_by: 'key',
      changed_at: 'fact',
    },
    erase: 'rows',
    redacted: { old_value: redacted, reason: redacted },
  },
  rate_limits: {
    columns: { name: 'key', subject: 'key', period_start: 'fact', hits: 'fact' },
    erase: 'step',
    by: 'partsErasure: the subject is the id of a person, as text',
  },
  outbox: {
    columns: {
      id: 'key',
      kind: 'key',
      name: 'key',
      user_id: 'key',
      payload: 'personal',
      created_at: 'fact',
      leased_until: 'fact',
      lease: 'fact',
    },
    erase: 'step',
    by: 'partsErasure: mail that was not sent, and events with values in them; notifications hold none',
  },
  retirement_states: {
    columns: { state_name: 'key', state_execution_order: 'key', kind: 'fact', step: 'key', action: 'fact' },
    erase: 'never',
    why: 'says nothing of anybody',
  },
  retirements: {
    columns: {
      user_id: 'key',
      id: 'key',
      original_username: 'personal',
      original_username_key: 'personal',
      original_email: 'personal',
      original_email_key: 'personal',
      original_name: 'personal',
      retired_username: 'fact',
      retired_email: 'fact',
      current_state: 'fact',
      last_state: 'fact',
      version: 'fact',
      lease: 'fact',
      leased_until: 'fact',
      created_at: 'fact',
      modified_at: 'fact',
    },
    erase: 'step',
    by: 'cleanup: until then other systems have to be told whom to forget',
  },
  retirement_requests: {
    columns: { user_id: 'key', created_at: 'fact', is_started: 'fact' },
    erase: 'never',
    why: 'is the evidence that erasure was asked for',
  },
  retirement_history: {
    columns: {
      id: 'key',
      user_id: 'key',
      from_state: 'fact',
      to_state: 'fact',
      forced: 'fact',
      note: 'personal',
      changed_by: 'key',
      changed_at: 'fact',
    },
    erase: 'step',
    by: 'cleanup: what callers had to say is emptied, the moves stay',
  },
  partner_reports: {
    columns: {
      user_id: 'key',
      original_username: 'personal',
      original_email: 'personal',
      original_name: 'personal',
      batch_id: 'fact',
      claimed_until: 'fact',
      created_at: 'fact',
    },
    erase: 'step',
    by: 'partnerReports.finish: partners have to be told first, within `partner_report_days`',
  },
}

function emptiedProfile(): Partial<Tables['profiles']> {
  const { user_id: _user_id, version: _version, ...columns } = emptyProfile(0)
  return columns
}
