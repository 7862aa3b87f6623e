import { sql } from 'kysely'
import { migrate, openEdxTables } from '../../src/kysely/index.ts'
import { mysqlDatabase, type TestDatabase } from './databases.ts'
import { serverUrls } from './servers.ts'

const key = 'id int not null auto_increment primary key'
const times = 'created datetime(6) not null, modified datetime(6) not null'
const toUser = 'foreign key (user_id) references auth_user (id)'
const toProfile = 'foreign key (user_profile_id) references auth_userprofile (id)'

/** Tables of the original, as its framework makes them: numbers without default, and references that delete nothing. */
const tables: Readonly<Record<string, string>> = {
  auth_user: `${key}, password varchar(128) not null, last_login datetime(6), is_superuser tinyint(1) not null,
    username varchar(150) not null unique, first_name varchar(150) not null, last_name varchar(150) not null,
    email varchar(254) not null unique, is_staff tinyint(1) not null, is_active tinyint(1) not null,
    date_joined datetime(6) not null`,
  auth_userprofile: `${key}, name varchar(255) not null, meta longtext not null, courseware varchar(255) not null,
    language varchar(255) not null, location varchar(255) not null, year_of_birth int, gender varchar(6),
    level_of_education varchar(6), mailing_address longtext, city longtext, country varchar(2), state varchar(2),
    goals longtext, bio varchar(3000), profile_image_uploaded_at datetime(6), phone_number varchar(50),
    user_id int not null unique, ${toUser}, key (name), key (language), key (location), key (year_of_birth),
    key (gender), key (level_of_education)`,
  student_languageproficiency: `${key}, code varchar(16) not null, user_profile_id int not null,
    unique (code, user_profile_id), ${toProfile}`,
  student_sociallink: `${key}, platform varchar(30) not null, social_link varchar(100) not null,
    user_profile_id int not null, ${toProfile}`,
  auth_registration: `${key}, activation_key varchar(32) not null unique, activation_timestamp datetime(6),
    user_id int not null unique, ${toUser}`,
  student_pendingnamechange: `${key}, new_name varchar(255) not null, rationale varchar(1024) not null,
    user_id int not null unique, ${toUser}`,
  student_pendingemailchange: `${key}, new_email varchar(255) not null, activation_key varchar(32) not null unique,
    user_id int not null unique, ${toUser}, key (new_email)`,
  student_pendingsecondaryemailchange: `${key}, new_secondary_email varchar(255) not null,
    activation_key varchar(32) not null unique, user_id int not null unique, ${toUser}, key (new_secondary_email)`,
  auth_accountrecovery: `${key}, secondary_email varchar(254) not null unique, user_id int not null unique,
    is_active tinyint(1) not null, ${toUser}`,
  user_api_userpreference: `${key}, \`key\` varchar(255) not null, value longtext not null, user_id int not null,
    unique (user_id, \`key\`), key (\`key\`), ${toUser}`,
  user_api_userorgtag: `${key}, ${times}, \`key\` varchar(255) not null, org varchar(255) not null,
    value longtext not null, user_id int not null, unique (user_id, org, \`key\`), key (\`key\`), key (org), ${toUser}`,
  user_api_usercoursetag: `${key}, \`key\` varchar(255) not null, course_id varchar(255) not null,
    value longtext not null, user_id int not null, unique (user_id, course_id, \`key\`), key (\`key\`), key (course_id),
    ${toUser}`,
  user_api_retirementstate: `${key}, state_name varchar(30) not null unique,
    state_execution_order smallint not null unique, is_dead_end_state tinyint(1) not null, required tinyint(1) not null,
    key (is_dead_end_state)`,
  user_api_userretirementstatus: `${key}, ${times}, original_username varchar(150) not null,
    original_email varchar(254) not null, original_name varchar(255) not null, retired_username varchar(150) not null,
    retired_email varchar(254) not null, responses longtext not null, current_state_id int not null,
    last_state_id int not null, user_id int not null unique, ${toUser},
    foreign key (current_state_id) references user_api_retirementstate (id),
    foreign key (last_state_id) references user_api_retirementstate (id), key (original_username),
    key (original_email), key (original_name), key (retired_username), key (retired_email)`,
  user_api_userretirementrequest: `${key}, ${times}, user_id int not null unique, ${toUser}`,
  user_api_userretirementpartnerreportingstatus: `${key}, ${times}, original_username varchar(150) not null,
    original_email varchar(254) not null, original_name varchar(255) not null,
    is_being_processed tinyint(1) not null, user_id int not null unique, ${toUser}, key (original_username),
    key (original_email), key (original_name)`,
}

/** Tables of our own whose rows are not deleted with people. */
const ownTables = [
  'usercore_outbox',
  'usercore_idempotency_keys',
  'usercore_rate_limits',
  'usercore_retirement_states',
  'usercore_retirement_receipts',
  'usercore_retired_identifiers',
  'usercore_retirement_holds',
]

/**
 * Makes an Open edX database without people. `collation` is that of its tables: old sites have the character set
 * `utf8mb3`.
 */
export async function openEdxDatabase(url: string, collation: string): Promise<TestDatabase> {
  const database = await mysqlDatabase(url, 'empty')
  const db = database.connect()
  for (const [table, columns] of Object.entries(tables)) {
    const options = `engine = InnoDB default charset = ${collation.split('_')[0]} collate = ${collation}`
    await sql.raw(`create table ${table} (${columns}) ${options}`).execute(db)
  }
  await migrate(db, { dialect: 'mysql', tables: openEdxTables })
  return {
    ...database,
    tables: openEdxTables,
    async clean() {
      for (const table of [...Object.keys(tables).reverse(), ...ownTables]) {
        await sql`delete from ${sql.table(table)}`.execute(db)
      }
      await sql`alter table auth_user auto_increment = 1`.execute(db)
    },
  }
}

const { mariadb, mysql } = serverUrls

/** The Open edX databases that can be tried here, by the names that `CONFORMANCE_STORE` takes. */
export const openEdxDatabases: Readonly<Record<string, () => Promise<TestDatabase>>> = {
  ...(mariadb === undefined ? {} : { 'open-edx': () => openEdxDatabase(mariadb, 'utf8mb4_general_ci') }),
  ...(mysql === undefined ? {} : { 'open-edx-mysql': () => openEdxDatabase(mysql, 'utf8mb4_unicode_ci') }),
}
