import type { AccountRecord } from '../../port/account-record.ts'
import type { Core } from '../../runtime/core.ts'
import type { Context } from '../../site/context.ts'
import type { FieldHolder, HostCheckedField } from '../../site/host.ts'
import type { Checked } from '../../values/checked.ts'
import { type Issue, pointerTo } from '../../values/issues.ts'
import { isEqual, type JsonValue } from '../../values/json.ts'
import { fieldChecks } from '../fields/checks.ts'

/** The checks of the library that come before the question. */
const checks: {
  readonly [Field in HostCheckedField]: (value: unknown, pointer: string, context: Context) => Checked<JsonValue>
} = {
  username: fieldChecks.username,
  email: fieldChecks.email,
  secondary_email: fieldChecks.email,
  name: fieldChecks.name,
  bio: fieldChecks.bio,
  city: fieldChecks.city,
  country: fieldChecks.country,
  gender: fieldChecks.gender,
  goals: fieldChecks.goals,
  language_proficiencies: fieldChecks.language_proficiencies,
  level_of_education: fieldChecks.level_of_education,
  mailing_address: fieldChecks.mailing_address,
  phone_number: fieldChecks.phone_number,
  social_links(value, pointer, context) {
    const checked = fieldChecks.social_links(value, pointer, context)
    return 'issues' in checked ? checked : { value: checked.value.map((link) => ({ ...link })) }
  },
  state: fieldChecks.state,
  year_of_birth: fieldChecks.year_of_birth,
}

/**
 * Returns the issues that the hook `checkField` has with values that the rules take. Values that clear a field, and those
 * that `before` has already, are not asked about.
 */
export async function hostFieldIssues(
  { host: { checkField } }: Pick<Core, 'host'>,
  user: FieldHolder,
  values: Readonly<Record<string, unknown>>,
  context: Context,
  before?: AccountRecord,
): Promise<Issue[]> {
  const issues: Issue[] = []
  for (const [field, given] of checkField === undefined ? [] : Object.entries(values)) {
    if (given === undefined || !isHostChecked(field)) continue
    const pointer = pointerTo('', field)
    const checked = checks[field](given, pointer, context)
    if ('issues' in checked || isEmpty(checked.value) || isEqual(checked.value, storedValue(field, before))) continue
    const code = await checkField?.({ user, field, value: checked.value })
    if (code !== undefined) issues.push({ pointer, code })
  }
  return issues
}

function isHostChecked(field: string): field is HostCheckedField {
  return Object.hasOwn(checks, field)
}

function isEmpty(value: JsonValue): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0)
}

/** Returns the value that an account has, in the form of its check. */
function storedValue(field: HostCheckedField, record: AccountRecord | undefined): JsonValue | undefined {
  if (record === undefined) return undefined
  switch (field) {
    case 'username':
    case 'email':
      return record.user[field]
    case 'secondary_email':
      return record.account_recovery?.secondary_email
    case 'language_proficiencies':
      return record.language_proficiencies.map(({ code }) => code).sort()
    case 'social_links':
      return record.social_links
        .map(({ platform, social_link }) => ({ platform, social_link }))
        .sort((a, b) => (a.platform < b.platform ? -1 : 1))
    default:
      return record.profile?.[field]
  }
}
