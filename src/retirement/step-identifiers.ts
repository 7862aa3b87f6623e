import type { AccountRecord } from '../port/account-record.ts'
import type { RetirementRow, RetirementWorkRow } from '../port/tables.ts'
import type { StepIdentifiers } from '../site/retirement-steps.ts'
import { isPlainObject, type JsonObject } from '../values/json.ts'
import { restedWork } from './retirement-writes.ts'

/** Makes the work on a retirement that begins: the request takes the second address away, and each step some more. */
export function newWork(
  { user, profile, account_recovery }: AccountRecord,
  external: Readonly<Record<string, string>>,
): RetirementWorkRow {
  const identifiers = {
    username: user.username,
    email: user.email,
    name: profile?.name ?? '',
    // An address that was never confirmed can be that of another person.
    secondary_email: account_recovery?.is_active === true ? account_recovery.secondary_email : null,
    phone_number: profile?.phone_number ?? null,
    external,
  } satisfies StepIdentifiers
  return workWith(user.id, identifiers)
}

/** Makes the work on a retirement that was requested before there was such a row. */
export function workWithout({ user_id, original_username, original_email, original_name }: RetirementRow) {
  return workWith(user_id, { username: original_username, email: original_email, name: original_name })
}

function workWith(user_id: RetirementRow['user_id'], identifiers: JsonObject): RetirementWorkRow {
  return { user_id, identifiers, fence: 0, ...restedWork, is_replay: false }
}

/** Reads the names that steps are told. */
export function identifiersOf({ identifiers }: Pick<RetirementWorkRow, 'identifiers'>): StepIdentifiers {
  const { username, email, name, secondary_email, phone_number, external } = identifiers
  const textOf = (value: unknown) => (typeof value === 'string' ? value : null)
  const names = isPlainObject(external) ? Object.entries(external) : []
  return {
    username: textOf(username) ?? '',
    email: textOf(email) ?? '',
    name: textOf(name) ?? '',
    secondary_email: textOf(secondary_email),
    phone_number: textOf(phone_number),
    external: Object.fromEntries(names.map(([system, id]) => [system, textOf(id) ?? ''])),
  }
}
