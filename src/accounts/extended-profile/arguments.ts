import type { ArgumentTable } from '../../runtime/checked-operations.ts'
import type { NoFields } from '../../site/define-extended-profile.ts'
import {
  actor,
  argument,
  boolean,
  callback,
  count,
  document,
  idempotencyKey,
  options,
  text,
  version,
  whom,
  whoms,
} from '../../values/kinds.ts'
import type { ExtendedProfileOperations } from '../extended-profiles.ts'

/** The arguments of each operation of extended profiles. */
export const extendedProfileArguments: ArgumentTable<ExtendedProfileOperations<NoFields>> = {
  get: [actor, whom],
  getMany: [actor, whoms],
  sections: [actor, whom],
  update: [actor, whom, argument('input', document), options({ expectedVersion: version, idempotencyKey })],
  history: [actor, whom, options({ field: text })],
  migrate: [actor, options({ dryRun: boolean, batchSize: count(1, 1000), after: text, onProgress: callback })],
}
