import type { JsonValue } from '../values/json.ts'
import type { Meaning, PersonalMeaning } from './tables.ts'

/**
 * A table of a host with data of people, as `definePersonalData` takes it: how a row belongs to a person, what each of
 * its columns holds, and the treatment of its rows when that person is erased. Export, erasure and `checkCoverage`
 * derive from it.
 */
export interface PersonalDataSource<Column extends string = string> {
  /**
   * The name in plans, exports and receipts: 1 to 63 lower-case letters, digits and underscores, of which a letter is
   * the first. Unique among the sources of a site; `manifest` and names that begin with `usercore_` are reserved.
   */
  readonly source: string
  /** The table, as the catalogue of the database spells it, without its schema. */
  readonly table: string
  /** The schema (on MySQL: the database) of the table. Default: that of the connection. */
  readonly schema?: string
  /** The way in which a row belongs to a person. A row of two people belongs to the one that this says. */
  readonly subject: Subject<NoInfer<Column>>
  /**
   * The columns that name a row, in their order; erasure and export go along them. Default: the primary key of the
   * table.
   */
  readonly key?: readonly NoInfer<Column>[]
  /** The meaning of every column of the table, those of `subject` and `key` among them. */
  readonly columns: Readonly<Record<Column, Meaning | Retained<NoInfer<Column>>>>
  /** The treatment of the rows of a person who is erased. */
  readonly treatment: SourceTreatment<NoInfer<Column>>
}

/**
 * The way in which a row belongs to a person: a column has the id, an address or a username of the person, or a row of
 * another source owns the row, to any depth.
 */
export type Subject<Column extends string = string> =
  | {
      /** The column that has the id of the person. */
      readonly user_id: Column
    }
  | {
      /** The column that has an address of the person. */
      readonly email: Column
    }
  | {
      /** The column that has a username of the person. */
      readonly username: Column
    }
  | {
      /** The source whose rows own those of this one, by its name. */
      readonly through: string
      /** The column of this table that names the row that owns it. */
      readonly column: Column
      /** The column of the other table that it names; each of its values is of one row. */
      readonly references: string
    }

/**
 * The treatment of the rows of a person who is erased. A column is personal when it means `personal`, `identifier` or
 * `free_text` and is not retained.
 *
 * | erase | treatment |
 * | --- | --- |
 * | `rows` | the columns of `redacted` are overwritten, then the rows are deleted: copies of a table keep the last state of a row |
 * | `columns` | the columns of `emptied` are overwritten, and the rows stay; every personal column has to be among them |
 * | `step` | the step `by` of the pipeline erases them, with code of the host |
 * | `never` | none, for the reason in `why` |
 */
export type SourceTreatment<Column extends string = string> =
  | {
      /** The rows are deleted. */
      readonly erase: 'rows'
      /** The values that overwrite columns before the rows are deleted. */
      readonly redacted: Readonly<Partial<Record<Column, Replacement>>>
    }
  | {
      /** Columns are emptied, and the rows stay. */
      readonly erase: 'columns'
      /** The values that take the place of personal ones. */
      readonly emptied: Readonly<Partial<Record<Column, Replacement>>>
    }
  | {
      /** Code of the host erases the rows. */
      readonly erase: 'step'
      /** The step of the pipeline in which it does, by its name. */
      readonly by: string
    }
  | {
      /** The rows stay as they are. */
      readonly erase: 'never'
      /** The reason, for the record of processing. */
      readonly why: string
    }

/** A column that is kept although it is personal, for a time. Plans tell its end, at which the host empties it. */
export interface Retained<Column extends string = string> {
  /** What the column holds. */
  readonly meaning: PersonalMeaning
  /** The ground on which it is kept, for the record of processing, plans and exports. */
  readonly why: string
  /** The time for which it is kept. */
  readonly for: {
    /** Whole days, 1 to 36,500. */
    readonly days: number
    /** The column with the moment from which they are counted. */
    readonly since: Column
  }
}

/**
 * The value that takes the place of a personal one: a JSON value, or one that is made for each row. `perRow` is the
 * beginning of a text that goes on differently in each row, for columns whose values are unique. `keyed` is a pseudonym
 * under the key of the site: equal values get equal pseudonyms.
 */
export type Replacement = JsonValue | { readonly perRow: string } | { readonly keyed: true }

/** Returns what a declared column holds, whether it is retained or not. */
export function meaningOf(declared: Meaning | Retained): Meaning {
  return typeof declared === 'string' ? declared : declared.meaning
}
