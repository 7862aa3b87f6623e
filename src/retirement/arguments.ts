import type { ArgumentTable } from '../runtime/checked-operations.ts'
import {
  actor,
  argument,
  boolean,
  count,
  countOrText,
  document,
  id,
  json,
  leaseHours,
  leaseSeconds,
  listOf,
  object,
  oneOf,
  optional,
  options,
  orNothing,
  ownOrUsername,
  size,
  text,
  username,
  usernames,
} from '../values/kinds.ts'
import type { RetiredOperations } from './retired.ts'
import type { PartnerReportOperations, RetirementOperations } from './retirement.ts'

const counted = countOrText(0, 1_000_000)
/** A hundred years: the time before that many days has a date that every database knows. */
const mostDays = 36_500
const pages = { limit: optional(counted), after: optional(object({ created_at: text, user_id: id })) }
const period = { start_date: text, end_date: text }
const lease = options({ lease: text })
/** Nobody is retired under a username that is left out: the original answers 404. */
const retiree = argument('username', orNothing(text))
const redacted = options({ redacted_username: text, redacted_email: text, redacted_name: text })

/** What the operations of retirement take. Which states there are is a matter of the site. */
export const retirementArguments: ArgumentTable<RetirementOperations> = {
  populateStates: [actor, argument('states', document), options({ dryRun: boolean })],
  listStates: [actor],
  request: [actor, ownOrUsername, options({ password: text })],
  requestByOperator: [
    actor,
    argument(
      'input',
      object({ users: optional(listOf(object({ username: text, email: text }))), csv: optional(text) }),
    ),
  ],
  bulkRequest: [actor, usernames],
  cancel: [
    actor,
    argument('target', object({ retirement_id: optional(id), email: optional(text), username: optional(text) })),
  ],
  get: [actor, retiree],
  queue: [
    actor,
    argument('request', object({ cool_off_days: countOrText(0, mostDays), states: listOf(text), ...pages })),
  ],
  byStatusAndDate: [actor, argument('request', object({ ...period, state: text, ...pages }))],
  claim: [actor, options({ limit: size, leaseSeconds })],
  updateState: [
    actor,
    retiree,
    argument('request', object({ new_state: text, response: json, force: optional(boolean), lease: optional(text) })),
  ],
  bulkUpdateState: [
    actor,
    argument('request', object({ ...period, state: text, new_state: optional(text), rewind: optional(boolean) })),
  ],
  retireMisc: [actor, retiree, lease],
  retireAccount: [actor, retiree, lease],
  cleanUp: [actor, usernames, redacted],
  archive: {
    items: [
      actor,
      argument(
        'request',
        optional(
          object({ start_date: optional(text), end_date: optional(text), cool_off_days: optional(count(0, mostDays)) }),
        ),
      ),
    ],
  },
  retiredUsers: [actor, options({ after: id, limit: counted })],
}

/** What the operations of partner reports take. */
export const partnerReportArguments: ArgumentTable<PartnerReportOperations> = {
  create: [actor, retiree, lease],
  take: [actor, options({ limit: size, leaseHours, batch_id: text })],
  finish: [actor, argument('original_usernames', listOf(text)), options({ batch_id: text })],
  overdue: [actor],
}

const kind = argument('kind', oneOf('username', 'email'))
const anyKind = argument('kind', oneOf('username', 'email', 'external_key'))
const value = argument('value', text)
const dryRun = options({ dryRun: boolean })
const formOptions = options({ salts: document, format: text })

/** What the operations of retired names take. Salts have an error of their own. */
export const retiredArguments: ArgumentTable<RetiredOperations> = {
  hash: { value: [anyKind, value, formOptions] },
  allHashes: { value: [anyKind, value, formOptions] },
  current: [actor, kind, value],
  isRetired: [actor, kind, value],
  findUser: [actor, username, options({ hash: text })],
  rehash: [actor, kind, dryRun],
  rewrap: [actor, dryRun],
  releaseEmail: [actor, argument('user_id', id)],
}
