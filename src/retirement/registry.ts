import { recoveryErasure } from '../accounts/account-recovery.ts'
import type { AccountRecord } from '../port/account-record.ts'
import { emptyProfile } from '../port/empty-profile.ts'
import { rowsErasure } from '../port/row-erasure.ts'
import type { ProfileRow, TableName } from '../port/tables.ts'
import type { Write } from '../port/write.ts'

/**
 * The treatment of a table when a person is erased.
 *
 * | erase | treatment |
 * | --- | --- |
 * | `rows` | personal columns are redacted as `tables` says, then the rows go |
 * | `columns` | personal columns are emptied, the row stays |
 * | `parts` | the function `by` gives the writes, in the same unit |
 * | `step` | another step does it; `by` says which |
 * | `never` | none, for the reason in `why` |
 */
type Treatment =
  | { readonly erase: 'rows' }
  | { readonly erase: 'columns'; readonly emptied: Partial<ProfileRow> }
  | { readonly erase: 'parts'; readonly by: (records: readonly AccountRecord[]) => Write[] }
  | { readonly erase: 'step'; readonly by: string }
  | { readonly erase: 'never'; readonly why: string }

/** The treatment of every table, so that none is forgotten. Erasure derives from it. */
export const registry: { readonly [Name in TableName]: Treatment } = {
  users: {
    erase: 'step',
    by: 'the step `account`: gets the retired username and address, which keep the old ones from being taken again',
  },
  former_usernames: {
    erase: 'step',
    by: 'formerUsernamesErasure: the retired forms take their place, which keep them from being taken again',
  },
  profiles: {
    erase: 'columns',
    emptied: emptiedProfile(),
  },
  profile_images: {
    erase: 'rows',
  },
  language_proficiencies: {
    // Each row has to get a text of its own.
    erase: 'parts',
    by: languagesErasure,
  },
  social_links: {
    erase: 'rows',
  },
  extended_profiles: {
    erase: 'rows',
  },
  extended_profile_history: {
    erase: 'rows',
  },
  preferences: {
    erase: 'rows',
  },
  org_tags: {
    erase: 'rows',
  },
  course_tags: {
    erase: 'rows',
  },
  registrations: {
    erase: 'rows',
  },
  pending_email_changes: {
    erase: 'rows',
  },
  request_guards: {
    erase: 'rows',
  },
  pending_name_changes: {
    erase: 'rows',
  },
  account_recoveries: {
    // The redacted address has to be one of its own.
    erase: 'parts',
    by: (records) => records.flatMap(({ user }) => recoveryErasure(user.id)),
  },
  account_history: {
    erase: 'rows',
  },
  rate_limits: {
    // The subject is the id of a person, as text.
    erase: 'parts',
    by: (records) => [{ delete: 'rate_limits', where: { subject: records.map(({ user }) => String(user.id)) } }],
  },
  outbox: {
    // Mail and events that were not delivered yet can hold values of the person; notifications hold none.
    erase: 'parts',
    by: outboxErasure,
  },
  retirement_states: {
    erase: 'never',
    why: 'holds nothing of people',
  },
  retirements: {
    erase: 'step',
    by: 'cleanUp: until then other systems have to be told whom to forget',
  },
  retirement_requests: {
    erase: 'never',
    why: 'is the evidence that erasure was asked for',
  },
  retirement_history: {
    erase: 'step',
    by: 'cleanUp: what callers had to say is emptied, the moves stay',
  },
  partner_reports: {
    erase: 'step',
    by: 'partnerReports.finish: partners have to be told first, within `partner_report_days`',
  },
}

/** Returns the values of an empty profile. */
export function emptiedProfile(): Partial<ProfileRow> {
  const { user_id: _user_id, version: _version, ...columns } = emptyProfile(0)
  return columns
}

/** Returns the writes that erase the data of people beside user and profile, table by table. */
export function erasureOfParts(records: readonly AccountRecord[]): Write[] {
  const ids = records.map(({ user }) => user.id)
  return (Object.keys(registry) as TableName[]).flatMap((name) => {
    const treatment = registry[name]
    if (treatment.erase === 'rows') return rowsErasure(ids, [name])
    return treatment.erase === 'parts' ? treatment.by(records) : []
  })
}

/**
 * Returns the writes that erase languages: each code is overwritten by a text of its own, since it is part of the key.
 */
function languagesErasure(records: readonly AccountRecord[]): Write[] {
  return records.flatMap(({ user: { id: user_id }, language_proficiencies }) => [
    ...language_proficiencies.map(
      ({ code }, index): Write => ({
        update: 'language_proficiencies',
        set: { code: `redacted-${index}` },
        where: { user_id, code },
      }),
    ),
    { delete: 'language_proficiencies', where: { user_id } } as const,
  ])
}

/**
 * Returns the writes that erase mail and events. Notifications stay: they hold no value of the person, and the host
 * needs them.
 */
function outboxErasure(records: readonly AccountRecord[]): Write[] {
  const where = { user_id: records.map(({ user }) => user.id), kind: ['mail', 'event'] as const }
  return [
    { update: 'outbox', set: { payload: {} }, where },
    { delete: 'outbox', where },
  ]
}
