import type { JobName } from './limits.ts'

/** A row that falls short of its limit on MariaDB or MySQL, and why it was left so. PostgreSQL and SQLite have none. */
export interface KnownShortfall {
  readonly job: JobName
  readonly databases: readonly ('mariadb' | 'mysql')[]
  /** The value that the row must not exceed all the same; of rows that have to reach a value: not go below. */
  readonly bound: number
  /** The ways that were tried, and the time that each cost. */
  readonly tried: string
  /** The reason for which the rest was left. */
  readonly cost: string
}

export const knownShortfalls: readonly KnownShortfall[] = [
  {
    job: 'read 10,000 accounts',
    databases: ['mariadb', 'mysql'],
    bound: 2.5,
    tried:
      'Reads of a thousand people, of 250 and of 1000 rows of JSON, beside the five statements by hand (172 us a person' +
      ' on MariaDB, 208 on MySQL): the union as it is 250 and 334 us; without the conversions of text 240 and 370;' +
      ' with plain columns in place of JSON 255 and 412; with one text a table, by group_concat, 263 and 367; sent by' +
      ' `execute` 257 and 439. A JSON aggregate in a subquery costs MariaDB a temporary table for each person.' +
      ' With two reads ahead of the process: 1.4 to 2.2 on MariaDB, 1.4 to 1.7 on MySQL.',
    cost:
      'The union finds the people by their names once for each of its five parts, since reads are of one moment: in one' +
      ' statement, or in a transaction with more round trips. By hand they are found once, and lists are read later.' +
      ' group_concat would also cut texts at max_allowed_packet without an error.',
  },
  {
    job: 'read 100 accounts',
    databases: ['mariadb', 'mysql'],
    bound: 1.7,
    tried: 'The same as for 10,000 accounts: 1.27 to 1.45 on MariaDB and 1.37 on MySQL, by the minute of the machine.',
    cost: 'By hand five statements read a hundred people in turn; each finds its rows by ids, the union by names.',
  },
  {
    job: 'read preferences',
    databases: ['mariadb', 'mysql'],
    bound: 1.6,
    tried:
      'Statements sent by the driver alone, beside the join by hand (322 us on MariaDB, 340 on MySQL): the union as it is' +
      ' 402 and 443 us; without the retirement of the person 404 and 414; person and preferences in one join, the person' +
      ' in each row, 391 and 424; preferences as a JSON aggregate in a subquery 598 and 433.',
    cost:
      'The read also gets the person and whether they retire, in the same statement, as JSON. A join in place of the' +
      ' union would gain 4 %, and be a second way of reading people.',
  },
  {
    job: 'set five preferences',
    databases: ['mariadb', 'mysql'],
    bound: 2.5,
    tried:
      'The statement that locked the person, and looked whether they may still be changed, is a part of the last insert' +
      ' now: 1.35 to 1.9 on MariaDB and 1.4 to 2.4 on MySQL by the minute, which were 1.7 to 2.0 and 2.0 to 3.3 before.' +
      ' The time of each statement beside the same by hand, MySQL: 538 us for the read and 355, 228 and 92 for `begin`,' +
      ' 360 and 303, 303 and 214 for the inserts, 198 and 117 for the commit.',
    cost:
      'Statements by hand take as long when the client waits a tenth of a millisecond before each: the server sleeps' +
      ' meanwhile, and has to be woken. usercore checks and decides between the read and the writes. PostgreSQL stores a' +
      ' unit in one statement, which neither MariaDB nor MySQL has.',
  },
]
