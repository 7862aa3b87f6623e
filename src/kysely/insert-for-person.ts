import { sql } from 'kysely'
import type { Write } from '../port/write.ts'
import { insertInto, parameter } from './insert-text.ts'
import type { Statements } from './statements.ts'
import { insertSteps, requireStep, rowsToInsert, type Step } from './step.ts'

/**
 * Returns the last two writes of a unit as one step, where they insert a row and require a person: it inserts the row if the
 * person is there under their names, and saves a round trip.
 *
 * Returns `undefined` for other writes; for people of a host, whose names may not be compared code point by code point; and
 * on PostgreSQL, which has one statement for the unit and takes parameters that are selected for texts.
 */
export function insertForPerson(on: Statements, writes: readonly Write[]): Step | undefined {
  const [insert, require] = writes.slice(-2)
  if (on.dialect.asOneStatement !== undefined || on.names.users !== undefined) return undefined
  if (insert === undefined || !('insert' in insert) || insert.insert === 'users') return undefined
  if (require === undefined || !('require' in require)) return undefined
  if (insert.rows.length !== 1 || require.rows.length !== 1) return undefined
  const table = insert.insert
  const [row] = insertSteps(on, table, insert.rows)
  if (row === undefined) return undefined
  const person = requireStep(on, require.rows)
  return {
    shape: `${row.shape}, ${person.shape}`,
    text: () => sql`${insertInto(rowsToInsert(on, table, 1, on.names.columns(table)))}
      select ${sql.join(row.parameters.map(() => parameter))} ${person.from()}`,
    parameters: [...row.parameters, ...person.parameters],
    affects: 1,
  }
}
