import { journalKind } from '../port/retirement-journal.ts'
import type { ArgumentTable } from '../runtime/checked-operations.ts'
import { pageKinds } from '../runtime/pages.ts'
import {
  actor,
  argument,
  boolean,
  callback,
  count,
  document,
  either,
  id,
  idempotencyKey,
  json,
  leaseHours,
  leaseSeconds,
  listOf,
  methods,
  moment,
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
import type { ProofOperations } from './proof.ts'
import type { RetiredOperations } from './retired.ts'
import type { PartnerReportOperations, RetirementOperations } from './retirement.ts'

/** A hundred years: the time before that many days has a date that every database knows. */
const mostDays = 36_500
const coolOffDays = count(0, mostDays)
const claim = object({ lease: text, retirement: document })
const target = argument('target', either(person, claim))
const signal = methods('throwIfAborted')
const redacted = options({ redactedUsername: text, redactedEmail: text, redactedName: text })

const head = object({ sequence: count(1, 2 ** 31 - 1), hash: text })

/** The arguments of the operations that prove what was done. */
export const proofArguments: ArgumentTable<ProofOperations> = {
  hold: [
    actor,
    whom,
    argument('request', object({ reason: text, until: optional(moment), sources: optional(listOf(text)) })),
  ],
  releaseHold: [actor, argument('holdId', text)],
  holds: [actor, options(pageKinds)],
  closeHolds: [actor],
  receiptsOf: [actor, whom],
  sealReceipts: [actor],
  replay: {
    items: [
      actor,
      argument('request', object({ journal: optional(journalKind), since: moment, dryRun: optional(boolean) })),
    ],
  },
  verifyReceipts: { items: [actor, options({ heads: listOf(head) })] },
}

/** The arguments of the operations of retirement. The names of states are any text here: each site has its own. */
export const retirementArguments: ArgumentTable<RetirementOperations> = {
  setPipeline: [actor, argument('pipeline', document), options({ dryRun: boolean })],
  getPipeline: [actor],
  plan: [actor, whom],
  request: [actor, whom, options({ password: text, plan: text, again: boolean, idempotencyKey })],
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
  find: [actor, argument('name', text)],
  claim: [actor, options({ limit: size, leaseSeconds, plan: text })],
  release: [actor, argument('claim', claim)],
  move: [actor, target, argument('request', object({ state: text, note: optional(json), force: optional(boolean) }))],
  moveMany: [
    actor,
    argument(
      'request',
      object({ from: text, to: text, state: text, newState: optional(text), rewind: optional(boolean) }),
    ),
  ],
  advance: [actor, target, options({ leaseSeconds, signal })],
  heartbeat: [actor, argument('claims', listOf(claim)), options({ leaseSeconds })],
  reopen: [actor, whoms],
  work: [
    actor,
    options({
      concurrency: count(1, 1000),
      leaseSeconds,
      stepSeconds: count(1, 7 * 24 * 3600),
      signal,
      graceSeconds: count(0, 7 * 24 * 3600),
      idle: oneOf('wait', 'return'),
      pollSeconds: count(1, 3600),
      onProgress: callback,
    }),
  ],
  stats: [actor],
  runStep: [
    actor,
    target,
    argument('step', oneOf('misc', 'account', 'partner_report', 'sources')),
    options({ plan: text }),
  ],
  verify: [actor, whom, options({ deep: boolean, signal: methods('throwIfAborted') })],
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
  ...proofArguments,
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
