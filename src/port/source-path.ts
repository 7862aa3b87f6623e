import type { PersonalDataSource } from './personal-data.ts'

/**
 * Returns the sources that lead from one to a person: itself, the source that owns its rows, and so on up to one whose
 * rows name people. Returns `undefined` where the path names an unknown source, or goes in a circle.
 */
export function pathOf(
  source: PersonalDataSource,
  sources: readonly PersonalDataSource[],
): readonly PersonalDataSource[] | undefined {
  const path = [source]
  for (let last = source; 'through' in last.subject; ) {
    const { through } = last.subject
    const owner = sources.find((other) => other.source === through)
    if (owner === undefined || path.includes(owner)) return undefined
    path.push(owner)
    last = owner
  }
  return path
}

/** Returns the column of a source that tells whose its rows are. */
export function subjectColumn({ subject }: PersonalDataSource): string {
  if ('through' in subject) return subject.column
  if ('user_id' in subject) return subject.user_id
  return 'email' in subject ? subject.email : subject.username
}
