import { type Kysely, sql } from 'kysely'
import { type JournalEntry, journalEntry, type RetirementJournal } from '../port/retirement-journal.ts'
import { nodeCrypto } from '../values/built-ins.ts'
import type { Instant } from '../values/instant.ts'
import { name, object, optional } from '../values/kinds.ts'
import { requireOptions } from '../values/options.ts'
import { plain } from './host-database.ts'
import { requireKysely } from './options.ts'

/** Options of `kyselyJournal`. */
export interface KyselyJournalOptions {
  /** The table of the journal. Default `usercore_journal`. */
  readonly table?: string
}

/** The entries that are read at once. */
const pageSize = 500

interface Row {
  readonly id: string
  readonly at: Instant
  readonly entry: string
}

/**
 * Makes a journal of erasures in a table of another database than that of the people: one that is not restored with it. The
 * table is made with the first entry.
 *
 * Throws `config_error` for invalid options.
 *
 * ```ts
 * const journal = kyselyJournal(db, { table: 'erasures' })
 * ```
 */
export function kyselyJournal<DB>(db: Kysely<DB>, options: KyselyJournalOptions = {}): RetirementJournal {
  requireKysely(db)
  requireOptions(options, object({ table: optional(name) }))
  const { table = 'usercore_journal' } = options
  const on = plain(db)
  const at = sql.table(table)
  let isThere = false
  const isMade = () =>
    sql`select 1 from ${at} where 1 = 0`.execute(on).then(
      () => true,
      () => false,
    )

  /** Makes the table; another process can be faster. */
  async function make(): Promise<void> {
    if (isThere || (await isMade())) return
    await on.schema
      .createTable(table)
      .ifNotExists()
      .addColumn('id', 'varchar(36)', (column) => column.primaryKey())
      .addColumn('at', 'varchar(27)', (column) => column.notNull())
      .addColumn('entry', 'text', (column) => column.notNull())
      .execute()
      .catch(async (error: unknown) => {
        if (!(await isMade())) throw error
      })
    isThere = true
  }

  return {
    async append(entry) {
      await make()
      const row: Row = { id: nodeCrypto().randomUUID(), at: entry.at, entry: JSON.stringify(entry) }
      await sql`insert into ${at} (${sql.ref('id')}, ${sql.ref('at')}, ${sql.ref('entry')})
        values (${row.id}, ${row.at}, ${row.entry})`.execute(on)
    },
    async *read(since): AsyncGenerator<JournalEntry> {
      if (!(await isMade())) return
      let last: Row | undefined
      do {
        const behind =
          last === undefined
            ? sql`${sql.ref('at')} >= ${since}`
            : sql`(${sql.ref('at')} > ${last.at} or (${sql.ref('at')} = ${last.at} and ${sql.ref('id')} > ${last.id}))`
        const { rows } = await sql<Row>`select ${sql.ref('id')}, ${sql.ref('at')}, ${sql.ref('entry')} from ${at}
          where ${behind} order by ${sql.ref('at')}, ${sql.ref('id')} limit ${sql.lit(pageSize)}`.execute(on)
        for (const { entry } of rows) {
          const read = journalEntry(JSON.parse(entry))
          if (read !== undefined) yield read
        }
        last = rows.at(-1)
      } while (last !== undefined)
    },
  }
}
