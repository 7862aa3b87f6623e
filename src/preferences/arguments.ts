import type { ArgumentTable } from '../runtime/checked-operations.ts'
import { pageKinds } from '../runtime/pages.ts'
import type { NoPreferences } from '../site/define-preferences.ts'
import {
  actor,
  argument,
  boolean,
  document,
  idempotencyKey,
  listOf,
  name,
  options,
  person,
  text,
  whom,
  whoms,
} from '../values/kinds.ts'
import type { PreferenceOperations } from './preferences.ts'

const key = argument('key', text)
const keys = argument('keys', listOf(text))
const scopeKinds = { org: name, courseId: name }
const scope = { ...options(scopeKinds), name: 'scope' }
const updateOptions = options({ ...scopeKinds, pin: boolean, idempotencyKey })

/** The arguments of each operation of preferences. A rule of preferences tells whether a key can be stored. */
export const preferenceArguments: ArgumentTable<PreferenceOperations<NoPreferences>> = {
  get: [actor, whom, key],
  getAll: [actor, whom],
  getMany: [actor, whoms, keys],
  set: [actor, whom, key, argument('value', document), updateOptions],
  update: [actor, whom, argument('patch', document), updateOptions],
  delete: [actor, whom, key, scope],
  resolve: [actor, whom, keys, scope],
  resolveMany: [actor, whoms, keys, scope],
  list: [actor, options({ ...pageKinds, key: text, whom: person })],
  usersByKey: [actor, key, options(pageKinds)],
}
