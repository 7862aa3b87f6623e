import type { PersonalDataSource } from '../port/personal-data.ts'
import { pathOf } from '../port/source-path.ts'

/** Puts sources into the order of their erasure: rows before those by which they belong to a person. */
export function inErasureOrder(sources: readonly PersonalDataSource[]): PersonalDataSource[] {
  const depth = (source: PersonalDataSource) => pathOf(source, sources)?.length ?? 0
  return sources.toSorted((a, b) => depth(b) - depth(a))
}
