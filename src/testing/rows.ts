import { emptyProfile } from '../port/empty-profile.ts'
import type { Repository } from '../port/repository.ts'
import type { OutboxRow, ProfileRow, UserId, UserRow } from '../port/tables.ts'
import { identifierKey } from '../values/text.ts'

const moment = '2024-06-15T12:00:00.000000Z'

/** Returns a person to store, with the address `<username>@example.com`. */
export function userRow(username: string, columns: Partial<UserRow> = {}): Omit<UserRow, 'id'> {
  const email = `${username}@example.com`
  return {
    username,
    username_key: identifierKey(username),
    email,
    email_key: identifierKey(email),
    first_name: '',
    last_name: '',
    is_active: true,
    date_joined: moment,
    last_login: null,
    ...columns,
  }
}

/** Returns a stored profile of version 1. */
export function profileRow(user_id: UserId, columns: Partial<ProfileRow> = {}): ProfileRow {
  return { ...emptyProfile(user_id), version: 1, ...columns }
}

/** Returns a message that is under no lease. */
export function outboxRow(id: string, user_id: UserId, columns: Partial<OutboxRow> = {}): OutboxRow {
  return {
    id,
    kind: 'event',
    name: 'test',
    user_id,
    payload: {},
    created_at: moment,
    leased_until: null,
    lease: null,
    attempts: 0,
    next_attempt_at: null,
    dead_at: null,
    ...columns,
  }
}

/** Stores a person with a profile. Returns the id. */
export async function addUser(
  repository: Repository,
  username: string,
  profile: Partial<ProfileRow> = {},
): Promise<UserId> {
  const id = await repository.insertUser(userRow(username), (id) => [
    { insert: 'profiles', rows: [profileRow(id, profile)] },
  ])
  if (id === undefined) throw new Error(`the username ${username} is taken`)
  return id
}
