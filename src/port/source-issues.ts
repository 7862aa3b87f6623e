import { type Issue, type IssueCode, pointerTo } from '../values/issues.ts'
import {
  forbiddenNames,
  isLargerThan,
  isPlainObject,
  type JsonLimits,
  type JsonObject,
  jsonIssues,
} from '../values/json.ts'
import { meaningOf, type PersonalDataSource } from './personal-data.ts'
import { isPersonal, type Meaning } from './tables.ts'

/** Limits of a source; one of a thousand columns is far below. */
const limits: JsonLimits = { maxBytes: 100_000, maxDepth: 20 }

const meanings: readonly Meaning[] = ['personal', 'identifier', 'free_text', 'others', 'key', 'fact']

/** The members of each form of a subject. */
const subjects = [['user_id'], ['email'], ['username'], ['through', 'column', 'references']]

/** The members of each treatment. */
const treatments: Readonly<Record<string, readonly string[]>> = {
  rows: ['erase', 'redacted'],
  columns: ['erase', 'emptied'],
  step: ['erase', 'by'],
  never: ['erase', 'why'],
}

/** Returns every issue of a value that claims to be a source. */
export function sourceIssues(value: unknown): Issue[] {
  if (isTooLarge(value)) return [{ pointer: '', code: 'too_large', params: { max_bytes: limits.maxBytes } }]
  const readable = jsonIssues(value, '', limits).filter((issue) => !isLeftOut(value, issue))
  if (readable.length > 0) return readable
  if (!isPlainObject(value)) return [{ pointer: '', code: 'not_an_object' }]
  const source = value as JsonObject
  const columns = isPlainObject(source.columns) ? Object.keys(source.columns) : undefined
  const issues = [
    ...unknownMembers(source, ['source', 'table', 'schema', 'subject', 'key', 'columns', 'treatment'], ''),
    ...nameIssues(source.source),
    ...identifierIssues(source.table, '/table'),
    ...(source.schema === undefined ? [] : identifierIssues(source.schema, '/schema')),
    ...subjectIssues(source.subject, source.source, columns),
    ...(source.key === undefined ? [] : keyIssues(source.key, columns)),
    ...columnsIssues(source.columns),
    ...treatmentIssues(source.treatment, columns),
  ]
  return issues.length > 0 ? issues : contradictions(value as unknown as PersonalDataSource)
}

function isTooLarge(value: unknown): boolean {
  try {
    return isLargerThan(value, limits.maxBytes)
  } catch {
    // What cannot be read is found next.
    return false
  }
}

/** Tells whether an issue is only that an optional member is there without a value. */
function isLeftOut(source: unknown, { pointer }: Issue): boolean {
  const member = pointer.slice(1)
  return (member === 'schema' || member === 'key') && (source as Record<string, unknown>)[member] === undefined
}

function issue(pointer: string, code: IssueCode, params?: Issue['params']): Issue[] {
  return [{ pointer, code, ...(params !== undefined && { params }) }]
}

function unknownMembers(value: object, known: readonly string[], pointer: string): Issue[] {
  return Object.keys(value)
    .filter((member) => !known.includes(member))
    .map((member) => ({ pointer: pointerTo(pointer, member), code: 'unknown_field' }))
}

/** Checks the name of a source. Those of our own are reserved, and so is the one of the file that tells of an export. */
function nameIssues(name: unknown): Issue[] {
  if (name === undefined) return issue('/source', 'required')
  if (typeof name !== 'string' || !/^[a-z][a-z0-9_]{0,62}$/.test(name)) return issue('/source', 'invalid_format')
  return name.startsWith('usercore_') || name === 'manifest' ? issue('/source', 'reserved_name') : []
}

/**
 * Checks a name of the database: no longer than any database takes, and without full stops, which would end a schema.
 */
function identifierIssues(name: unknown, pointer: string): Issue[] {
  if (name === undefined) return issue(pointer, 'required')
  const isName = typeof name === 'string' && /^[^\p{Cc}.]{1,64}$/u.test(name) && !forbiddenNames.has(name)
  return isName ? [] : issue(pointer, 'invalid_format')
}

function textIssues(text: unknown, pointer: string, max: number): Issue[] {
  if (text === undefined || text === '') return issue(pointer, 'required')
  if (typeof text !== 'string') return issue(pointer, 'not_text')
  return text.length > max ? issue(pointer, 'too_long', { max }) : []
}

/** The columns that a source declares; `undefined` where that cannot be told, so that no other member is to blame. */
type Declared = readonly string[] | undefined

function declaredIssues(column: unknown, columns: Declared, pointer: string): Issue[] {
  if (column === undefined) return issue(pointer, 'required')
  return typeof column === 'string' && columns?.includes(column) !== false ? [] : issue(pointer, 'unknown_field')
}

function subjectIssues(subject: unknown, source: unknown, columns: Declared): Issue[] {
  if (subject === undefined) return issue('/subject', 'required')
  if (!isPlainObject(subject)) return issue('/subject', 'not_an_object')
  const members = Object.keys(subject)
  const form = subjects.find((form) => form.length === members.length && form.every((name) => members.includes(name)))
  if (form === undefined) return issue('/subject', 'invalid_choice')
  const [first = ''] = form
  if (first !== 'through') return declaredIssues(subject[first], columns, `/subject/${first}`)
  return [
    ...textIssues(subject.through, '/subject/through', 63),
    ...(subject.through === source ? issue('/subject/through', 'mismatch') : []),
    ...declaredIssues(subject.column, columns, '/subject/column'),
    ...identifierIssues(subject.references, '/subject/references'),
  ]
}

function keyIssues(key: unknown, columns: Declared): Issue[] {
  if (!Array.isArray(key)) return issue('/key', 'not_a_list')
  if (key.length === 0) return issue('/key', 'required')
  return key.flatMap((column, index) => {
    const pointer = `/key/${index}`
    return key.indexOf(column) < index ? issue(pointer, 'duplicate') : declaredIssues(column, columns, pointer)
  })
}

function columnsIssues(columns: unknown): Issue[] {
  if (columns === undefined) return issue('/columns', 'required')
  if (!isPlainObject(columns)) return issue('/columns', 'not_an_object')
  const names = Object.keys(columns)
  if (names.length === 0) return issue('/columns', 'required')
  return names.flatMap((name) => {
    const pointer = pointerTo('/columns', name)
    return [...identifierIssues(name, pointer), ...meaningIssues(columns[name], names, pointer)]
  })
}

function meaningIssues(declared: unknown, columns: Declared, pointer: string): Issue[] {
  if (!isPlainObject(declared))
    return meanings.some((meaning) => meaning === declared) ? [] : issue(pointer, 'invalid_choice')
  const meaning = meanings.find((meaning) => meaning === declared.meaning)
  const period = declared.for
  return [
    ...unknownMembers(declared, ['meaning', 'why', 'for'], pointer),
    ...(meaning === undefined || !isPersonal(meaning) ? issue(`${pointer}/meaning`, 'invalid_choice') : []),
    ...textIssues(declared.why, `${pointer}/why`, 1000),
    ...(isPlainObject(period) ? periodIssues(period, columns, `${pointer}/for`) : issue(`${pointer}/for`, 'required')),
  ]
}

/** A hundred years. */
const mostDays = 36_500

function periodIssues(period: Readonly<Record<string, unknown>>, columns: Declared, pointer: string): Issue[] {
  const days = Number.isSafeInteger(period.days) ? Number(period.days) : 0
  return [
    ...unknownMembers(period, ['days', 'since'], pointer),
    ...(days < 1 || days > mostDays ? issue(`${pointer}/days`, 'out_of_range', { min: 1, max: mostDays }) : []),
    ...declaredIssues(period.since, columns, `${pointer}/since`),
  ]
}

function treatmentIssues(treatment: unknown, columns: Declared): Issue[] {
  if (treatment === undefined) return issue('/treatment', 'required')
  if (!isPlainObject(treatment)) return issue('/treatment', 'not_an_object')
  const { erase } = treatment
  const members = typeof erase === 'string' && Object.hasOwn(treatments, erase) ? treatments[erase] : undefined
  if (members === undefined) return issue('/treatment/erase', 'invalid_choice')
  const unknown = unknownMembers(treatment, members, '/treatment')
  switch (erase) {
    case 'step':
      return [...unknown, ...textIssues(treatment.by, '/treatment/by', 255)]
    case 'never':
      return [...unknown, ...textIssues(treatment.why, '/treatment/why', 1000)]
    default: {
      const member = erase === 'rows' ? 'redacted' : 'emptied'
      return [...unknown, ...replacementsIssues(treatment[member], columns, `/treatment/${member}`)]
    }
  }
}

function replacementsIssues(replacements: unknown, columns: Declared, pointer: string): Issue[] {
  if (replacements === undefined) return issue(pointer, 'required')
  if (!isPlainObject(replacements)) return issue(pointer, 'not_an_object')
  return Object.entries(replacements).flatMap(([column, replacement]) => {
    const place = pointerTo(pointer, column)
    return [...declaredIssues(column, columns, place), ...(isReplacement(replacement) ? [] : issue(place, 'invalid'))]
  })
}

/** The longest text of `perRow`: what follows it has to fit into the column too. */
const longestPerRow = 100

/** Tells whether JSON is a value, or exactly one of the forms that make one for each row. */
function isReplacement(value: unknown): boolean {
  if (!isPlainObject(value) || !('perRow' in value || 'keyed' in value)) return true
  if (Object.keys(value).length > 1) return false
  const { perRow } = value
  return value.keyed === true || (typeof perRow === 'string' && perRow !== '' && perRow.length <= longestPerRow)
}

/** Returns the issues of a source whose members are right one by one. */
function contradictions({ columns, key = [], treatment }: PersonalDataSource): Issue[] {
  if (treatment.erase !== 'rows' && treatment.erase !== 'columns') return []
  return Object.entries(columns).flatMap(([column, declared]) => {
    const isRetained = typeof declared !== 'string'
    // A row that is deleted keeps nothing.
    if (treatment.erase === 'rows') return isRetained ? issue(pointerTo('/columns', column), 'conflict') : []
    const place = pointerTo('/treatment/emptied', column)
    const isKept = isRetained || declared === 'others' || key.includes(column)
    if (Object.hasOwn(treatment.emptied, column)) return isKept ? issue(place, 'conflict') : []
    return isPersonal(meaningOf(declared)) && !isRetained ? issue(place, 'required') : []
  })
}
