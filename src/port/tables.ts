import type { TableName, Tables } from './rows.ts'

export type * from './rows.ts'

/** The type of a column's values. Each adapter has one codec per type. */
export type ColumnType = 'id' | 'integer' | 'text' | 'boolean' | 'instant' | 'json'

/**
 * The meaning of a column. `personal`: it says something about a person, and erasure takes it away. `key`: it names or
 * orders rows. `fact`: it is about the work of the library, such as a state, a version or a moment.
 */
export type Meaning = 'personal' | 'key' | 'fact'

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
  /** Further sets of columns that no two rows share. */
  readonly unique: readonly (readonly (keyof Row & string)[])[]
}

/** A column: its type, its meaning, and the value that redacts it, where that is neither `redacted` (text) nor null (other types). */
type Column = readonly [type: ColumnType, meaning: Meaning, redacted?: string | null]

function shape<Row>(
  columns: { readonly [Name in keyof Row]: Column },
  primary: TableShape<Row>['primary'],
  unique: TableShape<Row>['unique'],
): TableShape<Row> {
  const each = Object.entries<Column>(columns)
  const redacted = each
    .filter(([, [, meaning]]) => meaning === 'personal')
    .map(([name, [type, , value = type === 'text' ? 'redacted' : null]]) => [name, value])
  return {
    columns: Object.fromEntries(each.map(([name, [type]]) => [name, type])) as TableShape<Row>['columns'],
    meanings: Object.fromEntries(each.map(([name, [, meaning]]) => [name, meaning])) as TableShape<Row>['meanings'],
    redacted: Object.fromEntries(redacted) as Partial<Row>,
    primary,
    unique,
  }
}

/** The shape of every table, with the meaning of each column beside its type. */
export const tables: { readonly [Name in TableName]: TableShape<Tables[Name]> } = {
  users: shape<Tables['users']>(
    {
      id: ['id', 'key'],
      username: ['text', 'personal'],
      username_key: ['text', 'personal'],
      email: ['text', 'personal'],
      email_key: ['text', 'personal'],
      first_name: ['text', 'personal'],
      last_name: ['text', 'personal'],
      is_active: ['boolean', 'fact'],
      date_joined: ['instant', 'fact'],
      last_login: ['instant', 'fact'],
    },
    ['id'],
    [['username_key'], ['email_key']],
  ),
  former_usernames: shape<Tables['former_usernames']>(
    {
      user_id: ['id', 'key'],
      username: ['text', 'personal'],
      username_key: ['text', 'personal'],
      replaced_at: ['instant', 'fact'],
    },
    ['username_key'],
    [],
  ),
  profiles: shape<Tables['profiles']>(
    {
      user_id: ['id', 'key'],
      version: ['integer', 'fact'],
      name: ['text', 'personal'],
      gender: ['text', 'personal'],
      year_of_birth: ['integer', 'personal'],
      level_of_education: ['text', 'personal'],
      goals: ['text', 'personal'],
      bio: ['text', 'personal'],
      country: ['text', 'personal'],
      state: ['text', 'personal'],
      city: ['text', 'personal'],
      location: ['text', 'personal'],
      mailing_address: ['text', 'personal'],
      phone_number: ['text', 'personal'],
      profile_image_uploaded_at: ['instant', 'personal'],
    },
    ['user_id'],
    [],
  ),
  profile_images: shape<Tables['profile_images']>(
    { user_id: ['id', 'key'], name: ['text', 'key'], sizes: ['text', 'fact'] },
    ['user_id'],
    [],
  ),
  language_proficiencies: shape<Tables['language_proficiencies']>(
    { user_id: ['id', 'key'], code: ['text', 'personal'] },
    ['user_id', 'code'],
    [],
  ),
  social_links: shape<Tables['social_links']>(
    { user_id: ['id', 'key'], platform: ['text', 'key'], social_link: ['text', 'personal'] },
    ['user_id', 'platform'],
    [],
  ),
  extended_profiles: shape<Tables['extended_profiles']>(
    {
      user_id: ['id', 'key'],
      owner: ['text', 'key'],
      document: ['text', 'personal', '{}'],
      schema_version: ['integer', 'fact'],
    },
    ['user_id', 'owner'],
    [],
  ),
  extended_profile_history: shape<Tables['extended_profile_history']>(
    {
      id: ['text', 'key'],
      user_id: ['id', 'key'],
      owner: ['text', 'key'],
      field_name: ['text', 'personal'],
      old_value: ['json', 'personal'],
      new_value: ['json', 'personal'],
      changed_by: ['id', 'key'],
      changed_at: ['instant', 'fact'],
    },
    ['id'],
    [],
  ),
  preferences: shape<Tables['preferences']>(
    { user_id: ['id', 'key'], key: ['text', 'key'], value: ['text', 'personal', null], version: ['integer', 'fact'] },
    ['user_id', 'key'],
    [],
  ),
  org_tags: shape<Tables['org_tags']>(
    {
      user_id: ['id', 'key'],
      org: ['text', 'key'],
      key: ['text', 'key'],
      value: ['text', 'personal', null],
      version: ['integer', 'fact'],
      created_at: ['instant', 'fact'],
      modified_at: ['instant', 'fact'],
    },
    ['user_id', 'org', 'key'],
    [],
  ),
  course_tags: shape<Tables['course_tags']>(
    {
      user_id: ['id', 'key'],
      course_id: ['text', 'key'],
      key: ['text', 'key'],
      value: ['text', 'personal', null],
      version: ['integer', 'fact'],
    },
    ['user_id', 'course_id', 'key'],
    [],
  ),
  registrations: shape<Tables['registrations']>(
    {
      user_id: ['id', 'key'],
      key_hash: ['text', 'fact'],
      proof_hash: ['text', 'fact'],
      expires_at: ['instant', 'fact'],
      activated_at: ['instant', 'fact'],
    },
    ['user_id'],
    [['key_hash']],
  ),
  pending_email_changes: shape<Tables['pending_email_changes']>(
    {
      user_id: ['id', 'key'],
      kind: ['text', 'key'],
      new_email: ['text', 'personal'],
      key_hash: ['text', 'fact'],
      requested_at: ['instant', 'fact'],
      expires_at: ['instant', 'fact'],
    },
    ['user_id', 'kind'],
    [['key_hash']],
  ),
  request_guards: shape<Tables['request_guards']>(
    { user_id: ['id', 'key'], ended: ['text', 'fact'], requests: ['integer', 'fact'] },
    ['user_id'],
    [],
  ),
  pending_name_changes: shape<Tables['pending_name_changes']>(
    {
      user_id: ['id', 'key'],
      request_id: ['text', 'key'],
      new_name: ['text', 'personal'],
      rationale: ['text', 'personal'],
      requested_at: ['instant', 'fact'],
    },
    ['user_id'],
    [],
  ),
  account_recoveries: shape<Tables['account_recoveries']>(
    {
      user_id: ['id', 'key'],
      secondary_email: ['text', 'personal'],
      secondary_email_key: ['text', 'personal'],
      is_active: ['boolean', 'fact'],
    },
    ['user_id'],
    [['secondary_email_key']],
  ),
  account_history: shape<Tables['account_history']>(
    {
      id: ['text', 'key'],
      user_id: ['id', 'key'],
      field: ['text', 'key'],
      old_value: ['text', 'personal'],
      reason: ['text', 'personal'],
      changed_by: ['id', 'key'],
      changed_at: ['instant', 'fact'],
    },
    ['id'],
    [],
  ),
  rate_limits: shape<Tables['rate_limits']>(
    { name: ['text', 'key'], subject: ['text', 'key'], period_start: ['instant', 'fact'], hits: ['integer', 'fact'] },
    ['name', 'subject'],
    [],
  ),
  outbox: shape<Tables['outbox']>(
    {
      id: ['text', 'key'],
      kind: ['text', 'key'],
      name: ['text', 'key'],
      user_id: ['id', 'key'],
      payload: ['json', 'personal'],
      created_at: ['instant', 'fact'],
      leased_until: ['instant', 'fact'],
      lease: ['text', 'fact'],
    },
    ['id'],
    [],
  ),
  retirement_states: shape<Tables['retirement_states']>(
    {
      state_name: ['text', 'key'],
      state_execution_order: ['integer', 'key'],
      kind: ['text', 'fact'],
      step: ['text', 'key'],
      action: ['text', 'fact'],
    },
    ['state_name'],
    [],
  ),
  retirements: shape<Tables['retirements']>(
    {
      user_id: ['id', 'key'],
      id: ['id', 'key'],
      original_username: ['text', 'personal'],
      original_username_key: ['text', 'personal'],
      original_email: ['text', 'personal'],
      original_email_key: ['text', 'personal'],
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
    },
    ['user_id'],
    [['id']],
  ),
  retirement_requests: shape<Tables['retirement_requests']>(
    { user_id: ['id', 'key'], created_at: ['instant', 'fact'], is_started: ['boolean', 'fact'] },
    ['user_id'],
    [],
  ),
  retirement_history: shape<Tables['retirement_history']>(
    {
      id: ['text', 'key'],
      user_id: ['id', 'key'],
      from_state: ['text', 'fact'],
      to_state: ['text', 'fact'],
      forced: ['boolean', 'fact'],
      note: ['text', 'personal'],
      changed_by: ['id', 'key'],
      changed_at: ['instant', 'fact'],
    },
    ['id'],
    [],
  ),
  partner_reports: shape<Tables['partner_reports']>(
    {
      user_id: ['id', 'key'],
      original_username: ['text', 'personal'],
      original_email: ['text', 'personal'],
      original_name: ['text', 'personal'],
      batch_id: ['text', 'fact'],
      claimed_until: ['instant', 'fact'],
      created_at: ['instant', 'fact'],
    },
    ['user_id'],
    [],
  ),
}

/**
 * A column that references a row of another table, by its one primary column: a row cannot be stored without the row it
 * references.
 */
export interface Reference {
  readonly from: TableName
  readonly column: string
  readonly to: TableName
  /** The effect of deleting a row on the rows that reference it: they are deleted too, or stop the deletion. */
  readonly onDelete: 'cascade' | 'stop'
}

/** Tables whose rows belong to people. The outbox is not among them: a message outlives the person that it is about. */
const parts = (Object.keys(tables) as TableName[]).filter(
  (name) => 'user_id' in tables[name].columns && name !== 'outbox',
)

/** All columns that reference a row of another table. */
export const references: readonly Reference[] = [
  ...parts.map((from): Reference => ({ from, column: 'user_id', to: 'users', onDelete: 'cascade' })),
  { from: 'retirements', column: 'current_state', to: 'retirement_states', onDelete: 'stop' },
  { from: 'retirements', column: 'last_state', to: 'retirement_states', onDelete: 'stop' },
]
