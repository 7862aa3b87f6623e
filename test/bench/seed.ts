import { type Kysely, sql } from 'kysely'
import { tables } from '../../src/port/tables.ts'
import { joined, numbersTo, secondsIn2026 } from './numbers.ts'
import type { Place } from './places.ts'

const document = '{"occupation":{"name":"Farmer","salary":"100"},"company":"Acme","title":"Ms","team":"Blue","floor":7}'

/** The preferences of each person, beside `account_privacy`. */
export const preferenceKeys = ['font', 'layout', 'sound', 'theme', 'volume'] as const

/** The fields of the extended profile of each person. */
export const extendedFields = ['occupation', 'company', 'title', 'team', 'floor'] as const

/**
 * Adds people by SQL, from the first number up to another: `user1`, `user2`, …, each with two languages, two links, six
 * preferences, one preference of an organisation and five extended fields.
 */
export async function seedPeople(db: Kysely<unknown>, place: Pick<Place, 'dialect'>, count: number): Promise<void> {
  const from = `from ${numbersTo(place, count)} where n <= ${count}`
  const key = place.dialect === 'mysql' ? '`key`' : '"key"'
  const at = secondsIn2026(place, '0')
  await seedUsers(db, place, 0, count)
  await run(db, [
    ...['en', 'it'].map(
      (code) => `insert into usercore_language_proficiencies (user_id, code) select n, '${code}' ${from}`,
    ),
    ...['linkedin', 'x'].map(
      (platform) => `insert into usercore_social_links (user_id, platform, social_link)
        select n, '${platform}', ${joined(place, `'https://www.${platform}.com/in/user'`, 'n')} ${from}`,
    ),
    `insert into usercore_extended_profiles (user_id, owner, document, schema_version)
      select n, 'user', '${document}', 1 ${from}`,
    ...['account_privacy', ...preferenceKeys].map(
      (name) => `insert into usercore_preferences (user_id, ${key}, value, version)
        select n, '${name}', '${name === 'account_privacy' ? 'all_users' : 'value'}', 1 ${from}`,
    ),
    `insert into usercore_org_tags (user_id, org, ${key}, value, version, created_at, modified_at)
      select n, 'OrgX', 'theme', 'dark', 1, ${at}, ${at} ${from}`,
  ])
  if (place.dialect === 'postgres') await run(db, [`select setval('usercore_users_id_seq', ${count})`])
  await analyse(db, place)
}

/** Adds people with a profile and nothing else: those after `first`, up to `last`. */
export async function seedUsers(
  db: Kysely<unknown>,
  place: Pick<Place, 'dialect'>,
  first: number,
  last: number,
): Promise<void> {
  const from = `from ${numbersTo(place, last)} where n > ${first} and n <= ${last}`
  const yes = place.dialect === 'sqlite' ? '1' : 'true'
  const name = joined(place, "'user'", 'n')
  const email = joined(place, "'user'", 'n', "'@example.com'")
  await run(db, [
    `insert into usercore_users (id, username, username_key, email, email_key, first_name, last_name, is_active, date_joined)
      select n, ${name}, ${name}, ${email}, ${email}, '', '', ${yes}, ${secondsIn2026(place, '0')} ${from}`,
    `insert into usercore_profiles (user_id, version, name, gender, year_of_birth, level_of_education, goals, bio,
        country, state, city, location, mailing_address, phone_number)
      select n, 1, ${joined(place, "'Name '", 'n')}, 'f', 1990, 'b', 'Learn', 'A few words about me',
        'IT', null, 'Rome', 'Rome', null, '+39123456789' ${from}`,
    `insert into usercore_search_values (user_id, field, value)
      select n, 'name', ${joined(place, "'name '", 'n')} ${from}`,
  ])
}

/** Adds retirements that wait: those of the people after `first`, up to `last`, in the order of their ids. */
export async function seedRetirements(
  db: Kysely<unknown>,
  place: Pick<Place, 'dialect'>,
  first: number,
  last: number,
): Promise<void> {
  const name = joined(place, "'user'", 'n')
  const email = joined(place, "'user'", 'n', "'@example.com'")
  const at = secondsIn2026(place, 'n')
  await run(db, [
    `insert into usercore_retirements (user_id, id, original_username, original_username_key, original_email,
        original_email_key, original_name, retired_username, retired_email, current_state, last_state, version,
        created_at, modified_at)
      select n, n, ${name}, ${name}, ${email}, ${email}, ${joined(place, "'Name '", 'n')},
        ${joined(place, "'retired'", 'n')}, ${joined(place, "'retired'", 'n', "'@example.com'")},
        'PENDING', 'PENDING', 1, ${at}, ${at}
      from ${numbersTo(place, last)} where n > ${first} and n <= ${last}`,
  ])
  await analyse(db, place)
}

/** Leaves no messages but some that wait, numbered after `first`, up to `last`. */
export async function seedMessages(
  db: Kysely<unknown>,
  place: Pick<Place, 'dialect'>,
  first: number,
  last: number,
): Promise<void> {
  const id = joined(place, "'m'", '(n + 10000000)')
  await run(db, [
    'delete from usercore_outbox',
    `insert into usercore_outbox (id, kind, name, user_id, payload, created_at)
      select ${id}, 'event', 'settings_changed', n, '{"user_id":1,"changes":[]}', ${secondsIn2026(place, 'n')}
      from ${numbersTo(place, last)} where n > ${first} and n <= ${last}`,
  ])
  await analyse(db, place)
}

/** Adds a choice about e-mail of an organisation for each person, up to `last`. */
export async function seedOptIns(db: Kysely<unknown>, place: Pick<Place, 'dialect'>, last: number): Promise<void> {
  const key = place.dialect === 'mysql' ? '`key`' : '"key"'
  const at = secondsIn2026(place, 'n')
  await run(db, [
    `insert into usercore_org_tags (user_id, org, ${key}, value, version, created_at, modified_at)
      select n, 'OrgX', 'email-optin', 'True', 1, ${at}, ${at} from ${numbersTo(place, last)} where n <= ${last}`,
  ])
  await analyse(db, place)
}

/** Lets a database look at the distribution of values, and end the work that the rows before have left to it. */
export async function analyse(db: Kysely<unknown>, { dialect }: Pick<Place, 'dialect'>): Promise<void> {
  const names = Object.keys(tables)
    .map((table) => `usercore_${table}`)
    .join(', ')
  await run(
    db,
    {
      mysql: [`analyze table ${names}`],
      // The server would begin to vacuum by itself while others are measured.
      postgres: [`vacuum analyze ${names}`],
      // Reads would look for each page in the log of all those writes.
      sqlite: ['analyze', 'pragma wal_checkpoint(truncate)'],
    }[dialect],
  )
}

async function run(db: Kysely<unknown>, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
