import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type Issue, pointerTo } from './issues.ts'

/** The word of a host on the issues of a schema. */
export interface SchemaReport {
  /**
   * Tells errors to hold the messages and paths of the schema's issues. Default false: errors name the field alone.
   * Messages of most libraries repeat the typed value (cut, quoted, in lower case), and paths hold member names that
   * people made up: set it where neither can happen.
   */
  readonly tellsIssues?: boolean
}

/**
 * Returns the issues of a value that a schema of the host refuses. Unless the host allows it, they hold nothing of the
 * value.
 */
export function schemaIssues(
  pointer: string,
  issues: readonly StandardSchemaV1.Issue[],
  { tellsIssues = false }: SchemaReport,
): Issue[] {
  return tellsIssues ? issues.map((issue) => toldIssue(pointer, issue)) : [{ pointer, code: 'schema' }]
}

function toldIssue(pointer: string, { path, message }: StandardSchemaV1.Issue): Issue {
  // Paths of some libraries are arrays of a class of their own, whose `map` is not that of an array.
  const names = Array.from(path ?? [], (segment) => String(typeof segment === 'object' ? segment.key : segment))
  return { pointer: names.reduce(pointerTo, pointer), code: 'schema', params: { message } }
}
