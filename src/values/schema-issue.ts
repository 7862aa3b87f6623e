import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type Issue, pointerTo } from './issues.ts'

/** What a host says of a schema beside the schema itself. */
export interface SchemaReport {
  /**
   * Whether errors tell what the schema says is wrong, and where within the value: its messages and paths. Default false,
   * so that they tell the field alone. Messages of most libraries repeat what was typed (cut, quoted, in lower case), and
   * paths hold member names that people made up: say true where neither can happen.
   */
  readonly tellsIssues?: boolean
}

/** The issues of a value that a schema of the host refuses. Without the word of the host they hold nothing of the value. */
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
