import { fieldOf, type Issue, type IssueCode } from './issues.ts'

type Params = NonNullable<Issue['params']>

/** English sentences for people. Browser clients of Open edX look for the word "verification" in one of them. */
const sentences: Record<IssueCode, (params: Params) => string> = {
  bad_length: ({ min, max }) => `This must have between ${min} and ${max} characters.`,
  bad_pointer: () => 'This is not a JSON Pointer.',
  bad_text: () => 'This contains characters that cannot be stored.',
  conflict: () => 'This is already in use.',
  country_restricted: () => 'This country cannot be chosen.',
  duplicate: () => 'This is given more than once.',
  forbidden_name: () => 'This name is not allowed.',
  invalid: () => 'This value is not valid.',
  invalid_characters: () => 'This contains characters that are not allowed here.',
  invalid_choice: () => 'Choose one of the values offered.',
  invalid_format: () => 'This is not written in the expected form.',
  mismatch: () => 'The two entries differ.',
  moved_into_itself: () => 'A value cannot be moved into itself.',
  name_has_html: () => 'A name cannot contain < or >.',
  name_has_url: () => 'A name cannot contain a web address.',
  name_needs_verification: () => 'Changing this name needs verification of your identity.',
  not_a_list: () => 'This must be a list.',
  not_an_integer: () => 'This must be a whole number.',
  not_an_object: () => 'This must be an object.',
  not_expressible: () => 'A merge patch cannot express this.',
  not_json: () => 'This is not a JSON value.',
  not_text: () => 'This must be text.',
  out_of_range: ({ min, max }) => `This must lie between ${min} and ${max}.`,
  outdated: () => 'This was stored in an old form and can no longer be changed.',
  path_not_found: () => 'There is nothing at this path.',
  read_only: ({ field }) => `The field ${field} cannot be changed.`,
  required: () => 'This cannot be empty.',
  reserved_name: () => 'This name is reserved.',
  same_as_primary_email: () => 'This is already your main e-mail address.',
  schema: ({ message = 'This value is not valid.' }) => String(message),
  test_failed: () => 'The value is not the expected one.',
  too_costly: ({ max_bytes }) => `The operations copy, move or compare more than ${max_bytes} bytes in all.`,
  too_deep: ({ max_depth }) => `This is nested deeper than ${max_depth} levels.`,
  too_large: ({ max_bytes }) => `This is larger than ${max_bytes} bytes.`,
  too_long: ({ max }) => `This must have ${max} characters at most.`,
  too_many: ({ max }) => `There can be ${max} at most.`,
  too_short: ({ min }) => `This must have ${min} characters at least.`,
  too_similar: () => 'This is too similar to your username or e-mail address.',
  unchanged: () => 'This is already the current value.',
  unknown_field: () => 'This field does not exist.',
  unknown_operation: () => 'This operation does not exist.',
  unknown_platform: () => 'This platform is not supported.',
}

/** Tells whether a value is one of the kinds of problems. */
export function isIssueCode(value: unknown): value is IssueCode {
  return typeof value === 'string' && Object.hasOwn(sentences, value)
}

/**
 * Makes the sentence that a person reads, or returns `undefined` to keep the English one.
 *
 * It gets the kind of problem, never the value that has it.
 */
export type Translate = (issue: Issue & { readonly field: string }) => string | undefined

/** Returns the sentence for an issue: the host's, or the English one. */
export function sentenceFor(issue: Issue, translate: Translate | undefined): string {
  return translate?.({ ...issue, field: fieldOf(issue.pointer) }) ?? sentences[issue.code](issue.params ?? {})
}
