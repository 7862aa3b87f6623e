import { extendedSearchPrefix } from '../port/account-page.ts'
import type { AccountRecord } from '../port/account-record.ts'
import type { SearchValueRow, UserId } from '../port/tables.ts'
import type { Write } from '../port/write.ts'
import type { Context } from '../site/context.ts'
import type { JsonValue } from '../values/json.ts'
import { foldIdentifier, isFarLongerThan, lengthOf } from '../values/text.ts'
import { extendedValues } from './extended-profile/visible-fields.ts'

/** The most characters of a value by which people are found. */
export const longestSearchValue = 255

/** Returns the beginning of a name in the form in which names are compared: without regard to letter case. */
export function foldedBeginning(text: string): string {
  if (isFarLongerThan(text, longestSearchValue)) return ''
  return [...foldIdentifier(text)].slice(0, longestSearchValue).join('')
}

/**
 * Returns the form in which the value of a declared field is compared: JSON of a text without regard to letter case, of a
 * number or a truth value. Returns `undefined` for other values and for texts of more than 255 characters, which are not
 * found.
 */
export function searchedValue(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return JSON.stringify(value)
  if (typeof value !== 'string' || isFarLongerThan(value, longestSearchValue)) return undefined
  // JSON writes out what no column holds, such as half a surrogate pair.
  const text = JSON.stringify(foldIdentifier(value))
  return lengthOf(text) > longestSearchValue ? undefined : text
}

/** Search values of an account, by their fields. */
type SearchValues = ReadonlyMap<string, string>

/** Returns the search value of the name of an account; none without a profile. */
export function nameValues({ profile }: AccountRecord): SearchValues {
  return new Map(profile === undefined ? [] : [['name', foldedBeginning(profile.name)]])
}

/** Returns the search values of the declared fields that are marked `searchable`: of the values that readers see. */
export function fieldValues(record: AccountRecord, context: Pick<Context, 'extendedProfile'>): SearchValues {
  const fields = Object.entries(context.extendedProfile.fields).filter(([, { searchable }]) => searchable === true)
  if (fields.length === 0 || record.profile === undefined) return new Map()
  const values = extendedValues(record, context)
  return new Map(
    fields.flatMap(([name]): [string, string][] => {
      const value = searchedValue(values.get(name)?.value)
      return value === undefined ? [] : [[extendedSearchPrefix + name, value]]
    }),
  )
}

/** Returns the writes that bring the stored search values of an account from one state to another. */
export function searchWrites(user_id: UserId, before: SearchValues, after: SearchValues): Write[] {
  const gone = [...before.keys()].filter((field) => !after.has(field))
  const rows = [...after].flatMap(([field, value]): SearchValueRow[] =>
    before.get(field) === value ? [] : [{ user_id, field, value }],
  )
  return [
    ...(gone.length === 0 ? [] : [{ delete: 'search_values', where: { user_id, field: gone } } as const]),
    ...(rows.length === 0 ? [] : [{ upsert: 'search_values', rows } as const]),
  ]
}

/** Returns the writes of search values that go with a change of the extended profile of an account. */
export function fieldSearchWrites(
  before: AccountRecord,
  after: AccountRecord,
  context: Pick<Context, 'extendedProfile'>,
): Write[] {
  return searchWrites(before.user.id, fieldValues(before, context), fieldValues(after, context))
}
