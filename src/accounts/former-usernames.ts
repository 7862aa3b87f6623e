import type { FormerUsernameRow, UserId, UserRow } from '../port/tables.ts'
import type { Write } from '../port/write.ts'
import type { Context } from '../site/context.ts'
import { looksRetired } from '../site/retired-formats.ts'
import { instantOf } from '../values/instant.ts'
import { identifierKey } from '../values/text.ts'
import { retiredForm } from './retired-identifier.ts'

function rowOf(user_id: UserId, username: string, context: Context): FormerUsernameRow {
  return { user_id, username, username_key: identifierKey(username), replaced_at: instantOf(context.now) }
}

/**
 * Returns the writes that stop a unit which gives a person a username, if it has become the former one of another
 * person since it was looked up: the row of a former username cannot be there twice. The row is gone again with the
 * next write.
 */
export function takeUsernameWrites(user_id: UserId, username: string, context: Context): Write[] {
  const row = rowOf(user_id, username, context)
  const where = { username_key: row.username_key, user_id }
  return [
    { insert: 'former_usernames', rows: [row] },
    { delete: 'former_usernames', where, guarded: true },
  ]
}

/**
 * Returns the writes that keep a replaced username reserved: a session that still names the person by it must not
 * become that of another person.
 */
export function replaceUsernameWrites(before: UserRow, after: UserRow, context: Context): Write[] {
  const { id: user_id, username, username_key } = after
  if (before.username_key === username_key) return []
  return [
    // One's own former username can be had back.
    { delete: 'former_usernames', where: { username_key, user_id } },
    ...takeUsernameWrites(user_id, username, context),
    { upsert: 'former_usernames', rows: [rowOf(user_id, before.username, context)] },
  ]
}

/** Returns the writes that put retired forms in the place of former usernames: they can be neither read nor taken. */
export function formerUsernamesErasure(rows: readonly FormerUsernameRow[], { settings }: Context): Write[] {
  return rows
    .filter(({ username }) => !looksRetired(username, settings))
    .flatMap((row) => replaceFormWrites(row, retiredForm('username', row.username, settings)))
}

/** Returns the writes that give a former username another form. */
export function replaceFormWrites({ user_id, username_key }: FormerUsernameRow, username: string): Write[] {
  const key = identifierKey(username)
  return [
    // The same name can have been erased before.
    { delete: 'former_usernames', where: { username_key: key, user_id } },
    {
      update: 'former_usernames',
      set: { username, username_key: key },
      where: { username_key, user_id },
    },
  ]
}
