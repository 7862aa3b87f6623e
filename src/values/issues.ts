import { cutText } from './text.ts'

/**
 * The kinds of problems that a value can have. The set is closed; `sentences.ts` has the sentence for each.
 *
 * A code never depends on the value itself, so that issues carry no personal data.
 */
export type IssueCode =
  | 'bad_length'
  | 'bad_pointer'
  | 'bad_text'
  | 'conflict'
  | 'country_restricted'
  | 'duplicate'
  | 'forbidden_name'
  | 'invalid'
  | 'invalid_characters'
  | 'invalid_choice'
  | 'invalid_format'
  | 'mismatch'
  | 'moved_into_itself'
  | 'name_has_html'
  | 'name_has_url'
  | 'name_needs_verification'
  | 'not_a_list'
  | 'not_an_integer'
  | 'not_an_object'
  | 'not_expressible'
  | 'not_json'
  | 'not_text'
  | 'out_of_range'
  | 'outdated'
  | 'path_not_found'
  | 'read_only'
  | 'required'
  | 'reserved_name'
  | 'same_as_primary_email'
  | 'schema'
  | 'test_failed'
  | 'too_costly'
  | 'too_deep'
  | 'too_large'
  | 'too_long'
  | 'too_many'
  | 'too_short'
  | 'too_similar'
  | 'unchanged'
  | 'unknown_field'
  | 'unknown_operation'
  | 'unknown_platform'

/** One problem of a document that came in. */
export interface Issue {
  /**
   * The place of the problem, as a JSON Pointer (RFC 6901) into the document that came in; `''` is the document itself.
   * The first token is the field that the error is reported under.
   */
  readonly pointer: string
  /** The kind of problem. */
  readonly code: IssueCode
  /** Numbers and fixed words for the sentence, such as `{ max: 300 }`; never a value that came in. */
  readonly params?: Readonly<Record<string, string | number>>
}

/** Returns the pointer of a member of the value at `parent` (RFC 6901, section 3). */
export function pointerTo(parent: string, member: string | number): string {
  return `${parent}/${String(member).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** Returns the first token of a pointer: the name of the field that it leads into. */
export function fieldOf(pointer: string): string {
  const [, first = ''] = pointer.split('/')
  return first.replaceAll('~1', '/').replaceAll('~0', '~')
}

/**
 * The longest pointer, and the longest text among the params of an issue, in UTF-16 units. Names of fields come from
 * clients.
 */
const longestText = 512

/** Returns an issue as errors hold it: its pointer and the texts of its params cut at 512 UTF-16 units. */
export function boundedIssue(issue: Issue): Issue {
  const { pointer, code, params } = issue
  const texts = Object.values(params ?? {}).filter((value) => typeof value === 'string')
  if (pointer.length <= longestText && texts.every((text) => text.length <= longestText)) return issue
  const cut = cutPointer(pointer)
  if (params === undefined) return { pointer: cut, code }
  const bounded = Object.entries(params).map(([name, value]) => {
    return [name, typeof value === 'string' ? cutText(value, longestText) : value] as const
  })
  return { pointer: cut, code, params: Object.fromEntries(bounded) }
}

/** Cuts a pointer so that it stays a pointer, which does not end in half an escaped character. */
function cutPointer(pointer: string): string {
  return cutText(pointer, longestText).replace(/~…$/, '…')
}

/** Returns the issue of a field that may not be written. */
export function readOnlyIssue(field: string, pointer: string = pointerTo('', field)): Issue {
  return { pointer, code: 'read_only', params: { field } }
}
