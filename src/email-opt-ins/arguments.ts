import type { ArgumentTable } from '../runtime/checked-operations.ts'
import {
  actor,
  argument,
  boolean,
  callback,
  iterable,
  listOf,
  name,
  object,
  optional,
  options,
  size,
  text,
  whom,
} from '../values/kinds.ts'
import type { EmailOptInOperations } from './email-opt-ins.ts'

const exported = {
  items: [actor, argument('request', object({ orgs: listOf(text), courses: optional(listOf(text)) }))],
} as const

/** The arguments of each operation of e-mail opt-ins. */
export const emailOptInArguments: ArgumentTable<EmailOptInOperations> = {
  get: [actor, whom, argument('org', name)],
  set: [actor, whom, argument('choice', object({ org: name, optIn: boolean }))],
  export: exported,
  exportCsv: exported,
  optOutMany: [actor, argument('rows', iterable), options({ dryRun: boolean, batchSize: size, onProgress: callback })],
}
