import type { PersonalDataSource } from '../../port/personal-data.ts'
import type { CoverageProblem } from './coverage-problem.ts'
import type { KnownColumns } from './known-tables.ts'
import type { LiveForeignKey, LiveTables } from './live-tables.ts'
import { referringTo } from './suspects.ts'

/** Returns the foreign keys by which a deletion takes too much, or cannot be done. */
export function deletionProblems(
  known: KnownColumns,
  people: string,
  sources: readonly PersonalDataSource[],
  { foreignKeys, nameOf }: LiveTables,
): CoverageProblem[] {
  const cascades = foreignKeys.filter(({ onDelete }) => onDelete === 'cascade')
  const erased = sources.filter(({ treatment }) => treatment.erase === 'rows')
  const rows = referringTo(new Set(erased.map(({ table, schema }) => nameOf(table, schema))), cascades)
  const deleted = referringTo(new Set([people, ...rows]), cascades)
  /** Tells whether an erasure deletes the rows of a foreign key before those that they reference. */
  const goesWith = ({ from, column, to }: LiveForeignKey) =>
    erased.some(({ table, schema, subject }) => {
      if (!('through' in subject) || subject.column !== column || nameOf(table, schema) !== from) return false
      return sources.some((owner) => owner.source === subject.through && nameOf(owner.table, owner.schema) === to)
    })
  const isLeftToHost = (table: string) =>
    sources.some((source) => source.treatment.erase === 'step' && nameOf(source.table, source.schema) === table)
  return foreignKeys.flatMap((key): CoverageProblem[] => {
    const { from, to, column, onDelete } = key
    const place = { table: from, column }
    if (onDelete === 'release' || !deleted.has(to)) return []
    if (onDelete === 'cascade') {
      if (known.has(from)) return []
      const sentence = `Deleting rows of ${to} deletes those of ${from} too, by ${column}, and no source declares these.`
      return [{ code: 'cascade', ...place, sentence }]
    }
    const stops = rows.has(to) ? !goesWith(key) && !isLeftToHost(from) : !known.has(from)
    const sentence = `Rows of ${from} keep those of ${to} from being deleted, by ${column}.`
    return stops ? [{ code: 'blocks', ...place, sentence }] : []
  })
}
