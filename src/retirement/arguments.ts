import type { ArgumentTable } from '../runtime/checked-operations.ts'
import { pageKinds } from '../runtime/pages.ts'
import {
  actor,
  argument,
  boolean,
  count,
  document,
  either,
  id,
  json,
  leaseHours,
  leaseSeconds,
  listOf,
  object,
  oneOf,
  optional,
  options,
  person,
  size,
  text,
  username,
  whom,
  whoms,
} from '../values/kinds.ts'
import type { RetiredOperations } from './retired.ts'
import type { PartnerReportOperations, RetirementOperations } from './retirement.ts'

/** A hundred years: the time before that many days has a date that every database knows. */
const mostDays = 36_500
const coolOffDays = count(0, mostDays)
const claim = object({ lease: text, retirement: document })
const target = argument('target', either(person, claim))
const redacted = options({ redactedUsername: text, redactedEmail: text, redactedName: text })

/** The arguments of the operations of retirement. The names of states are any text here: each site has its own. */
export const retirementArguments: ArgumentTable<RetirementOperations> = {
  setPipeline: [actor, argument('pipeline', document), options({ dryRun: boolean })],
  getPipeline: [actor],
  request: [actor, whom, options({ password: text })],
  requestMany: [actor, whoms],
  requestByOperator: [
    actor,
    argument(
      'input',
      object({ users: optional(listOf(object({ username: text, email: text }))), csv: optional(text) }),
    ),
  ],
  cancel: [actor, argument('target', object({ id: optional(id), email: optional(text), username: optional(text) }))],
  get: [actor, whom],
  history: [actor, whom],
  list: [actor, options({ coolOffDays, states: listOf(text), state: text, from: text, to: text, ...pageKinds })],
  claim: [actor, options({ limit: size, leaseSeconds })],
  release: [actor, argument('claim', claim)],
  move: [actor, target, argument('request', object({ state: text, note: optional(json), force: optional(boolean) }))],
  moveMany: [
    actor,
    argument(
      'request',
      object({ from: text, to: text, state: text, newState: optional(text), rewind: optional(boolean) }),
    ),
  ],
  runStep: [actor, target, argument('step', oneOf('misc', 'account', 'partner_report'))],
  cleanUp: [actor, whoms, redacted],
  archive: {
    items: [
      actor,
      argument(
        'request',
        optional(object({ from: optional(text), to: optional(text), coolOffDays: optional(coolOffDays) })),
      ),
    ],
  },
  retiredUsers: [actor, options(pageKinds)],
}

/** The arguments of the operations of partner reports. */
export const partnerReportArguments: ArgumentTable<PartnerReportOperations> = {
  take: [actor, options({ limit: size, leaseHours, batchId: text })],
  finish: [actor, whoms, options({ batchId: text })],
  overdue: [actor],
}

const kind = argument('kind', oneOf('username', 'email'))
const value = argument('value', text)
const dryRun = options({ dryRun: boolean })

/** The arguments of the operations of retired names. */
export const retiredArguments: ArgumentTable<RetiredOperations> = {
  current: [actor, kind, value],
  isRetired: [actor, kind, value],
  findUser: [actor, username, options({ hash: text })],
  rehash: [actor, kind, dryRun],
  rewrap: [actor, dryRun],
  releaseEmail: [actor, whom],
}
