import type { ArgumentTable } from '../runtime/checked-operations.ts'
import { pageKinds } from '../runtime/pages.ts'
import {
  actor,
  argument,
  boolean,
  document,
  listOf,
  moment,
  object,
  oneOf,
  optional,
  options,
  person,
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
  update: [
    actor,
    whom,
    argument('patch', document),
    options({ expectedVersion: version, unknownFields: oneOf('ignore', 'reject') }),
  ],
  patch: [actor, whom, argument('operations', document), options({ expectedVersion: version })],
  validate: [argument('values', document), options({ only: text })],
  create: [actor, argument('account', document), options({ active: boolean })],
  updateAsOperator: [actor, whom, argument('modification', document)],
  activate: [actor, key],
  requestActivation: [actor, email],
  dropPendingChanges: [actor, whom],
  disableLogIn: [actor, whom],
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
}
