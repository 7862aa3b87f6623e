import type { z } from 'zod'

/** A setting that is unknown or has a value that it cannot have. */
export interface SettingProblem {
  /** Its name; of a member, the path to it with full stops. */
  readonly setting: string
  /** The value that it needs, never the one that it has. */
  readonly expected: string
}

/** Returns the problems behind an issue of the schema of the settings. */
export function settingProblems(issue: z.core.$ZodIssue): SettingProblem[] {
  const path = issue.path.map(String)
  if (issue.code !== 'unrecognized_keys') return [{ setting: path.join('.'), expected: expectedBy(issue) }]
  return issue.keys.map((key) => ({ setting: [...path, key].join('.'), expected: 'no such setting' }))
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}

function expectedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return kinds[issue.expected] ?? 'a value of another type'
    case 'too_small':
      return issue.inclusive === false
        ? `more than ${issue.minimum}`
        : `at least ${issue.minimum}${unitOf(issue.origin)}`
    case 'too_big':
      return `at most ${issue.maximum}${unitOf(issue.origin)}`
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`
    case 'custom':
      return issue.message
    case 'invalid_format':
      return formats[issue.format] ?? issue.message
    default:
      return 'not a value that it can have'
  }
}

const formats: Readonly<Record<string, string>> = { url: 'a URL', ends_with: 'text that ends in /' }

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters'
  return origin === 'array' ? ' items' : ''
}
