import type { TableName, Tables, UserId } from '../../port/tables.ts'
import { outboxRow, profileRow, userRow } from '../rows.ts'

const moments = ['1906-12-09T00:00:00.000000Z', '1969-12-31T23:59:59.999999Z', '2024-02-29T12:00:00.000001Z'] as const

/** Returns a row of every table, referenced rows first. The rows of two people have no value in common. */
export function sampleRows(user_id: UserId, username: string): { readonly [Name in TableName]: Tables[Name] } {
  const of = (text: string) => `${text} of ${username}`
  const [long_ago, before, then] = moments
  const version = 1
  return {
    users: { ...userRow(username, { last_login: before }), id: user_id },
    profiles: profileRow(user_id, { bio: of('bio'), year_of_birth: 1906, profile_image_uploaded_at: long_ago }),
    former_usernames: { user_id, username: of('Former'), username_key: of('former'), replaced_at: before },
    profile_images: { user_id, name: of('image'), sizes: '50 120' },
    language_proficiencies: { user_id, code: 'en' },
    social_links: { user_id, platform: 'x', social_link: of('link') },
    extended_profiles: { user_id, owner: 'user', document: '{"a": 1.0}', schema_version: 1 },
    extended_profile_history: {
      id: of('h'),
      user_id,
      owner: 'user',
      field_name: 'a',
      old_value: null,
      new_value: { value: null },
      changed_by: user_id,
      changed_at: then,
    },
    preferences: { user_id, key: 'theme', value: of('theme'), version },
    org_tags: { user_id, org: 'OrgX', key: 'opt-in', value: 'True', version, created_at: before, modified_at: then },
    course_tags: { user_id, course_id: 'course-v1:OrgX+C+R', key: 'group', value: null, version },
    registrations: { user_id, key_hash: of('hash'), proof_hash: of('proof'), expires_at: then, activated_at: null },
    request_guards: { user_id, ended: of('end'), requests: 1 },
    pending_email_changes: {
      user_id,
      kind: 'primary',
      new_email: of('mail'),
      key_hash: of('hash'),
      requested_at: before,
      expires_at: then,
    },
    pending_name_changes: { user_id, request_id: of('r'), new_name: of('name'), rationale: '', requested_at: then },
    account_recoveries: {
      user_id,
      secondary_email: of('Second'),
      secondary_email_key: of('second'),
      is_active: false,
    },
    account_history: {
      id: of('h'),
      user_id,
      field: 'name',
      old_value: of('name'),
      reason: '',
      changed_by: null,
      changed_at: long_ago,
    },
    rate_limits: { name: 'email', subject: username, period_start: then, hits: 2_147_483_647 },
    outbox: outboxRow(of('m'), user_id, { payload: { of: username }, leased_until: then, lease: of('lease') }),
    retirement_states: {
      state_name: of('state'),
      state_execution_order: -1,
      kind: 'start',
      step: null,
      action: 'misc',
    },
    retirements: {
      user_id,
      id: user_id,
      original_username: of('Name'),
      original_username_key: of('name'),
      original_email: of('Mail'),
      original_email_key: of('mail'),
      original_name: '',
      retired_username: of('retired'),
      retired_email: of('retired'),
      current_state: of('state'),
      last_state: of('state'),
      version,
      lease: null,
      leased_until: null,
      created_at: before,
      modified_at: then,
    },
    retirement_requests: { user_id, created_at: before, is_started: false },
    retirement_history: {
      id: of('h'),
      user_id,
      from_state: null,
      to_state: of('state'),
      forced: true,
      note: '',
      changed_by: user_id,
      changed_at: then,
    },
    partner_reports: {
      user_id,
      original_username: of('Name'),
      original_email: of('Mail'),
      original_name: '',
      batch_id: null,
      claimed_until: null,
      created_at: then,
    },
  }
}
