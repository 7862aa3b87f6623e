import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type Issue, pointerTo } from './issues.ts'

/**
 * An issue that a schema of the host found in a value. It has the sentence of the schema, unless that repeats anything of
 * the value: errors carry no personal data.
 */
export function schemaIssue(pointer: string, issue: StandardSchemaV1.Issue, value: unknown): Issue {
  // Paths of some libraries are arrays of a class of their own, whose `map` is not that of an array.
  const path = Array.from(issue.path ?? [], (segment) => String(typeof segment === 'object' ? segment.key : segment))
  const at = path.reduce(pointerTo, pointer)
  return repeats(issue.message, value)
    ? { pointer: at, code: 'schema' }
    : { pointer: at, code: 'schema', params: { message: issue.message } }
}

/** Whether a sentence has any text or number in it that stands in a value. */
function repeats(message: string, value: unknown): boolean {
  if (typeof value === 'string') return value.trim() !== '' && message.includes(value.trim())
  if (typeof value === 'number') return message.includes(String(value))
  return typeof value === 'object' && value !== null && Object.values(value).some((member) => repeats(message, member))
}
