import { configError } from '../values/arguments.ts'
import { nodeCrypto } from '../values/built-ins.ts'
import { UserCoreError } from '../values/errors.ts'
import type { JsonValue } from '../values/json.ts'
import { identifierKey } from '../values/text.ts'
import { requireSources } from './define-personal-data.ts'
import type { PersonalDataSource, Replacement } from './personal-data.ts'
import type { PersonNames } from './personal-data-store.ts'
import { pathOf, subjectColumn } from './source-path.ts'

/** A source with the way from its rows to people. */
export interface DeclaredSource {
  readonly source: PersonalDataSource
  /** The source itself, the one that owns its rows, and so on up to one whose rows name people. */
  readonly path: readonly PersonalDataSource[]
  /** The column of the last one that names people, and what it has of them. */
  readonly owner: { readonly column: string; readonly by: 'user_id' | 'email' | 'username' }
}

/** The sources of a store. */
export interface DeclaredSources {
  readonly sources: readonly PersonalDataSource[]
  /** Returns a source by its name. Throws `config_error` where none has it. */
  of(name: string): DeclaredSource
}

/**
 * Reads the sources of a host for a store. Throws `config_error` that names `sources`, also where `through` leads to no
 * person. `inPlace` gives a source the schema that it does not name.
 */
export function declaredSources(
  given: unknown,
  inPlace: (source: PersonalDataSource) => PersonalDataSource = (source) => source,
): DeclaredSources {
  const sources = requireSources(given, 'sources').map(inPlace)
  const declared = new Map(sources.map((source) => [source.source, withPath(source, sources)]))
  return {
    sources,
    of(name) {
      const found = declared.get(name)
      if (found === undefined)
        throw configError('sources', 'declared to the store, the one that is asked for among them')
      return found
    },
  }
}

function withPath(source: PersonalDataSource, sources: readonly PersonalDataSource[]): DeclaredSource {
  const path = pathOf(source, sources)
  const last = path?.at(-1)
  if (path === undefined || last === undefined)
    throw new UserCoreError('config_error', {
      params: { option: 'sources' },
      issues: [{ pointer: `/${sources.indexOf(source)}/subject/through`, code: 'mismatch' }],
      detail: 'sources must lead to people: `through` names a source that does not, or none',
    })
  const by = 'user_id' in last.subject ? 'user_id' : 'email' in last.subject ? 'email' : 'username'
  return { source, path, owner: { column: subjectColumn(last), by } }
}

/** Returns the names of a person that the owner column of a source can have. */
export function namesFor({ owner }: DeclaredSource, person: PersonNames): readonly string[] {
  if (owner.by === 'user_id') return [String(person.user_id)]
  return owner.by === 'email' ? person.emails : person.usernames
}

/** Makes a test of the values of an owner column: whether they name the person. */
export function ownerTest(declared: DeclaredSource, person: PersonNames): (value: unknown) => boolean {
  const names = namesFor(declared, person)
  if (declared.owner.by === 'user_id') {
    const [id = ''] = names
    return (value) => String(value) === id || (isUuid(id) && String(value).toLowerCase() === id.toLowerCase())
  }
  const keys = new Set(names.map(identifierKey))
  // No person has the key of a text that can be no name.
  keys.delete('')
  return (value) => typeof value === 'string' && keys.has(identifierKey(value))
}

/** Tells whether an id is a UUID, whose letters count in either case. */
function isUuid(id: string): boolean {
  return /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(id)
}

/** Tells whether a replacement is made for each row. */
export function isMadePerRow(replacement: Replacement): replacement is { perRow: string } | { keyed: true } {
  return typeof replacement === 'object' && replacement !== null && ('perRow' in replacement || 'keyed' in replacement)
}

/** Returns the value that takes the place of one. What has no value gets no pseudonym. */
export function replaced(replacement: Replacement, value: JsonValue, pseudonym: (value: string) => string): JsonValue {
  if (!isMadePerRow(replacement)) return replacement
  if ('perRow' in replacement) return replacement.perRow + nodeCrypto().randomBytes(12).toString('hex')
  if (value === null) return null
  return pseudonym(typeof value === 'string' ? value : JSON.stringify(value))
}

/** Returns the values that overwrite columns of a source; none where a step erases it, or nothing does. */
export function replacementsOf({ treatment }: PersonalDataSource): Readonly<Record<string, Replacement>> {
  if (treatment.erase === 'rows') return treatment.redacted as Readonly<Record<string, Replacement>>
  return treatment.erase === 'columns' ? (treatment.emptied as Readonly<Record<string, Replacement>>) : {}
}

/** Returns the columns from which the times of retained ones are counted, each once. */
export function sinceColumns({ columns }: PersonalDataSource): string[] {
  return [
    ...new Set(
      Object.values(columns).flatMap((declared) => (typeof declared === 'string' ? [] : [declared.for.since])),
    ),
  ]
}
