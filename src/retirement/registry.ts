import { recoveryErasure } from '../accounts/account-recovery.ts'
import { accountWrites } from '../accounts/account-writes.ts'
import { formerUsernamesErasure } from '../accounts/former-usernames.ts'
import type { AccountRecord } from '../port/account-record.ts'
import type { Replacement } from '../port/personal-data.ts'
import { rowsErasure } from '../port/row-erasure.ts'
import type { FormerUsernameRow, PartnerReportRow, ProfileRow, RetirementRow, TableName } from '../port/tables.ts'
import type { Write } from '../port/write.ts'
import type { Context } from '../site/context.ts'
import { emptiedProfile, retiredAccount } from './retired-account.ts'
import { type CleanUpOptions, forgetWrites } from './retirement-writes.ts'
import { resultsErasure, workErasure } from './work-erasure.ts'

/** The facts that each step of an erasure has at hand. */
interface Steps {
  /** The step `account` of `runStep`. */
  readonly account: {
    readonly record: AccountRecord
    readonly former: readonly FormerUsernameRow[]
    readonly retirement: RetirementRow
    readonly context: Context
  }
  /** The operation `cleanUp`. */
  readonly cleanUp: { readonly retirements: readonly RetirementRow[]; readonly redacted: CleanUpOptions }
  /** The operation `partnerReports.finish`. */
  readonly finish: { readonly reports: readonly PartnerReportRow[] }
}

/**
 * The treatment of a table when a person is erased.
 *
 * | erase | treatment |
 * | --- | --- |
 * | `rows` | personal columns are redacted as `tables` says, then the rows go |
 * | `columns` | personal columns are emptied, the row stays |
 * | `parts` | as `rows`, but the function `by` gives the writes, with the values in `redacted` |
 * | `step` | the function `by` gives the writes of that step, which alone knows what they need |
 * | `never` | none, for the reason in `why` |
 */
type Treatment =
  | { readonly erase: 'rows' }
  | { readonly erase: 'columns'; readonly emptied: Partial<ProfileRow> }
  | {
      readonly erase: 'parts'
      readonly redacted: Readonly<Record<string, Replacement>>
      readonly by: (records: readonly AccountRecord[]) => Write[]
    }
  | {
      [Step in keyof Steps]: {
        readonly erase: 'step'
        readonly step: Step
        readonly by: (facts: Steps[Step]) => Write[]
      }
    }[keyof Steps]
  | { readonly erase: 'never'; readonly why: string }

/** The treatment of every table, so that none is forgotten. Erasure derives from it. */
export const registry: { readonly [Name in TableName]: Treatment } = {
  users: {
    // The retired username and address take the place of the old ones, and keep them from being taken again. Columns of
    // the profile are emptied by the same writes, which its version guards.
    erase: 'step',
    step: 'account',
    by: ({ record, retirement }) => accountWrites(record, retiredAccount(record, retirement)),
  },
  former_usernames: {
    // The retired forms take their place, which keep them from being taken again.
    erase: 'step',
    step: 'account',
    by: ({ former, context }) => formerUsernamesErasure(former, context),
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
    redacted: { code: { perRow: 'redacted-' } },
    by: languagesErasure,
  },
  social_links: {
    erase: 'rows',
  },
  extended_profiles: {
    erase: 'rows',
  },
  search_values: {
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
  deactivations: {
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
    redacted: {
      secondary_email: { perRow: 'redact-before-delete+' },
      secondary_email_key: { perRow: 'redact-before-delete+' },
    },
    by: (records) => records.flatMap(({ user }) => recoveryErasure(user.id)),
  },
  account_history: {
    erase: 'rows',
  },
  rate_limits: {
    // The subject is the id of a person, as text.
    erase: 'parts',
    redacted: {},
    by: (records) => [{ delete: 'rate_limits', where: { subject: records.map(({ user }) => String(user.id)) } }],
  },
  outbox: {
    // Mail and events that were not delivered yet can hold values of the person; notifications hold none.
    erase: 'parts',
    redacted: { payload: {} },
    by: outboxErasure,
  },
  idempotency_keys: {
    erase: 'rows',
  },
  retirement_states: {
    erase: 'never',
    why: 'holds nothing of people',
  },
  retirements: {
    // Until the clean-up other systems have to be told whom to forget.
    erase: 'step',
    step: 'cleanUp',
    by: ({ retirements, redacted }) => retirements.flatMap((row) => forgetWrites(row, redacted)),
  },
  retirement_work: {
    // Steps are told these names until the clean-up.
    erase: 'step',
    step: 'cleanUp',
    by: ({ retirements }) => workErasure(retirements.map(({ user_id }) => user_id)),
  },
  retirement_step_results: {
    erase: 'step',
    step: 'cleanUp',
    by: ({ retirements }) => resultsErasure(retirements.map(({ user_id }) => user_id)),
  },
  retirement_requests: {
    erase: 'never',
    why: 'is the evidence that erasure was asked for',
  },
  retirement_history: {
    // The notes of callers are emptied, the moves stay.
    erase: 'step',
    step: 'cleanUp',
    by: ({ retirements }) => [
      {
        update: 'retirement_history',
        set: { note: '' },
        where: { user_id: retirements.map(({ user_id }) => user_id) },
      },
    ],
  },
  partner_reports: {
    // Partners have to be told first, within `partner_report_days`.
    erase: 'step',
    step: 'finish',
    by: ({ reports }) => reports.flatMap(finishWrites),
  },
  retirement_receipts: {
    erase: 'never',
    why: 'is the evidence of the erasure, without names',
  },
  retired_identifiers: {
    erase: 'never',
    why: 'keeps names from being taken again, as keyed hashes that belong to no row of a person',
  },
  retirement_holds: {
    erase: 'never',
    why: 'is the evidence of why data were kept, as codes',
  },
}

/** Tells whether the rows of a person in a table are kept, as by a hold. */
export type IsKept = (record: AccountRecord, table: TableName) => boolean

/** Returns the writes that erase the data of people beside user and profile, table by table, but for what is kept. */
export function erasureOfParts(records: readonly AccountRecord[], isKept: IsKept = () => false): Write[] {
  return (Object.keys(registry) as TableName[]).flatMap((name) => {
    const treatment = registry[name]
    const erased = records.filter((record) => !isKept(record, name))
    if (erased.length === 0) return []
    if (treatment.erase === 'rows')
      return rowsErasure(
        erased.map(({ user }) => user.id),
        [name],
      )
    return treatment.erase === 'parts' ? treatment.by(erased) : []
  })
}

/** Returns the writes of one step of an erasure, table by table. */
export function erasureOfStep<Step extends keyof Steps>(step: Step, facts: Steps[Step]): Write[] {
  return Object.values<Treatment>(registry).flatMap((treatment) =>
    treatment.erase === 'step' && treatment.step === step
      ? (treatment.by as (facts: Steps[Step]) => Write[])(facts)
      : [],
  )
}

/** Returns the writes that overwrite a report, then delete it. They fail when it was given out again meanwhile. */
function finishWrites({ user_id, batch_id }: PartnerReportRow): Write[] {
  const set = { original_username: 'redacted', original_email: 'redacted', original_name: 'redacted' }
  const where = { user_id, batch_id }
  return [
    { update: 'partner_reports', set, where, guarded: true },
    { delete: 'partner_reports', where, guarded: true },
  ]
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
