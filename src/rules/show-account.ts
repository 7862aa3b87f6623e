import type { AccountDocument } from '../accounts/account.ts'
import { accountDocument } from '../accounts/account-document.ts'
import { age as ageAt, type ConsentOptions, requiresParentalConsent as requiresConsent } from '../accounts/age.ts'
import { profileImageUrls as imageUrls, uploadedImage } from '../accounts/fields/profile-image.ts'
import { type GetOptions, readingOf, viewOf } from '../accounts/visibility.ts'
import type { AccountRecord } from '../port/account-record.ts'
import type { Actor } from '../site/actor.ts'
import type { Context } from '../site/context.ts'
import type { DerivedFields } from '../site/host.ts'

/** An account as it is stored, or the document of it that a reader got. */
export type AnyAccount = AccountRecord | AccountDocument

/** Ways to show an account, as `users.accounts.get` has them. */
export interface ShowAccountOptions extends GetOptions {
  /** Fields that the host computes. Default: they are null. */
  readonly derived?: DerivedFields
}

/**
 * Returns the document of an account that a reader sees: the fields that the reader may see, and no others.
 *
 * Expects an account of a repository or of `newAccount`, an actor, and a context of `ruleContext`; none of them is
 * checked, since the operations of a core check actors.
 *
 * ```ts
 * const context = ruleContext({ now: new Date('2026-11-29') })
 * const account = newAccount({ id: 1, username: 'ada', email: 'ada@example.com' }, context, { year_of_birth: 1980 })
 * showAccount(account, { id: 2 }, context).email // undefined: others do not see the address
 * ```
 */
export function showAccount(
  account: AccountRecord,
  actor: Actor,
  context: Context,
  { derived, ...options }: ShowAccountOptions = {},
): AccountDocument {
  return accountDocument(account, readingOf(actor, options, context.settings), context, derived)
}

/**
 * Returns the names of the fields of an account that a reader sees, in the order of the list that applies.
 *
 * Expects an account of a repository or of `newAccount`, an actor, and a context of `ruleContext`; none of them is
 * checked, since the operations of a core check actors.
 *
 * ```ts
 * const context = ruleContext({ now: new Date('2026-11-29') })
 * const account = newAccount({ id: 1, username: 'ada', email: 'ada@example.com' }, context)
 * visibleFields(account, { id: 2 }, context) // the public ones: the age of ada is not known
 * ```
 */
export function visibleFields(
  account: AccountRecord,
  actor: Actor,
  context: Context,
  options: GetOptions = {},
): readonly string[] {
  return viewOf(account, readingOf(actor, options, context.settings), context).fields
}

/**
 * Returns the age of a person in whole years by the year of birth alone: the youngest that the person can be, so -1 for
 * a birth this year. `null` where the year is unknown or the document does not show it.
 *
 * Expects an account of a repository or of `newAccount`, or a document of one, and the moment of a context; neither
 * is checked.
 *
 * ```ts
 * age({ year_of_birth: 1980 }, { now: new Date('2026-11-29') }) // 45
 * ```
 */
export function age(account: AnyAccount, { now }: Pick<Context, 'now'>): number | null {
  return ageAt(yearOf(account), now.getUTCFullYear())
}

/**
 * Tells whether a person is too young to decide alone: younger than the setting `parental_consent_age_limit`.
 *
 * Expects an account of a repository or of `newAccount`, or a document of one, and a context of `ruleContext`;
 * neither is checked.
 *
 * ```ts
 * requiresParentalConsent({ year_of_birth: 2020 }, ruleContext({ now: new Date('2026-11-29') })) // true
 * ```
 */
export function requiresParentalConsent(
  account: AnyAccount,
  context: Pick<Context, 'now' | 'settings'>,
  options: ConsentOptions = {},
): boolean {
  return requiresConsent(yearOf(account), context, options)
}

/**
 * Returns the addresses of the profile image of an account by the name of the size; those of the default image where
 * there is none. A document has the addresses that it shows.
 *
 * Throws `config_error` for an image without a stored name where the setting `profile_image_hash_seed` is null.
 *
 * Expects an account of a repository or of `newAccount`, or a document of one, and a context of `ruleContext`;
 * neither is checked.
 *
 * ```ts
 * const context = ruleContext({ now: new Date('2026-11-29') })
 * const account = newAccount({ id: 1, username: 'ada', email: 'ada@example.com' }, context)
 * profileImageUrls(account, context).small // '/static/default_30.png'
 * ```
 */
export function profileImageUrls(account: AnyAccount, { settings }: Pick<Context, 'settings'>): Record<string, string> {
  if ('user' in account) return imageUrls(uploadedImage(account, settings), settings)
  const shown = Object.entries<unknown>(account.profile_image ?? {})
  return Object.fromEntries(
    shown.flatMap(([name, url]) => {
      const size = /^image_url_(.+)$/s.exec(name)?.[1]
      return size === undefined || typeof url !== 'string' ? [] : [[size, url]]
    }),
  )
}

function yearOf(account: AnyAccount): number | null {
  return ('user' in account ? account.profile?.year_of_birth : account.year_of_birth) ?? null
}
