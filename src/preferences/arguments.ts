import type { ArgumentTable } from '../runtime/checked-operations.ts'
import type { NoPreferences } from '../site/define-preferences.ts'
import {
  actor,
  argument,
  boolean,
  document,
  id,
  listOf,
  name,
  options,
  ownOrUsername,
  size,
  text,
  username,
  usernames,
} from '../values/kinds.ts'
import type { PreferenceOperations } from './preferences.ts'

const key = argument('key', text)
const keys = argument('keys', listOf(text))
const places = { org: name, course_id: name }
const place = options(places)
const pages = { after: id, limit: size }
const updateOptions = options({ ...places, pin: boolean })

/** What the operations of preferences take. Whether a key can be stored is a rule of preferences. */
export const preferenceArguments: ArgumentTable<PreferenceOperations<NoPreferences>> = {
  get: [actor, ownOrUsername, key],
  getAll: [actor, ownOrUsername],
  getMany: [actor, usernames, keys],
  set: [actor, ownOrUsername, key, argument('value', document), updateOptions],
  update: [actor, ownOrUsername, argument('patch', document), updateOptions],
  delete: [actor, ownOrUsername, key, place],
  resolve: [actor, username, keys, place],
  resolveMany: [actor, usernames, keys, place],
  list: [actor, options({ ...pages, key: text, username: text })],
  usersByKey: [actor, key, options(pages)],
}
