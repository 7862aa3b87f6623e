import type { Settings } from '../site/settings.ts'
import type { Checked } from '../values/checked.ts'
import { type Issue, type IssueCode, pointerTo } from '../values/issues.ts'
import { sentenceFor, type Translate } from '../values/sentences.ts'
import { checkEmail } from './fields/email.ts'
import { checkName } from './fields/name.ts'
import { checkPassword } from './fields/password.ts'
import { isPlainPhoneNumber } from './fields/phone-number.ts'
import { checkUsername } from './fields/username.ts'

/** Values that a registration form asks about, before there is an account. */
export interface RegistrationValues {
  /** Form, and whether it is free. */
  readonly username?: unknown
  /** Form, and whether it is free. */
  readonly email?: unknown
  /** Whether it equals `email`. */
  readonly confirm_email?: unknown
  /** The rule of names, as everywhere. */
  readonly name?: unknown
  /** Length, and whether it is nearly the `username` or `email` that comes along. */
  readonly password?: unknown
  /** Whether something is chosen; whether there is such a country is found when the account is created. */
  readonly country?: unknown
  /** Digits, with or without a `+` before them. */
  readonly phone_number?: unknown
}

/** The decision about a value: it could be used, or the reason against it. */
export type Decision =
  | { readonly valid: true }
  | {
      readonly valid: false
      readonly reason: IssueCode
      /** For the person who fills in the form. English unless the host translates. */
      readonly user_message: string
    }

/** The values that the actor cannot have. */
export interface Taken {
  /** Another person has the username. */
  readonly username: boolean
  /** The username is reserved, and the actor is not trusted code. */
  readonly reserved: boolean
  /** Another person has the address. */
  readonly email: boolean
}

/**
 * Returns the username and the address as far as they have the form of one; others cannot be taken, and are not looked
 * up.
 */
export function claimableNames(
  { username, email }: RegistrationValues,
  settings: Settings,
): { readonly usernames: readonly string[]; readonly emails: readonly string[] } {
  const [name, address] = [checkUsername(username, '', settings), checkEmail(email, '')]
  return { usernames: 'value' in name ? [name.value] : [], emails: 'value' in address ? [address.value] : [] }
}

/**
 * Returns all issues of the values that are given; unknown names are passed over. A value of the
 * wrong form is reported as that, even if it is taken as well. Source: Open edX, `RegistrationValidationView`.
 */
export function registrationIssues(values: RegistrationValues, taken: Taken, settings: Settings): Issue[] {
  return knownFields(values).flatMap((field) => checks[field](values, taken, settings))
}

/** Decides about each value that is given; unknown names get no decision. */
export function decideRegistrationValues(
  values: RegistrationValues,
  { taken, hostIssues }: { readonly taken: Taken; readonly hostIssues: readonly Issue[] },
  settings: Settings,
  translate: Translate | undefined,
): Record<string, Decision> {
  const decision = (field: keyof RegistrationValues): Decision => {
    const ofHost = hostIssues.filter(({ pointer }) => pointer === pointerTo('', field))
    const [issue] = [...checks[field](values, taken, settings), ...ofHost]
    return issue === undefined
      ? { valid: true }
      : { valid: false, reason: issue.code, user_message: sentenceFor(issue, translate) }
  }
  return Object.fromEntries(knownFields(values).map((field) => [field, decision(field)]))
}

function knownFields(values: RegistrationValues): (keyof RegistrationValues)[] {
  return (Object.keys(values) as (keyof RegistrationValues)[]).filter((field) => Object.hasOwn(checks, field))
}

type Check = (values: RegistrationValues, taken: Taken, settings: Settings) => readonly Issue[]

const checks: { readonly [Field in keyof Required<RegistrationValues>]: Check } = {
  username({ username }, taken, settings) {
    const checked = checkUsername(username, '/username', settings)
    if ('issues' in checked) return checked.issues
    if (taken.reserved) return [{ pointer: '/username', code: 'reserved_name' }]
    return taken.username ? [{ pointer: '/username', code: 'conflict' }] : []
  },
  email({ email }, taken) {
    const checked = checkEmail(email, '/email')
    if ('issues' in checked) return checked.issues
    return taken.email ? [{ pointer: '/email', code: 'conflict' }] : []
  },
  confirm_email: ({ email, confirm_email }) =>
    typeof confirm_email === 'string' && confirm_email !== '' && confirm_email === email
      ? []
      : [{ pointer: '/confirm_email', code: 'mismatch' }],
  name: ({ name }) => issuesOf(checkName(name, '/name')),
  password: ({ password, username, email }, _taken, settings) =>
    issuesOf(checkPassword(password, '/password', settings, { username, email })),
  country: ({ country }) => (country === '' || country === '--' ? [{ pointer: '/country', code: 'required' }] : []),
  phone_number: ({ phone_number }) =>
    typeof phone_number === 'string' && isPlainPhoneNumber(phone_number)
      ? []
      : [{ pointer: '/phone_number', code: 'invalid_format' }],
}

function issuesOf(checked: Checked<unknown>): readonly Issue[] {
  return 'issues' in checked ? checked.issues : []
}
