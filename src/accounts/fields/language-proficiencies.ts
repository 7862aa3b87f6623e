import { type Checked, refused } from '../../values/checked.ts'
import { type Issue, pointerTo } from '../../values/issues.ts'
import { isPlainObject } from '../../values/json.ts'

/** A language that a person knows. */
export interface LanguageProficiency {
  /** One of the setting `languages`, such as `en` or `zh_HANS`. */
  readonly code: string
}

/**
 * Checks the `language_proficiencies` of a patch, which replace those stored. Returns their codes, sorted.
 */
export function checkLanguageProficiencies(value: unknown, languages: readonly string[]): Checked<readonly string[]> {
  const pointer = '/language_proficiencies'
  if (!Array.isArray(value)) return refused(pointer, 'not_a_list')
  const codes = new Set<string>()
  const issues: Issue[] = []
  for (const [index, item] of value.entries()) {
    const at = pointerTo(pointer, index)
    if (!isPlainObject(item)) issues.push({ pointer: at, code: 'not_an_object' })
    else if (typeof item.code !== 'string' || !languages.includes(item.code))
      issues.push({ pointer: pointerTo(at, 'code'), code: 'invalid_choice' })
    else if (codes.has(item.code)) issues.push({ pointer: pointerTo(at, 'code'), code: 'duplicate' })
    else codes.add(item.code)
  }
  return issues.length > 0 ? { issues } : { value: [...codes].sort() }
}
