import type { AccountHistoryRow } from '../../port/tables.ts'
import { isEqual, isPlainObject } from '../../values/json.ts'

/** The platform's own names in `meta`, beside the fields of the extended profile. */
export const platformNames = ['old_names', 'old_emails', 'session_id'] as const

const isPlatformName = (name: string) => (platformNames as readonly string[]).includes(name)

/** The names under which the platform keeps earlier values of a field. */
const historyNames: Readonly<Record<AccountHistoryRow['field'], string>> = { name: 'old_names', email: 'old_emails' }

/**
 * Returns the text with the document of a person in place of the one that is in it; equal members stay as they were
 * written. A document that is no JSON object is stored as it is.
 */
export function withDocument(meta: string, document: string): string {
  const [stored, next] = [readMeta(meta) ?? new Map<string, Member>(), readMeta(document)]
  if (next === undefined) return document
  const members = [
    ...[...stored].filter(([name]) => isPlatformName(name)),
    ...[...next].filter(([name]) => !isPlatformName(name)),
  ]
  return writeMeta(
    members.map(([name, member]) => {
      const old = stored.get(name)
      return [name, old !== undefined && isEqual(old.value, member.value) ? old : member]
    }),
  )
}

/** Tells whether the text has data of the person, even unreadable ones. */
export function hasDocument(meta: string): boolean {
  const stored = readMeta(meta)
  return stored === undefined || [...stored.keys()].some((name) => !isPlatformName(name))
}

/** Returns the text of an erased person: earlier names and addresses go with the history. */
export function withoutDocument(meta: string): string {
  return keep(readMeta(meta) ?? new Map(), (name) => Object.values(historyNames).includes(name))
}

/** Returns the text with one more earlier name or address, in the platform's form. */
export function withHistory(meta: string, { field, old_value, reason, changed_at }: AccountHistoryRow): string {
  const stored = readMeta(meta)
  if (stored === undefined) return meta
  const name = historyNames[field]
  const earlier = stored.get(name)?.exact
  const at = changed_at.replace(/(\.0+)?Z$/, '+00:00')
  const exact = [
    ...(Array.isArray(earlier) ? earlier : []),
    field === 'name' ? [old_value, reason, at] : [old_value, at],
  ]
  return writeMeta([...stored.set(name, { value: exact, exact })])
}

/** Returns the text without earlier names and addresses. */
export function withoutHistory(meta: string): string {
  const stored = readMeta(meta)
  return stored === undefined ? meta : keep(stored, (name) => !Object.values(historyNames).includes(name))
}

function keep(stored: ReadonlyMap<string, Member>, isKept: (name: string) => boolean): string {
  return writeMeta([...stored].filter(([name]) => isKept(name)))
}

/** A member of `meta`. */
interface Member {
  readonly value: unknown
  /** The value with the source text of numbers that JavaScript cannot hold. */
  readonly exact: unknown
}

/** Reads the members; undefined for a text that is no JSON object. */
function readMeta(text: string): Map<string, Member> | undefined {
  if (text === '') return new Map()
  try {
    const value: unknown = JSON.parse(text)
    if (!isPlainObject(value)) return undefined
    const exact = JSON.parse(text, asWritten)
    return new Map(Object.keys(value).map((name) => [name, { value: value[name], exact: exact[name] }]))
  } catch {
    return undefined
  }
}

/**
 * Writes as the platform does: empty text for no members, and ASCII alone, since its columns may hold less than
 * Unicode.
 */
function writeMeta(members: readonly (readonly [string, Member])[]): string {
  if (members.length === 0) return ''
  const text = JSON.stringify(Object.fromEntries(members.map(([name, { exact }]) => [name, exact])))
  return text.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** JavaScript has it, and TypeScript does not know it yet. */
const json = JSON as unknown as { rawJSON(text: string): unknown }

function asWritten(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source
  return typeof value === 'number' && source !== undefined && String(value) !== source ? json.rawJSON(source) : value
}
