import type { ArgumentTable } from '../../runtime/checked-operations.ts'
import type { NoFields } from '../../site/define-extended-profile.ts'
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
} from '../../values/kinds.ts'
import type { ExtendedProfileOperations } from '../extended-profiles.ts'

/** What the operations of extended profiles take. */
export const extendedProfileArguments: ArgumentTable<ExtendedProfileOperations<NoFields>> = {
  get: [actor, ownOrUsername],
  getMany: [actor, usernames],
  parts: [actor, username],
  update: [actor, username, argument('input', document)],
  history: [actor, username, options({ field: text })],
  migrateExtendedProfiles: [actor, options({ dryRun: boolean, batchSize: size, after: id, onProgress: callback })],
}
