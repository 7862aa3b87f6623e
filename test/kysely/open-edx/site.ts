import { type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe } from 'vitest'
import { createUserCore, type UserCore, type UserCoreOptions } from '../../../src/create-user-core.ts'
import { kyselyRepository, openEdxTables } from '../../../src/kysely/index.ts'
import type { Repository } from '../../../src/port/repository.ts'
import type { TestDatabase } from '../../stores/databases.ts'
import { openEdxDatabases } from '../../stores/open-edx.ts'

/** A site that has run the original for a while. */
export interface Site {
  /** A connection of the original itself. */
  readonly original: Kysely<unknown>
  readonly database: TestDatabase
  readonly repository: Repository
  /** Makes a user core over the site's repository, or another one. */
  users(options?: Partial<UserCoreOptions<unknown>>): UserCore<unknown>
  /** Makes a user core over a connection of its own. */
  another(): UserCore<unknown>
  /** Returns the rows of a table, as they are stored. */
  rows(table: string): Promise<Record<string, unknown>[]>
  /** Returns the only row of a table. */
  row(table: string): Promise<Record<string, unknown> | undefined>
}

/** The seed from which the original names its files of images. */
export const seeded = { profile_image_hash_seed: 'secret' } as const

const clock = () => new Date('2024-06-15T12:00:00.123Z')

const options = { dialect: 'mysql', tables: openEdxTables } as const

/**
 * Runs a suite on such a site, filled anew for each test, on each kind of server at hand; without one the suite is
 * skipped.
 */
export function onSite(suite: string, tests: (site: () => Site) => void): void {
  const stores = Object.entries(openEdxDatabases)
  // The suites need a server of MySQL or MariaDB; a run without one says so (test/support/stores-not-tried.ts).
  if (stores.length === 0) describe.skip(suite, () => testsOn(undefined, tests))
  for (const [name, create] of stores) describe(`${suite} (${name})`, () => testsOn(create, tests))
}

function testsOn(create: (() => Promise<TestDatabase>) | undefined, tests: (site: () => Site) => void): void {
  let site: Site
  beforeAll(async () => {
    const database = (await create?.()) as TestDatabase
    const original = database.connect()
    const repository = kyselyRepository(database.connect(), options) as Repository
    const rows: Site['rows'] = async (table) =>
      (await sql<Record<string, unknown>>`select * from ${sql.table(table)} order by 1`.execute(original)).rows
    site = {
      database,
      original,
      repository,
      rows,
      row: async (table) => (await rows(table))[0],
      users: (more = {}) => createUserCore({ repository, clock, ...more, settings: { ...seeded, ...more.settings } }),
      another: () =>
        createUserCore({
          repository: kyselyRepository(database.connect(), options) as Repository,
          clock,
          settings: seeded,
        }),
    }
  }, 60_000)
  beforeEach(async () => {
    await site.database.clean()
    await fill(site.original)
  })
  afterAll(() => site.database.close(), 60_000)
  tests(() => site)
}

/**
 * The platform's own data in the `meta` of ada, beside two fields of the site. One number is too large for JavaScript.
 */
export const meta = `{"old_names": [["Ada B", "Name change requested through account API by ada", "2020-01-02T03:04:05.678901+00:00"]], "session_id": "5f0c", "occupation": "Farmer", "student_id": 12345678901234567890, "note": "caf\\u00e9"}`

/** Rows as the original writes them: ada has everything, bob an empty profile, cy none. */
const statements = [
  `insert into auth_user (id, password, is_superuser, username, first_name, last_name, email, is_staff, is_active,
    date_joined, last_login) values
    (4, 'pbkdf2_sha256$1$a$b', 0, 'Ada', '', '', 'Ada@Example.com', 0, 1, '2019-03-01 10:00:00.000000', '2024-06-14 08:30:00.250000'),
    (5, '!unusable', 0, 'bob', 'Bob', 'B', 'bob@example.com', 0, 0, '2020-02-29 12:00:00.123456', null),
    (6, 'pbkdf2_sha256$1$a$c', 0, 'cy', '', '', 'cy@example.com', 1, 1, '2021-01-01 00:00:00.000000', null)`,
  `insert into auth_userprofile (id, user_id, name, meta, courseware, language, location, year_of_birth, gender,
    level_of_education, mailing_address, city, country, state, goals, bio, profile_image_uploaded_at, phone_number) values
    (11, 4, 'Ada Lovelace', '${meta.replaceAll('\\', '\\\\')}', 'course.xml', 'en', '', 1990, 'f', 'm', null, 'Rome', 'IT', '', 'Learn', 'Notes', '2023-01-01 00:00:00.500000', '123'),
    (12, 5, '', '', 'course.xml', '', '', null, '', '', null, null, null, null, null, null, null, null)`,
  `insert into student_languageproficiency (id, code, user_profile_id) values (1, 'it', 11), (2, 'en', 11)`,
  `insert into student_sociallink (id, platform, social_link, user_profile_id) values
    (1, 'x', 'https://www.x.com/old', 11), (2, 'linkedin', 'https://www.linkedin.com/in/ada', 11),
    (3, 'x', 'https://www.x.com/ada', 11)`,
  `insert into auth_registration (activation_key, activation_timestamp, user_id) values
    ('0123456789abcdef0123456789abcdef', null, 5), ('1123456789abcdef0123456789abcdef', '2019-03-01 10:05:00', 4)`,
  `insert into student_pendingnamechange (new_name, rationale, user_id) values ('Ada King', 'Married', 4)`,
  `insert into student_pendingemailchange (new_email, activation_key, user_id) values
    ('ada@new.example', '2123456789abcdef0123456789abcdef', 4)`,
  `insert into student_pendingsecondaryemailchange (new_secondary_email, activation_key, user_id) values
    ('ada@third.example', '3123456789abcdef0123456789abcdef', 4)`,
  `insert into auth_accountrecovery (secondary_email, user_id, is_active) values ('Ada@Second.example', 4, 1)`,
  `insert into user_api_userpreference (\`key\`, value, user_id) values
    ('pref-lang', 'it', 4), ('account_privacy', 'custom', 4), ('visibility.bio', 'all_users', 4),
    ('time_zone', 'Europe/Rome', 4), ('test key', '', 4), ('account_privacy', 'private', 5)`,
  `insert into user_api_userorgtag (created, modified, \`key\`, org, value, user_id) values
    ('2022-01-01 00:00:00.000001', '2022-02-02 00:00:00.000002', 'email-optin', 'OrgX', 'True', 4),
    ('2022-01-01 00:00:00.000001', '2022-02-02 00:00:00.000002', 'email-optin', 'OrgY', 'False', 4)`,
  `insert into user_api_usercoursetag (\`key\`, course_id, value, user_id) values
    ('xblock.partition_service.partition_7', 'course-v1:OrgX+C+R', '1', 4)`,
  `insert into user_api_retirementstate (id, state_name, state_execution_order, is_dead_end_state, required) values
    (21, 'PENDING', 1, 0, 1), (22, 'LOCKING_ACCOUNT', 11, 0, 0), (23, 'LOCKING_COMPLETE', 21, 0, 0),
    (24, 'RETIRING_FORUMS', 31, 0, 0), (25, 'FORUMS_COMPLETE', 41, 0, 0), (26, 'RETIRING_EMAIL_LISTS', 51, 0, 0),
    (27, 'EMAIL_LISTS_COMPLETE', 61, 0, 0), (28, 'RETIRING_ENROLLMENTS', 71, 0, 0),
    (29, 'ENROLLMENTS_COMPLETE', 81, 0, 0), (30, 'RETIRING_NOTES', 91, 0, 0), (31, 'NOTES_COMPLETE', 101, 0, 0),
    (32, 'RETIRING_LMS', 111, 0, 0), (33, 'LMS_COMPLETE', 121, 0, 0), (34, 'ERRORED', 131, 1, 1),
    (35, 'ABORTED', 141, 1, 1), (36, 'COMPLETE', 151, 1, 1)`,
]

async function fill(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
