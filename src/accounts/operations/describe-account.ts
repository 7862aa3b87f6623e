import type { AccountRecord } from '../../port/account-record.ts'
import { type Core, contextOf } from '../../runtime/core.ts'
import { loadAccount, userRef } from '../../runtime/load-account.ts'
import { isClosed } from '../../runtime/permit.ts'
import { type IsReadOnly, readOnlyFor } from '../../runtime/read-only.ts'
import { type Actor, isSelf, isSystem, requireAuthenticated } from '../../site/actor.ts'
import type { Context } from '../../site/context.ts'
import type { Whom } from '../../site/whom.ts'
import {
  type AccountDescription,
  describeAccount,
  type FieldAccess,
  patchFields,
  readableFields,
} from '../describe/describe-account.ts'
import type { RuleSite } from '../describe/field-rules.ts'
import { readPart } from '../extended-profile/document.ts'
import { partWrittenBy } from '../extended-profile/owners.ts'
import { shownNames } from '../extended-profile/visible-fields.ts'
import { readingOf } from '../visibility.ts'

export async function describe(core: Core, actor: Actor, whom: Whom | undefined): Promise<AccountDescription> {
  const context = contextOf(core)
  if (whom === undefined) return describeCreate(core, actor, context)
  requireAuthenticated(actor)
  const record = await loadAccount(core, whom, actor)
  const read = readableFields(record, readingOf(actor, {}, core.settings), context)
  const write = await writableFields(core, actor, record, context)
  return describeAccount({ read, write }, context, await siteOf(core, write, context), { isNew: false })
}

/** Returns the fields that a patch of the actor can change: those of their own account, or of any for trusted code. */
async function writableFields(
  core: Core,
  actor: Actor,
  record: AccountRecord,
  context: Context,
): Promise<FieldAccess['write']> {
  const mayWrite = (isSystem(actor) || isSelf(actor, record.user)) && !isClosed(core, record)
  if (!mayWrite) return { fields: new Set(), extended: new Set() }
  const isReadOnly = readOnlyFor(core, actor, userRef(record.user))
  const owner = partWrittenBy(actor, record.user)
  const isOutdated = readPart(record.extended_profiles, owner, context.extendedProfile).state === 'outdated'
  const changeable = patchFields.filter(
    (field) =>
      (field !== 'email' || core.settings.allow_email_address_change) && (field !== 'extended_profile' || !isOutdated),
  )
  return writableOf(changeable, isReadOnly, context)
}

/** Returns the fields of an account to be made: its names, which are never read-only, and those of its profile. */
async function describeCreate(core: Core, actor: Actor, context: Context): Promise<AccountDescription> {
  const identity = [
    ...(core.repository.usernames === 'ids' ? [] : ['username']),
    'email',
    'name',
    ...(core.host.credentials === undefined ? [] : ['password']),
  ]
  const inProfile = patchFields.filter((field) => !['name', 'email', 'secondary_email'].includes(field))
  const profile = await writableOf(inProfile, readOnlyFor(core, actor, { username: '' }), context)
  const write = { ...profile, fields: new Set([...identity, ...profile.fields]) }
  const read = { fields: [], extended: [] }
  return describeAccount({ read, write }, context, await siteOf(core, write, context), { isNew: true })
}

async function writableOf(
  fields: readonly string[],
  isReadOnly: IsReadOnly,
  context: Context,
): Promise<FieldAccess['write']> {
  const kept = async (names: readonly string[], fieldOf = (name: string) => name) => {
    const writable = new Set<string>()
    for (const name of names) if (!(await isReadOnly(fieldOf(name)))) writable.add(name)
    return writable
  }
  const writable = await kept(fields)
  const extended = writable.has('extended_profile') ? shownNames(context).names : []
  return { fields: writable, extended: await kept(extended, (name) => `extended_profile.${name}`) }
}

/** Returns the site with the countries that can be chosen, where they are asked for. */
async function siteOf(core: Core, write: FieldAccess['write'], { settings, now }: Context): Promise<RuleSite> {
  const { isCountryRestricted } = core.host
  const offered = settings.countries.filter((code) => !settings.restricted_countries.includes(code))
  if (isCountryRestricted === undefined || !write.fields.has('country')) return { settings, now, countries: offered }
  const restricted = await Promise.all(offered.map((code) => isCountryRestricted(code)))
  return { settings, now, countries: offered.filter((_, index) => restricted[index] === false) }
}
