import type { PersonalDataSource, SourceTreatment, Subject } from '../port/personal-data.ts'
import type { Repository } from '../port/repository.ts'
import { type Meaning, type TableName, type Tables, tables, type UserId } from '../port/tables.ts'
import type { Where } from '../port/write.ts'
import { registry } from './registry.ts'

/** The columns with the id of the person in tables that have none called `user_id`. */
const subjects: Readonly<Partial<Record<TableName, string>>> = { users: 'id', rate_limits: 'subject' }

/**
 * The tables of the library with data of people, as sources: `usercore_profiles` is the one of the table `profiles`. Their
 * tables are named without the prefix that a database gives them.
 *
 * ```ts
 * const record = inventoryMarkdown(userCoreSources)
 * ```
 */
export const userCoreSources: readonly PersonalDataSource[] = (Object.keys(registry) as TableName[]).flatMap(
  (table) => {
    const subject = subjectOf(table)
    if (subject === undefined) return []
    const columns: Readonly<Record<string, Meaning>> = tables[table].meanings
    return {
      source: `usercore_${table}`,
      table,
      subject,
      key: tables[table].primary,
      columns,
      treatment: treatmentOf(table),
    }
  },
)

/**
 * Returns the rows of a person in a table of the library, by the name of its source; `undefined` for a source of the host.
 * Notifications in the outbox are about no person: erasure leaves them. One statement.
 */
export async function ownRows(
  repository: Repository,
  source: string,
  user_id: UserId,
): Promise<readonly Tables[TableName][] | undefined> {
  const table = userCoreSources.find((own) => own.source === source)?.table as TableName | undefined
  if (table === undefined) return undefined
  if (table === 'users') return repository.select(table, { id: user_id })
  if (table === 'rate_limits') return repository.select(table, { subject: String(user_id) })
  if (table === 'outbox') return repository.select(table, { user_id, kind: ['mail', 'event'] })
  return repository.select(table, { user_id } as Where<TableName>)
}

/** Returns how rows of a table belong to people; `undefined` for one that has none of people. */
function subjectOf(table: TableName): Subject | undefined {
  const user_id = subjectColumnOf(table)
  return user_id === undefined ? undefined : { user_id }
}

/** Returns the column of a table with the id of the person; `undefined` for one that has none of people. */
export function subjectColumnOf(table: TableName): string | undefined {
  return 'user_id' in tables[table].columns ? 'user_id' : subjects[table]
}

function treatmentOf(table: TableName): SourceTreatment {
  const treatment = registry[table]
  switch (treatment.erase) {
    case 'rows':
      return { erase: 'rows', redacted: tables[table].redacted }
    case 'parts':
      return { erase: 'rows', redacted: treatment.redacted }
    case 'columns':
      return { erase: 'columns', emptied: treatment.emptied }
    case 'step':
      return { erase: 'step', by: treatment.step }
    case 'never':
      return { erase: 'never', why: treatment.why }
  }
}
