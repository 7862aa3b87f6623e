import { type AccountFilter, type AccountOrder, extendedSearchPrefix } from '../port/account-page.ts'
import type { AccountRecord } from '../port/account-record.ts'
import { requireAllowed } from '../runtime/authorize.ts'
import type { PageOptions } from '../runtime/pages.ts'
import { type Actor, isSystem } from '../site/actor.ts'
import type { Context } from '../site/context.ts'
import type { VisibilityConfiguration } from '../site/settings.ts'
import { badArgument } from '../values/arguments.ts'
import { toInstant } from '../values/instant.ts'
import { isVisible, lengthOf } from '../values/text.ts'
import { fieldValues, foldedBeginning, longestSearchValue, nameValues, searchedValue } from './search-values.ts'

/** The people of a list: those who meet every member that is given. */
export interface AccountListFilter {
  /** The beginning of their usernames, without regard to letter case. */
  readonly username?: string
  /** The beginning of their addresses, in the same way. */
  readonly email?: string
  /** The beginning of their full names, in the same way. */
  readonly name?: string
  readonly is_active?: boolean
  /** The moments between which they joined: at `from` or later, and before `before`. Text is ISO 8601. */
  readonly date_joined?: { readonly from?: Date | string; readonly before?: Date | string }
  /** The code of their country. */
  readonly country?: string
  /**
   * Values of declared fields that are marked `searchable`, by their names, up to five: texts without regard to letter
   * case, numbers, `true` or `false`.
   */
  readonly extended_profile?: Readonly<Record<string, string | number | boolean>>
}

/** Options of `accounts.list`. */
export interface AccountListOptions extends PageOptions {
  /** Default: all people. */
  readonly where?: AccountListFilter
  /**
   * The field by whose values the list is ordered, then by ids. With beginnings or `date_joined` in `where` one of these:
   * default the first. Otherwise default `id`.
   */
  readonly order?: AccountOrder
  /** Begins with the last. Default false. */
  readonly descending?: boolean
}

/** A list as the repository takes it. */
export interface AccountList {
  readonly where: AccountFilter
  readonly order: AccountOrder
}

/** The most declared fields of one filter. */
const mostFields = 5

/** The members of a filter that name a range of the order of a list. */
const ranges = ['username', 'email', 'name', 'date_joined'] as const

/**
 * Reads a filter and an order. Throws `bad_request` for members that are not of their form, and for an order that no index
 * has with the filter; `not_authorized` for a field that the actor does not see of every account, since the list would
 * tell its values.
 */
export function readAccountList(
  { where = {}, order }: Pick<AccountListOptions, 'where' | 'order'>,
  actor: Actor,
  context: Context,
): AccountList {
  const { is_active, country, date_joined, extended_profile = {} } = where
  const given = ranges.filter((field) => where[field] !== undefined)
  const by = order ?? given[0] ?? 'id'
  const allowed: readonly AccountOrder[] = given.length > 0 ? given : ['id', 'username', 'email', 'date_joined']
  if (!allowed.includes(by)) throw badArgument('order', `${allowed.join(' or ')} with this filter`)
  const used = [...given, by, ...(['is_active', 'country'] as const).filter((field) => where[field] !== undefined)]
  requireVisible(used, actor, context)
  const joined_from = readMoment(date_joined?.from)
  const joined_before = readMoment(date_joined?.before)
  const values = readFields(extended_profile, actor, context)
  return {
    order: by,
    where: {
      ...readBeginnings(where),
      ...(is_active === undefined ? {} : { is_active }),
      ...(country === undefined ? {} : { country }),
      ...(joined_from === undefined ? {} : { joined_from }),
      ...(joined_before === undefined ? {} : { joined_before }),
      ...(values.length === 0 ? {} : { values }),
    },
  }
}

function readBeginnings(where: AccountListFilter): Pick<AccountFilter, 'username' | 'email' | 'name'> {
  const names = (['username', 'email', 'name'] as const).flatMap((field) => {
    const text = where[field]
    if (text === undefined) return []
    const beginning = foldedBeginning(text)
    // The length of what came in: the fold of a longer text would be cut.
    if (!isVisible(beginning) || lengthOf(text) > longestSearchValue)
      throw badArgument(field, `1 to ${longestSearchValue} characters, not all of them blank`)
    return [[field, beginning] as const]
  })
  return Object.fromEntries(names)
}

function readMoment(value: Date | string | undefined): string | undefined {
  return value === undefined ? undefined : toInstant(value)
}

/** Throws `not_authorized` unless staff see the fields of every account. The order by ids tells no more than a cursor does. */
function requireVisible(fields: readonly string[], actor: Actor, { settings }: Context): void {
  const visible = visibleOfAll(settings.account_visibility_configuration)
  const areVisible = fields.every((field) => field === 'id' || visible.has(field))
  requireAllowed(actor, areVisible, { reason: 'hidden_field' })
}

/** Returns the fields that staff see of every account. Without a list for them these are the fields that others see. */
function visibleOfAll({
  admin_fields,
  public_fields,
  bulk_shareable_fields,
}: VisibilityConfiguration): ReadonlySet<string> {
  if (admin_fields.length > 0) return new Set(admin_fields)
  return new Set(public_fields.filter((field) => bulk_shareable_fields.includes(field)))
}

function readFields(
  given: NonNullable<AccountListFilter['extended_profile']>,
  actor: Actor,
  { extendedProfile }: Context,
): NonNullable<AccountFilter['values']> {
  const fields = Object.entries(given)
  if (fields.length > mostFields) throw badArgument('extended_profile', `up to ${mostFields} fields`)
  return fields.map(([name, given]) => {
    const declared = Object.hasOwn(extendedProfile.fields, name) ? extendedProfile.fields[name] : undefined
    if (declared?.searchable !== true) throw badArgument('extended_profile', 'fields that are marked `searchable`')
    requireAllowed(actor, declared.visibility !== 'private' || isSystem(actor), { reason: 'hidden_field' })
    const value = searchedValue(given)
    if (value === undefined)
      throw badArgument('extended_profile', `texts of up to ${longestSearchValue} characters, numbers, true or false`)
    return { field: extendedSearchPrefix + name, value }
  })
}

/**
 * Tells whether a list has an account: as it is loaded, since it can have changed after its page was read, and by our
 * rule of letter case, since databases of other systems have theirs.
 */
export function isListed(record: AccountRecord, { where }: AccountList, context: Context): boolean {
  const { user, profile, retirement } = record
  const begins = (text: string | undefined, beginning: string | undefined) =>
    beginning === undefined || text?.startsWith(beginning) === true
  return (
    retirement !== 'sealed' &&
    begins(user.username_key, where.username) &&
    begins(user.email_key, where.email) &&
    begins(where.name === undefined ? undefined : nameValues(record).get('name'), where.name) &&
    (where.is_active === undefined || user.is_active === where.is_active) &&
    (where.country === undefined || profile?.country === where.country) &&
    (where.joined_from === undefined || user.date_joined >= where.joined_from) &&
    (where.joined_before === undefined || user.date_joined < where.joined_before) &&
    hasValues(record, where.values ?? [], context)
  )
}

function hasValues(record: AccountRecord, values: NonNullable<AccountFilter['values']>, context: Context): boolean {
  if (values.length === 0) return true
  const stored = fieldValues(record, context)
  return values.every(({ field, value }) => stored.get(field) === value)
}
