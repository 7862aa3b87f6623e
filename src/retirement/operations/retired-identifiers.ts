import { type IdentifierKind, retiredForm, retiredForms } from '../../accounts/retired-identifier.ts'
import type { RetirementRow, UserRow } from '../../port/tables.ts'
import { requireRight } from '../../runtime/authorize.ts'
import type { Core } from '../../runtime/core.ts'
import { userRef } from '../../runtime/load-account.ts'
import type { Actor } from '../../site/actor.ts'
import type { UserRef } from '../../site/host.ts'
import { looksRetired } from '../../site/retired-formats.ts'
import { badArgument } from '../../values/arguments.ts'
import { UserCoreError } from '../../values/errors.ts'
import { identifierKey } from '../../values/text.ts'

/** The kinds of identifiers that accounts have. */
export type AccountIdentifier = Exclude<IdentifierKind, 'external_key'>

/** The columns that hold each kind: `value` and `key` in accounts, `original` and `retired` in retirements. */
export const identifierColumns = {
  username: { value: 'username', key: 'username_key', original: 'original_username', retired: 'retired_username' },
  email: { value: 'email', key: 'email_key', original: 'original_email', retired: 'retired_email' },
} as const

export async function currentForm(core: Core, actor: Actor, kind: AccountIdentifier, value: string): Promise<string> {
  requireRight(core, actor, 'retire_user')
  const [row] = (await originalRows(core, kind, value)).sort((a, b) => (a.modified_at > b.modified_at ? -1 : 1))
  return row?.[identifierColumns[kind].retired] ?? retiredForm(kind, value, core.settings)
}

export async function isRetired(core: Core, actor: Actor, kind: AccountIdentifier, value: string): Promise<boolean> {
  requireRight(core, actor, 'retire_user')
  const forms = retiredForms(kind, value, core.settings).map(identifierKey)
  if ((await core.repository.select('retired_identifiers', { kind, form: forms })).length > 0) return true
  const users = await core.repository.select('users', { [identifierColumns[kind].key]: forms })
  if (users.length > 0 || kind === 'email') return users.length > 0
  const former = await core.repository.select('former_usernames', { username_key: forms })
  return former.length > 0 || (await originalRows(core, kind, value)).length > 0
}

function originalRows(core: Core, kind: AccountIdentifier, value: string): Promise<RetirementRow[]> {
  const key = identifierKey(value)
  return core.repository.select(
    'retirements',
    kind === 'username' ? { original_username_key: key } : { original_email_key: key },
  )
}

export async function findUser(
  core: Core,
  actor: Actor,
  username: string,
  { hash }: { readonly hash?: string },
): Promise<UserRef> {
  requireRight(core, actor, 'retire_user')
  if (hash !== undefined && !retiredForms('username', username, core.settings).includes(hash)) {
    throw badArgument('hash', 'a retired form of the username')
  }
  const user = await findRetiredUser(core, username, hash)
  if (user === undefined) throw new UserCoreError('user_not_found')
  return userRef(user)
}

/**
 * Finds a person by the username now or before a retirement. Of a retired and a living account it is the living one, if
 * its name is spelt the same. Throws `conflict` when more than two match. Source: Open edX,
 * `get_potentially_retired_user_by_username`.
 */
export async function findRetiredUser(core: Core, username: string, hash?: string): Promise<UserRow | undefined> {
  const forms = hash === undefined ? retiredForms('username', username, core.settings) : [hash]
  const users = await core.repository.select('users', { username_key: [username, ...forms].map(identifierKey) })
  if (users.length > 2)
    throw new UserCoreError('conflict', { params: { reason: 'several_users', users: users.length } })
  const [retired] = users.filter((user) => looksRetired(user.username, core.settings))
  const living = users.find((user) => user !== retired)
  return living === undefined || (retired !== undefined && living.username !== username) ? retired : living
}
