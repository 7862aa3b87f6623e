import { once } from '../values/once.ts'
import type { TableName, Tables } from './rows.ts'

export type * from './rows.ts'

/** The type of a column's values. Each adapter has one codec per type. */
export type ColumnType = 'id' | 'integer' | 'text' | 'boolean' | 'instant' | 'json'

/**
 * What a column holds.
 *
 * | meaning | the column |
 * | --- | --- |
 * | `personal` | says something about the person of the row |
 * | `identifier` | names that person by itself, such as a username, an address or a phone number; found by equality |
 * | `free_text` | is text that may mention any person; searched for the identifiers of one who was erased |
 * | `others` | is about another person than the row: neither exported nor erased with this one |
 * | `key` | names or orders rows |
 * | `fact` | is about the work of the system, such as a state, a version or a moment |
 *
 * Erasure takes away what is `personal`, `identifier` or `free_text`.
 */
export type Meaning = PersonalMeaning | 'others' | 'key' | 'fact'

/** The meanings of columns whose values erasure takes away. */
export type PersonalMeaning = 'personal' | 'identifier' | 'free_text'

/** Tells whether erasure takes away the values of a column with this meaning. */
export function isPersonal(meaning: Meaning): meaning is PersonalMeaning {
  return meaning === 'personal' || meaning === 'identifier' || meaning === 'free_text'
}

/** The facts about a table that adapters need beyond its type. */
export interface TableShape<Row> {
  /** The type of each column. */
  readonly columns: { readonly [Column in keyof Row]: ColumnType }
  /** The meaning of each column. */
  readonly meanings: { readonly [Column in keyof Row]: Meaning }
  /** The values that take the place of personal ones before a row is deleted: copies of a table keep its last state. */
  readonly redacted: Partial<Row>
  /** The columns of the primary key. */
  readonly primary: readonly (keyof Row & string)[]
  /** Further sets of columns that no two rows share. Any number of rows can have null in one of them. */
  readonly unique: readonly (readonly (keyof Row & string)[])[]
}

/** A column: its type, its meaning, and the value that redacts it, where that is neither `redacted` (text) nor null (other types). */
type Column = readonly [type: ColumnType, meaning: Meaning, redacted?: string | null]

/** Makes the shape of a table when it is first asked for: an import makes none of them. */
function shape<Row>(
  columnsOf: () => { readonly [Name in keyof Row]: Column },
  primary: TableShape<Row>['primary'],
  unique: TableShape<Row>['unique'],
): TableShape<Row> {
  const members = once(() => membersOf(columnsOf()))
  return {
    get columns() {
      return members().columns
    },
    get meanings() {
      return members().meanings
    },
    get redacted() {
      return members().redacted
    },
    primary,
    unique,
  }
}

function membersOf<Row>(of: { readonly [Name in keyof Row]: Column }) {
  const columns = {} as { [Name in keyof Row]: ColumnType }
  const meanings = {} as { [Name in keyof Row]: Meaning }
  const redacted: Partial<Record<keyof Row, unknown>> = {}
  for (const name of Object.keys(of) as (keyof Row)[]) {
    const [type, meaning, value = type === 'text' ? 'redacted' : null] = of[name]
    columns[name] = type
    meanings[name] = meaning
    if (isPersonal(meaning)) redacted[name] = value
  }
  return { columns, meanings, redacted: redacted as Partial<Row> }
}

/** The shape of every table, with the meaning of each column beside its type. */
export const tables: { readonly [Name in TableName]: TableShape<Tables[Name]> } = {
  users: shape<Tables['users']>(
    () => ({
      id: ['id', 'key'],
      username: ['text', 'identifier'],
      username_key: ['text', 'identifier'],
      email: ['text', 'identifier'],
      email_key: ['text', 'identifier'],
      first_name: ['text', 'personal'],
      last_name: ['text', 'personal'],
      is_active: ['boolean', 'fact'],
      date_joined: ['instant', 'fact'],
      last_login: ['instant', 'fact'],
    }),
    ['id'],
    [['username_key'], ['email_key']],
  ),
  former_usernames: shape<Tables['former_usernames']>(
    () => ({
      user_id: ['id', 'key'],
      username: ['text', 'identifier'],
      username_key: ['text', 'identifier'],
      replaced_at: ['instant', 'fact'],
    }),
    ['username_key'],
    [],
  ),
  profiles: shape<Tables['profiles']>(
    () => ({
      user_id: ['id', 'key'],
      version: ['integer', 'fact'],
      name: ['text', 'personal'],
      gender: ['text', 'personal'],
      year_of_birth: ['integer', 'personal'],
      level_of_education: ['text', 'personal'],
      goals: ['text', 'free_text'],
      bio: ['text', 'free_text'],
      country: ['text', 'personal'],
      state: ['text', 'personal'],
      city: ['text', 'personal'],
      location: ['text', 'personal'],
      mailing_address: ['text', 'personal'],
      phone_number: ['text', 'identifier'],
      profile_image_uploaded_at: ['instant', 'personal'],
    }),
    ['user_id'],
    [],
  ),
  profile_images: shape<Tables['profile_images']>(
    () => ({ user_id: ['id', 'key'], name: ['text', 'key'], sizes: ['text', 'fact'] }),
    ['user_id'],
    [],
  ),
  language_proficiencies: shape<Tables['language_proficiencies']>(
    () => ({ user_id: ['id', 'key'], code: ['text', 'personal'] }),
    ['user_id', 'code'],
    [],
  ),
  social_links: shape<Tables['social_links']>(
    () => ({ user_id: ['id', 'key'], platform: ['text', 'key'], social_link: ['text', 'personal'] }),
    ['user_id', 'platform'],
    [],
  ),
  extended_profiles: shape<Tables['extended_profiles']>(
    () => ({
      user_id: ['id', 'key'],
      owner: ['text', 'key'],
      document: ['text', 'free_text', '{}'],
      schema_version: ['integer', 'fact'],
    }),
    ['user_id', 'owner'],
    [],
  ),
  search_values: shape<Tables['search_values']>(
    () => ({ user_id: ['id', 'key'], field: ['text', 'key'], value: ['text', 'personal'] }),
    ['user_id', 'field'],
    [],
  ),
  extended_profile_history: shape<Tables['extended_profile_history']>(
    () => ({
      id: ['text', 'key'],
      user_id: ['id', 'key'],
      owner: ['text', 'key'],
      field_name: ['text', 'personal'],
      old_value: ['json', 'free_text'],
      new_value: ['json', 'free_text'],
      changed_by: ['id', 'key'],
      changed_at: ['instant', 'fact'],
    }),
    ['id'],
    [],
  ),
  preferences: shape<Tables['preferences']>(
    () => ({
      user_id: ['id', 'key'],
      key: ['text', 'key'],
      value: ['text', 'personal', null],
      version: ['integer', 'fact'],
    }),
    ['user_id', 'key'],
    [],
  ),
  org_tags: shape<Tables['org_tags']>(
    () => ({
      user_id: ['id', 'key'],
      org: ['text', 'key'],
      key: ['text', 'key'],
      value: ['text', 'personal', null],
      version: ['integer', 'fact'],
      created_at: ['instant', 'fact'],
      modified_at: ['instant', 'fact'],
    }),
    ['user_id', 'org', 'key'],
    [],
  ),
  course_tags: shape<Tables['course_tags']>(
    () => ({
      user_id: ['id', 'key'],
      course_id: ['text', 'key'],
      key: ['text', 'key'],
      value: ['text', 'personal', null],
      version: ['integer', 'fact'],
    }),
    ['user_id', 'course_id', 'key'],
    [],
  ),
  registrations: shape<Tables['registrations']>(
    () => ({
      user_id: ['id', 'key'],
      key_hash: ['text', 'fact'],
      proof_hash: ['text', 'fact'],
      expires_at: ['instant', 'fact'],
      activated_at: ['instant', 'fact'],
    }),
    ['user_id'],
    [['key_hash']],
  ),
  deactivations: shape<Tables['deactivations']>(
    () => ({
      user_id: ['id', 'key'],
      sequence: ['integer', 'key'],
      reason: ['text', 'personal'],
      deactivated_until: ['instant', 'fact'],
      deactivated_by: ['id', 'key'],
      deactivated_at: ['instant', 'fact'],
      ended_at: ['instant', 'fact'],
      ended_by: ['id', 'key'],
      end_reason: ['text', 'personal', null],
    }),
    ['user_id', 'sequence'],
    [],
  ),
  pending_email_changes: shape<Tables['pending_email_changes']>(
    () => ({
      user_id: ['id', 'key'],
      kind: ['text', 'key'],
      new_email: ['text', 'identifier'],
      key_hash: ['text', 'fact'],
      requested_at: ['instant', 'fact'],
      expires_at: ['instant', 'fact'],
    }),
    ['user_id', 'kind'],
    [['key_hash']],
  ),
  request_guards: shape<Tables['request_guards']>(
    () => ({ user_id: ['id', 'key'], ended: ['text', 'fact'], requests: ['integer', 'fact'] }),
    ['user_id'],
    [],
  ),
  pending_name_changes: shape<Tables['pending_name_changes']>(
    () => ({
      user_id: ['id', 'key'],
      request_id: ['text', 'key'],
      new_name: ['text', 'personal'],
      rationale: ['text', 'free_text'],
      requested_at: ['instant', 'fact'],
    }),
    ['user_id'],
    [],
  ),
  account_recoveries: shape<Tables['account_recoveries']>(
    () => ({
      user_id: ['id', 'key'],
      secondary_email: ['text', 'identifier'],
      secondary_email_key: ['text', 'identifier'],
      is_active: ['boolean', 'fact'],
    }),
    ['user_id'],
    [['secondary_email_key']],
  ),
  account_history: shape<Tables['account_history']>(
    () => ({
      id: ['text', 'key'],
      user_id: ['id', 'key'],
      field: ['text', 'key'],
      old_value: ['text', 'identifier'],
      reason: ['text', 'free_text'],
      changed_by: ['id', 'key'],
      changed_at: ['instant', 'fact'],
    }),
    ['id'],
    [],
  ),
  rate_limits: shape<Tables['rate_limits']>(
    () => ({
      name: ['text', 'key'],
      subject: ['text', 'key'],
      period_start: ['instant', 'fact'],
      hits: ['integer', 'fact'],
    }),
    ['name', 'subject'],
    [],
  ),
  outbox: shape<Tables['outbox']>(
    () => ({
      id: ['text', 'key'],
      kind: ['text', 'key'],
      name: ['text', 'key'],
      user_id: ['id', 'key'],
      payload: ['json', 'free_text'],
      created_at: ['instant', 'fact'],
      leased_until: ['instant', 'fact'],
      lease: ['text', 'fact'],
      attempts: ['integer', 'fact'],
      next_attempt_at: ['instant', 'fact'],
      dead_at: ['instant', 'fact'],
    }),
    ['id'],
    [],
  ),
  idempotency_keys: shape<Tables['idempotency_keys']>(
    () => ({
      key_hash: ['text', 'key'],
      operation: ['text', 'fact'],
      fingerprint: ['text', 'fact'],
      user_id: ['id', 'key'],
      reference: ['json', 'fact'],
      created_at: ['instant', 'fact'],
      expires_at: ['instant', 'fact'],
    }),
    ['key_hash'],
    [],
  ),
  retirement_states: shape<Tables['retirement_states']>(
    () => ({
      state_name: ['text', 'key'],
      state_execution_order: ['integer', 'key'],
      kind: ['text', 'fact'],
      step: ['text', 'key'],
      action: ['text', 'fact'],
    }),
    ['state_name'],
    [],
  ),
  retirements: shape<Tables['retirements']>(
    () => ({
      user_id: ['id', 'key'],
      id: ['id', 'key'],
      original_username: ['text', 'identifier'],
      original_username_key: ['text', 'identifier'],
      original_email: ['text', 'identifier'],
      original_email_key: ['text', 'identifier'],
      original_name: ['text', 'personal'],
      retired_username: ['text', 'fact'],
      retired_email: ['text', 'fact'],
      current_state: ['text', 'fact'],
      last_state: ['text', 'fact'],
      version: ['integer', 'fact'],
      lease: ['text', 'fact'],
      leased_until: ['instant', 'fact'],
      created_at: ['instant', 'fact'],
      modified_at: ['instant', 'fact'],
    }),
    ['user_id'],
    [['id']],
  ),
  retirement_work: shape<Tables['retirement_work']>(
    () => ({
      user_id: ['id', 'key'],
      identifiers: ['json', 'personal'],
      fence: ['integer', 'fact'],
      attempts: ['integer', 'fact'],
      cursor: ['json', 'personal'],
      started_at: ['instant', 'fact'],
      next_attempt_at: ['instant', 'fact'],
      stopped: ['text', 'fact'],
      code: ['text', 'fact'],
      is_replay: ['boolean', 'fact'],
    }),
    ['user_id'],
    [],
  ),
  retirement_step_results: shape<Tables['retirement_step_results']>(
    () => ({
      user_id: ['id', 'key'],
      step: ['text', 'key'],
      outcome: ['text', 'fact'],
      removed: ['integer', 'fact'],
      masked: ['integer', 'fact'],
      retained: ['json', 'free_text'],
      attempts: ['integer', 'fact'],
      started_at: ['instant', 'fact'],
      finished_at: ['instant', 'fact'],
    }),
    ['user_id', 'step'],
    [],
  ),
  retirement_requests: shape<Tables['retirement_requests']>(
    () => ({
      user_id: ['id', 'key'],
      created_at: ['instant', 'fact'],
      is_started: ['boolean', 'fact'],
      generation: ['integer', 'fact'],
    }),
    ['user_id'],
    [],
  ),
  retirement_history: shape<Tables['retirement_history']>(
    () => ({
      id: ['text', 'key'],
      user_id: ['id', 'key'],
      from_state: ['text', 'fact'],
      to_state: ['text', 'fact'],
      forced: ['boolean', 'fact'],
      note: ['text', 'free_text'],
      changed_by: ['id', 'key'],
      changed_at: ['instant', 'fact'],
    }),
    ['id'],
    [],
  ),
  partner_reports: shape<Tables['partner_reports']>(
    () => ({
      user_id: ['id', 'key'],
      original_username: ['text', 'identifier'],
      original_email: ['text', 'identifier'],
      original_name: ['text', 'personal'],
      batch_id: ['text', 'fact'],
      claimed_until: ['instant', 'fact'],
      created_at: ['instant', 'fact'],
    }),
    ['user_id'],
    [],
  ),
  retirement_receipts: shape<Tables['retirement_receipts']>(
    () => ({
      id: ['text', 'key'],
      sequence: ['integer', 'key'],
      subject: ['text', 'fact'],
      kind: ['text', 'fact'],
      body: ['json', 'fact'],
      previous: ['text', 'fact'],
      hash: ['text', 'fact'],
      created_at: ['instant', 'fact'],
    }),
    ['id'],
    [['sequence']],
  ),
  retired_identifiers: shape<Tables['retired_identifiers']>(
    () => ({ kind: ['text', 'key'], form: ['text', 'key'], retired_at: ['instant', 'fact'] }),
    ['kind', 'form'],
    [],
  ),
  retirement_holds: shape<Tables['retirement_holds']>(
    () => ({
      id: ['text', 'key'],
      user_id: ['id', 'key'],
      reason: ['text', 'fact'],
      sources: ['json', 'fact'],
      held_until: ['instant', 'fact'],
      created_by: ['id', 'key'],
      created_at: ['instant', 'fact'],
      refused_at: ['instant', 'fact'],
      released_at: ['instant', 'fact'],
      closed_at: ['instant', 'fact'],
    }),
    ['id'],
    [],
  ),
}
