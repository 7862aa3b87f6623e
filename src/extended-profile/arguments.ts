import {
  actor,
  argument,
  boolean,
  callback,
  document,
  id,
  options,
  ownOrUsername,
  size,
  text,
  username,
  usernames,
} from '../argument-kinds.ts'
import type { ArgumentTable } from '../checked-operations.ts'
import type { NoFields } from './define-extended-profile.ts'
import type { ExtendedProfileOperations } from './operations.ts'

/** What the operations of extended profiles take. */
export const extendedProfileArguments: ArgumentTable<ExtendedProfileOperations<NoFields>> = {
  get: [actor, ownOrUsername],
  getMany: [actor, usernames],
  parts: [actor, username],
  update: [actor, username, argument('input', document)],
  history: [actor, username, options({ field: text })],
  migrateExtendedProfiles: [actor, options({ dryRun: boolean, batchSize: size, after: id, onProgress: callback })],
}
