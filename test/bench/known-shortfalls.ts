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
    bound: 4,
    tried:
      'Reads of a thousand people, of 250 and of 1000 rows of JSON, beside the five statements by hand (172 us a person' +
      ' on MariaDB, 208 on MySQL): the union as it is 250 and 334 us; without the conversions of text 240 and 370;' +
      ' with plain columns in place of JSON 255 and 412; with one text a table, by group_concat, 263 and 367; sent by' +
      ' `execute` 257 and 439. A JSON aggregate in a subquery costs MariaDB a temporary table for each person.',
    cost:
      'The union finds the people by their names once for each of its five parts, since reads are of one moment: in one' +
      ' statement, or in a transaction with more round trips. By hand they are found once, and lists are read later.' +
      ' group_concat would also cut texts at max_allowed_packet without an error.',
  },
  {
    job: 'export opt-ins',
    databases: ['mariadb', 'mysql'],
    bound: 0.4,
    tried:
      'Reads of a thousand people at once, and one read ahead of the work on the last: about 0.5 of the raw keyset read.',
    cost:
      'The raw read takes its rows in the order of an index. The export gets people from the host, and asks for their' +
      ' names, addresses and choices by a list of a thousand ids.',
  },
]
