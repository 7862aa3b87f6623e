import type { ArgumentTable } from '../runtime/checked-operations.ts'
import { pageKinds } from '../runtime/pages.ts'
import {
  actor,
  argument,
  boolean,
  callback,
  count,
  document,
  idempotencyKey,
  json,
  listOf,
  moment,
  object,
  oneOf,
  optional,
  options,
  person,
  recordOf,
  text,
  username,
  version,
  whom,
  whoms,
} from '../values/kinds.ts'
import type { AccountOperations } from './accounts.ts'

const getOptions = options({
  view: oneOf('shared'),
  configuration: object({
    default_visibility: optional(text),
    public_fields: optional(listOf(text)),
    bulk_shareable_fields: optional(listOf(text)),
    custom_shareable_fields: optional(listOf(text)),
    admin_fields: optional(listOf(text)),
  }),
})
const key = argument('key', text)
const email = argument('email', text)

/** The arguments of the operations on accounts. A `document` is checked by the rules of fields, field by field. */
export const accountArguments: ArgumentTable<AccountOperations> = {
  get: [actor, whom, getOptions],
  getMany: [actor, whoms, getOptions],
  getVersioned: [actor, whom, getOptions],
  getByEmail: [actor, email, getOptions],
  me: [actor],
  searchByEmail: [actor, argument('emails', listOf(text))],
  describe: [actor, argument('whom', optional(person))],
  update: [
    actor,
    whom,
    argument('patch', document),
    options({ expectedVersion: version, unknownFields: oneOf('ignore', 'reject'), idempotencyKey }),
  ],
  patch: [actor, whom, argument('operations', document), options({ expectedVersion: version, idempotencyKey })],
  validate: [argument('values', document), options({ only: text })],
  create: [actor, argument('account', document), options({ active: boolean, idempotencyKey })],
  updateAsOperator: [actor, whom, argument('modification', document), options({ idempotencyKey })],
  activate: [actor, key],
  requestActivation: [actor, email],
  dropPendingChanges: [actor, whom],
  disableLogIn: [actor, whom],
  deactivate: [actor, whom, argument('request', object({ reason: text, until: optional(moment) }))],
  reactivate: [actor, whom, argument('request', object({ reason: text }))],
  deactivations: [actor, whom, options(pageKinds)],
  loginStatus: [actor, whom, options({ purpose: oneOf('log_in', 'reset_password') })],
  recordLogin: [actor, whom],
  checkPassword: [actor, whom, argument('password', text)],
  confirmEmailChange: [key],
  confirmSecondaryEmail: [key],
  requestNameChange: [actor, whom, argument('name', document)],
  confirmNameChange: [actor, whom, options({ requestId: text })],
  replaceUsernames: [actor, argument('replacements', listOf(object({ whom: person, username: text })))],
  releaseUsername: [actor, username],
  profileImageNames: [actor, whom],
  setProfileImage: [actor, whom, argument('state', object({ uploaded: boolean, uploadedAt: optional(moment) }))],
  history: [actor, whom, options(pageKinds)],
  list: [
    actor,
    options({
      where: object({
        username: optional(text),
        email: optional(text),
        name: optional(text),
        is_active: optional(boolean),
        date_joined: optional(object({ from: optional(moment), before: optional(moment) })),
        country: optional(text),
        extended_profile: optional(recordOf(json)),
      }),
      order: oneOf('id', 'username', 'email', 'name', 'date_joined'),
      descending: boolean,
      ...pageKinds,
    }),
  ],
  reindex: [actor, options({ batchSize: count(1, 1000), after: text, onProgress: callback })],
}
