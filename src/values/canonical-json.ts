import { isPlainObject } from './json.ts'

/** Deeper values are refused before they exhaust the stack, and so are values that contain themselves. */
const maxDepth = 1000

/**
 * Returns the one canonical text of a JSON value: no blanks, members in the order of the UTF-16 units of their names.
 * Members that are undefined are left out. Returns `undefined` for a value that JSON cannot express. Source: RFC 8785.
 */
export function canonicalJson(value: unknown): string | undefined {
  try {
    return textOf(value, 0)
  } catch {
    return undefined
  }
}

function textOf(value: unknown, depth: number): string {
  if (depth > maxDepth) throw new RangeError()
  if (Array.isArray(value)) return `[${Array.from(value, (item) => textOf(item, depth + 1)).join(',')}]`
  if (!isPlainObject(value)) return scalarText(value)
  const members = Object.keys(value)
    .filter((name) => value[name] !== undefined)
    .sort()
    .map((name) => `${scalarText(name)}:${textOf(value[name], depth + 1)}`)
  return `{${members.join(',')}}`
}

function scalarText(value: unknown): string {
  const isScalar =
    value === null ||
    typeof value === 'boolean' ||
    Number.isFinite(value) ||
    (typeof value === 'string' && value.isWellFormed())
  if (!isScalar) throw new TypeError()
  return JSON.stringify(value)
}
