import { sql } from 'kysely'
import { always, type SessionRules } from '../session.ts'

/** Modes that change the meaning of statements or the rows that they return. */
const refusedModes: readonly string[] = [
  // mysql2 puts values into the text, and escapes quotes in them with backslashes: a quote would end the value.
  'NO_BACKSLASH_ESCAPES',
  // MariaDB: an empty text would be null.
  'EMPTY_STRING_IS_NULL',
  // MariaDB: `begin` would not begin a transaction.
  'ORACLE',
  // Names in columns of type `char` would come with the blanks that fill them up.
  'PAD_CHAR_TO_FULL_LENGTH',
]

/** The greatest number of rows: no limit. */
const unlimited = '18446744073709551615'

/** The settings that a session of MySQL or MariaDB must have. */
export const mysqlSession: SessionRules = {
  query: sql`select @@sql_mode as sql_mode, @@autocommit as autocommit, @@foreign_key_checks as foreign_key_checks,
    @@unique_checks as unique_checks, @@sql_safe_updates as sql_safe_updates, @@sql_auto_is_null as sql_auto_is_null,
    @@sql_big_selects as sql_big_selects, cast(@@sql_select_limit as char) as sql_select_limit,
    @@character_set_client as character_set_client, @@character_set_connection as character_set_connection,
    @@character_set_results as character_set_results, @@completion_type as completion_type,
    /*!80017 @@transaction_isolation *//*M! @@tx_isolation */ as transaction_isolation`,
  settings: {
    sql_mode: {
      expected: `without ${refusedModes.join(', ')}`,
      isRight: (modes) => modes.split(',').every((mode) => !refusedModes.includes(mode)),
    },
    // A change of one statement would never be committed.
    autocommit: always('1'),
    // Behind a COMMIT another transaction would begin.
    completion_type: always('NO_CHAIN'),
    transaction_isolation: {
      expected: 'READ-COMMITTED or stricter',
      isRight: (isolation) => isolation !== 'READ-UNCOMMITTED',
    },
    foreign_key_checks: always('1'),
    unique_checks: always('1'),
    // Writes whose condition is on no key would be refused.
    sql_safe_updates: always('0'),
    // `is null` would find the row that was added last.
    sql_auto_is_null: always('0'),
    sql_big_selects: always('1'),
    // Lists would be cut without an error.
    sql_select_limit: always(unlimited),
    // Characters that another set does not have would be replaced by question marks.
    character_set_client: always('utf8mb4'),
    character_set_connection: always('utf8mb4'),
    character_set_results: always('utf8mb4'),
  },
}
