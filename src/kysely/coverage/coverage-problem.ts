/** Data of people in the database that no declaration covers, or a declaration that the database does not bear out. */
export interface CoverageProblem {
  /**
   * | code | means |
   * | --- | --- |
   * | `unclassified_table` | a table that may have data of people is neither declared nor waived |
   * | `unclassified_column` | a table is declared, and a column of it is not |
   * | `no_table`, `no_column` | a table or a column that is declared is missing |
   * | `no_key` | nothing names a row of a source, so that erasure cannot go along its rows: see `key` |
   * | `broken_path` | `through` leads to no person: to an unknown source, to a missing column, or in a circle |
   * | `unindexed_subject` | no index begins with the column that tells whose a row is |
   * | `unindexed_identifier` | no index begins with a column that names people, by which a verification finds them |
   * | `stale_waiver` | a waiver that there is no use for |
   * | `expired_waiver` | a waiver that has come to its end |
   * | `cascade` | a foreign key by which deleting a person deletes rows of a table that is not declared |
   * | `blocks` | a foreign key that keeps a person, or rows that an erasure deletes, from being deleted |
   */
  readonly code:
    | 'unclassified_table'
    | 'unclassified_column'
    | 'no_table'
    | 'no_column'
    | 'no_key'
    | 'broken_path'
    | 'unindexed_subject'
    | 'unindexed_identifier'
    | 'stale_waiver'
    | 'expired_waiver'
    | 'cascade'
    | 'blocks'
  /** The table, after its schema and a full stop where that is not the one of the connection. */
  readonly table: string
  /** The column; null for the table itself. */
  readonly column: string | null
  /** The problem and the remedy, as a text for people. */
  readonly sentence: string
}

/** A table or a column that is no data of people, or whose problems are known. */
export interface Waiver {
  /** The table, after its schema and a full stop where that is not the one of the connection. */
  readonly table: string
  /** The column. Left out: whatever is found of the table. */
  readonly column?: string
  /** The reason, for those who read the declaration. */
  readonly why: string
  /** The moment from which it no longer counts, in ISO 8601: a day means its beginning, in UTC. */
  readonly until?: string
}
