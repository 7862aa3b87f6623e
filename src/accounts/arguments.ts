import type { ArgumentTable } from '../runtime/checked-operations.ts'
import {
  actor,
  argument,
  boolean,
  count,
  document,
  id,
  json,
  listOf,
  moment,
  object,
  oneOf,
  optional,
  options,
  orNothing,
  ownOrUsername,
  text,
  username,
  version,
} from '../values/kinds.ts'
import type { Accounts } from './accounts.ts'

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
const year = count(-1_000_000, 1_000_000)

/** What the operations of accounts take. Rules of fields look at `document`s, and name what is wrong field by field. */
export const accountArguments: ArgumentTable<Accounts> = {
  get: [actor, argument('usernames', orNothing(listOf(text))), getOptions],
  getVersioned: [actor, ownOrUsername, getOptions],
  getByEmail: [actor, argument('email', text), getOptions],
  getById: [actor, argument('id', id), getOptions],
  me: [actor],
  searchByEmail: [actor, argument('emails', listOf(text))],
  update: [
    actor,
    ownOrUsername,
    argument('patch', document),
    options({ expectedVersion: version, unknownFields: oneOf('ignore', 'reject') }),
  ],
  patch: [actor, ownOrUsername, argument('operations', document), options({ expectedVersion: version })],
  validate: [argument('values', document), options({ only: text })],
  create: [actor, argument('account', document), options({ active: boolean })],
  modify: [actor, username, argument('modification', document)],
  activate: [actor, key],
  requestActivation: [argument('email', text)],
  dropPendingChanges: [actor, username],
  deactivate: [actor, username],
  checkPassword: [username, argument('password', text)],
  confirmEmailChange: [key],
  confirmSecondaryEmail: [key],
  requestNameChange: [actor, argument('name', document)],
  confirmNameChange: [actor, username, options({ requestId: text })],
  replaceUsernames: [actor, argument('mappings', listOf(json))],
  age: [username],
  requiresParentalConsent: [username, options({ ageLimit: orNothing(count(0, 1_000_000)), year, unknownAge: boolean })],
  releaseUsername: [actor, username],
  profileImageNames: [username],
  profileImageUrls: [username],
  setProfileImage: [actor, username, argument('state', object({ uploaded: boolean, uploaded_at: optional(moment) }))],
}
