import { hashKey, proofHash } from '../../src/accounts/fields/confirmation-key.ts'
import { retiredForm } from '../../src/accounts/retired-identifier.ts'
import { emptyProfile } from '../../src/port/empty-profile.ts'
import { ownPart } from '../../src/port/owners.ts'
import type { Repository } from '../../src/port/repository.ts'
import type { AccountHistoryRow, ProfileRow, UserRow } from '../../src/port/tables.ts'
import type { Write } from '../../src/port/write.ts'
import { defaultPipeline, pipelineFromNames } from '../../src/retirement/pipeline.ts'
import type { Settings } from '../../src/site/settings.ts'
import { addMilliseconds, type Instant, toInstant } from '../../src/values/instant.ts'
import type { JsonObject, JsonValue } from '../../src/values/json.ts'
import { identifierKey } from '../../src/values/text.ts'
import type { TestHost } from './host.ts'
import { Unsupported } from './unsupported.ts'

type Members = Record<string, JsonValue | undefined>

/** The names that a case gives its people, and those people in the store. */
export type People = ReadonlyMap<string, UserRow>

const day = 86_400_000

/** Members of `given` that say something about the call rather than about the store. */
const notStored = ['now', 'settings', 'users', 'before', 'faults', 'retirement_states', 'courses']

/** The list that the README calls extended; `default` is that of the library. */
const extendedStates = [
  'PENDING',
  'LOCKING_ACCOUNT',
  'LOCKING_COMPLETE',
  'RETIRING_CREDENTIALS',
  'CREDENTIALS_COMPLETE',
  'RETIRING_ECOM',
  'ECOM_COMPLETE',
  'RETIRING_FORUMS',
  'FORUMS_COMPLETE',
  'RETIRING_EMAIL_LISTS',
  'EMAIL_LISTS_COMPLETE',
  'RETIRING_ENROLLMENTS',
  'ENROLLMENTS_COMPLETE',
  'RETIRING_NOTES',
  'NOTES_COMPLETE',
  'RETIRING_LMS',
  'LMS_COMPLETE',
  'ADDING_TO_PARTNER_QUEUE',
  'PARTNER_QUEUE_COMPLETE',
  'ERRORED',
  'ABORTED',
  'COMPLETE',
]

/** Writes what a case has in `given` straight into the store: no rules, no events, no mail. */
export async function loadGiven(
  given: JsonObject,
  repository: Repository,
  settings: Settings,
  host: TestHost,
): Promise<People> {
  const now = instant(given.now)
  const people = new Map<string, UserRow>()
  const writes: Write[] = stateWrites(given)
  const takenIds = new Set(rows(given.users).map((user) => user.id))
  let nextId = 1000
  for (const given_user of rows(given.users)) {
    while (takenIds.has(nextId)) nextId++
    const user = userRow(given_user, (given_user.id as number | undefined) ?? nextId++, now)
    people.set(user.username, user)
    writes.push(...userWrites(given_user, user, now))
    if (given_user.has_usable_password !== false)
      host.setPassword(user.id, (given_user.password as string | undefined) ?? 'a usable password')
  }
  const nameOf = (username: string) => {
    const profile = rows(given.users).find((user) => user.username === username)?.profile as Members | undefined
    return String(profile?.name ?? '')
  }
  for (const [member, load] of Object.entries(loaders)) {
    for (const row of rows(given[member])) {
      const user = people.get(String(row.username))
      if (user === undefined) throw new Error(`${member} names ${row.username}, whom users lacks`)
      writes.push(...load(row, user, { now, settings, host, nameOf }))
    }
  }
  for (const { id, org } of rows(given.courses)) host.courses.push({ course_id: String(id), org: String(org) })
  const unknown = Object.keys(given).filter((member) => !notStored.includes(member) && !Object.hasOwn(loaders, member))
  if (unknown.length > 0) throw new Unsupported(`given.${unknown.join(', given.')}`)
  if (!(await repository.commit(writes))) throw new Error('the store refused what is given')
  return people
}

function userRow(user: Members, id: number, now: Instant): UserRow {
  const { username, email } = user as { username: string; email: string }
  return {
    id,
    username,
    username_key: identifierKey(username),
    email,
    email_key: identifierKey(email),
    first_name: (user.first_name as string | undefined) ?? '',
    last_name: (user.last_name as string | undefined) ?? '',
    is_active: user.is_active !== false,
    date_joined: user.date_joined === undefined ? now : instant(user.date_joined),
    last_login: user.last_login == null ? null : instant(user.last_login),
  }
}

function userWrites(given: Members, user: UserRow, now: Instant): Write[] {
  const user_id = user.id
  const writes: Write[] = [{ insert: 'users', rows: [user] }]
  for (const [key, value] of Object.entries((given.preferences ?? {}) as Members)) {
    writes.push({ put: 'preferences', rows: [{ user_id, key, value: String(value), version: 1 }] })
  }
  if (given.profile === null) return writes
  const { language_proficiencies, social_links, meta, meta_raw, profile_image_uploaded_at, ...columns } =
    (given.profile ?? {}) as Members
  const image = profile_image_uploaded_at == null ? null : instant(profile_image_uploaded_at)
  const profile = { ...emptyProfile(user_id), ...columns, profile_image_uploaded_at: image, version: 1 } as ProfileRow
  writes.push({ insert: 'profiles', rows: [profile] })
  writes.push(
    ...rows(language_proficiencies).map(
      ({ code }): Write => ({ insert: 'language_proficiencies', rows: [{ user_id, code: String(code) }] }),
    ),
  )
  writes.push(
    ...rows(social_links).map(
      ({ platform, social_link }): Write => ({
        insert: 'social_links',
        rows: [{ user_id, platform: String(platform), social_link: String(social_link) }],
      }),
    ),
  )
  if (typeof meta_raw === 'string')
    writes.push({
      insert: 'extended_profiles',
      rows: [{ user_id, owner: ownPart, document: meta_raw, schema_version: 1 }],
    })
  if (meta !== undefined) writes.push(...metaWrites(meta as JsonObject, user, now))
  return writes
}

/** The original keeps earlier names and addresses among the fields of `meta`; here they have a table. */
function metaWrites(meta: JsonObject, { id: user_id }: UserRow, now: Instant): Write[] {
  const { old_names, old_emails, ...document } = meta
  const history = (
    field: AccountHistoryRow['field'],
    old_value: JsonValue,
    reason: JsonValue,
    at: JsonValue,
    index: number,
  ): Write => ({
    insert: 'account_history',
    rows: [
      {
        id: `given-${user_id}-${field}-${index}`,
        user_id,
        field,
        old_value: String(old_value),
        reason: String(reason),
        changed_by: null,
        changed_at: toInstant(String(at)) ?? now,
      },
    ],
  })
  return [
    {
      insert: 'extended_profiles',
      rows: [{ user_id, owner: ownPart, document: JSON.stringify(document), schema_version: 1 }],
    },
    ...lists(old_names).map(([name = '', reason = '', at = ''], index) => history('name', name, reason, at, index)),
    ...lists(old_emails).map(([email = '', at = ''], index) => history('email', email, 'given', at, index)),
  ]
}

/** Loads the list of states; states that retirements name without one are loaded with them. */
function stateWrites({ retirement_states, retirements }: JsonObject): Write[] {
  if (retirement_states === 'default') return [{ insert: 'retirement_states', rows: defaultPipeline.states }]
  const named = rows(retirements).flatMap(({ current_state, last_state = current_state }) => [
    current_state,
    last_state,
  ])
  if (retirement_states === undefined && named.length === 0) return []
  const pipeline = pipelineFromNames(retirement_states === null ? [] : extendedStates)
  return 'value' in pipeline ? [{ insert: 'retirement_states', rows: pipeline.value.states }] : []
}

interface Site {
  readonly host: TestHost
  /** The name in the profile that is given for a person. */
  nameOf(username: string): string
  readonly now: Instant
  readonly settings: Settings
}

const loaders: Record<string, (row: Members, user: UserRow, site: Site) => Write[]> = {
  org_tags: ({ org, key, value, modified }, { id: user_id }, { now }) => {
    const modified_at = modified === undefined ? now : instant(modified)
    const tag = { user_id, org: String(org), key: String(key), value: String(value), version: 1 }
    return [{ put: 'org_tags', rows: [{ ...tag, created_at: modified_at, modified_at }] }]
  },
  course_tags: ({ course_id, key, value }, { id: user_id }) => [
    {
      put: 'course_tags',
      rows: [{ user_id, course_id: String(course_id), key: String(key), value: String(value), version: 1 }],
    },
  ],
  enrollments: ({ course_id }, { id: user_id }, { host }) => {
    host.enrolled.push({ user_id, course_id: String(course_id) })
    return []
  },
  registrations: ({ activation_key }, { id: user_id, email }, { now }) => {
    const key = String(activation_key)
    const hashes = { key_hash: hashKey(key), proof_hash: proofHash(key, email) }
    const row = { user_id, ...hashes, expires_at: addMilliseconds(now, day), activated_at: null }
    return [{ insert: 'registrations', rows: [row] }]
  },
  pending_email_changes: ({ new_email, activation_key }, user, { now }) => [
    pendingEmail('primary', user, new_email, activation_key, now),
  ],
  pending_secondary_email_changes: ({ new_secondary_email, activation_key }, user, { now }) => [
    pendingEmail('secondary', user, new_secondary_email, activation_key, now),
  ],
  pending_name_changes: ({ new_name, rationale }, { id: user_id }, { now }) => [
    {
      insert: 'pending_name_changes',
      rows: [
        {
          user_id,
          request_id: `given-${user_id}`,
          new_name: String(new_name),
          rationale: String(rationale ?? ''),
          requested_at: now,
        },
      ],
    },
  ],
  account_recovery: ({ secondary_email, is_active }, { id: user_id }) => [
    {
      insert: 'account_recoveries',
      rows: [
        {
          user_id,
          secondary_email: String(secondary_email),
          secondary_email_key: identifierKey(String(secondary_email)),
          is_active: is_active === true,
        },
      ],
    },
  ],
  retirements: (row, user, { now, settings, nameOf }) => {
    const original_username = (row.original_username as string | undefined) ?? user.username
    const original_email = (row.original_email as string | undefined) ?? user.email
    const created_at = row.created === undefined ? addMilliseconds(now, -8 * day) : instant(row.created)
    const current_state = String(row.current_state)
    return [
      {
        insert: 'retirements',
        rows: [
          {
            id: (row.id as number | undefined) ?? (user.id as number),
            user_id: user.id,
            original_username,
            original_username_key: identifierKey(original_username),
            original_email,
            original_email_key: identifierKey(original_email),
            original_name: (row.original_name as string | undefined) ?? nameOf(user.username),
            retired_username:
              (row.retired_username as string | undefined) ?? retiredForm('username', original_username, settings),
            retired_email: (row.retired_email as string | undefined) ?? retiredForm('email', original_email, settings),
            current_state,
            last_state: String(row.last_state ?? current_state),
            version: 1,
            lease: null,
            leased_until: null,
            created_at,
            modified_at: created_at,
          },
        ],
      },
      {
        insert: 'retirement_requests',
        rows: [{ user_id: user.id, created_at, is_started: current_state !== 'PENDING', generation: 1 }],
      },
    ]
  },
  partner_reports: (row, { id: user_id }, { now }) => {
    const { original_username, original_email, original_name, is_being_processed, created } = row
    const taken = is_being_processed === true
    return [
      {
        insert: 'partner_reports',
        rows: [
          {
            user_id,
            original_username: String(original_username),
            original_email: String(original_email),
            original_name: String(original_name),
            batch_id: taken ? 'given' : null,
            claimed_until: taken ? addMilliseconds(now, day) : null,
            created_at: created === undefined ? now : instant(created),
          },
        ],
      },
    ]
  },
}

function pendingEmail(
  kind: 'primary' | 'secondary',
  user: UserRow,
  new_email: unknown,
  key: unknown,
  now: Instant,
): Write {
  const row = {
    user_id: user.id,
    kind,
    new_email: String(new_email),
    key_hash: hashKey(String(key)),
    requested_at: now,
    expires_at: addMilliseconds(now, day),
  }
  return { insert: 'pending_email_changes', rows: [row] }
}

function rows(value: JsonValue | undefined): Members[] {
  return (value ?? []) as Members[]
}

function lists(value: JsonValue | undefined): JsonValue[][] {
  return (value ?? []) as JsonValue[][]
}

function instant(value: JsonValue | undefined): Instant {
  const read = toInstant(String(value))
  if (read === undefined) throw new Error(`${value} is no moment`)
  return read
}
