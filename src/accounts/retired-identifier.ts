import type { RetiredIdentifierKey, Settings } from '../site/settings.ts'
import { badArgument } from '../values/arguments.ts'
import { nodeCrypto } from '../values/built-ins.ts'
import { UserCoreError } from '../values/errors.ts'
import { foldIdentifier, identifierKey, isBeyondStorage, spellingsOfKey } from '../values/text.ts'

/** The identifiers that can be retired. External keys are names that a host gives; they have no place in the tables. */
export type IdentifierKind = 'username' | 'email' | 'external_key'

/** Options in place of settings of the site, for values that were retired elsewhere. */
export interface RetiredFormOptions {
  /** Makes the form of Open edX with these salts, oldest first. */
  readonly salts?: readonly string[]
  /** Text with `{}` where the hash goes. */
  readonly format?: string
}

/**
 * Returns the forms that a retired value can have, oldest first: those of every key (each alone, and wrapped by the
 * keys after it), and those of every salt. The last one of the scheme in force is current: see `retiredForm`. A value
 * that has more than one spelling (see `identifierKey`) has the forms of each; a value that is too long to be a name or
 * an address has none.
 *
 * Expects a kind, a text, and the settings of a site or of `ruleContext`; their types are not checked. `salts` are.
 *
 * ```ts
 * const key = { id: 'k1', secret: 'a secret of at least thirty-two characters' }
 * const { settings } = ruleContext({ now: new Date(), settings: { retired_identifier_keys: [key] } })
 * retiredForms('username', 'ada', settings).at(-1) === retiredForm('username', 'ada', settings) // true
 * ```
 */
export function retiredForms(
  kind: IdentifierKind,
  value: string,
  settings: Settings,
  { salts, format = formatOf(kind, settings) }: RetiredFormOptions = {},
): string[] {
  const known = requireSalts(salts, settings)
  if (isBeyondStorage(value)) return []
  const spellings = spellingsOf(value)
  const keyed = keyChains(salts === undefined ? settings.retired_identifier_keys : []).flatMap((chain) =>
    spellings.map((spelling) => keyedHash(kind, spelling, chain)),
  )
  const salted = known.flatMap((salt) => {
    return [...new Set([...spellings, value.toLowerCase()])].map((spelling) => saltedHash(spelling, salt))
  })
  const hashes = settings.retired_identifier_scheme === 'sha1' ? [...keyed, ...salted] : [...salted, ...keyed]
  return hashes.map((hash) => fill(format, hash))
}

/**
 * Returns the form in which a value is retired now. Throws `config_error` where the site has no key for it;
 * `bad_request` for a value that is too long to be a name or an address.
 *
 * Expects a kind, a text, and the settings of a site or of `ruleContext`; their types are not checked. `salts` are.
 *
 * ```ts
 * const key = { id: 'k1', secret: 'a secret of at least thirty-two characters' }
 * const { settings } = ruleContext({ now: new Date(), settings: { retired_identifier_keys: [key] } })
 * retiredForm('username', 'ada', settings) // 'retired__user_h1_k1_…'
 * ```
 */
export function retiredForm(
  kind: IdentifierKind,
  value: string,
  settings: Settings,
  { salts, format = formatOf(kind, settings) }: RetiredFormOptions = {},
): string {
  if (isBeyondStorage(value)) throw badArgument('value', 'text that can be stored')
  if (salts !== undefined || settings.retired_identifier_scheme === 'sha1') {
    const salt = requireSalts(salts, settings).at(-1) ?? ''
    return fill(format, saltedHash(value, salt))
  }
  const key = settings.retired_identifier_keys.at(-1)
  if (key === undefined) {
    throw new UserCoreError('config_error', {
      params: { settings: 'retired_identifier_keys' },
      detail: 'retired_identifier_keys: at least 1 item, before a person can be retired',
    })
  }
  return fill(format, keyedHash(kind, identifierKey(value), [key]))
}

/**
 * Returns the texts as which a value can have been retired, the current one last: its key, with its domain in letters
 * and in ASCII, and its key from before domains were compared by IDNA.
 */
function spellingsOf(value: string): string[] {
  const [key = '', ...others] = spellingsOfKey(identifierKey(value))
  return [...new Set([foldIdentifier(value), ...others])].filter((spelling) => spelling !== key).concat(key)
}

/**
 * Returns a keyed form wrapped by the current key, so that the earlier keys alone do not tell whom it hides; it is made
 * without the original value. Returns `undefined` for a text that is no keyed form, and for one that has the current
 * key already.
 *
 * Expects a kind, a text, and the settings of a site or of `ruleContext`; none of them is checked.
 *
 * ```ts
 * const keys = ['k1', 'k2'].map((id) => ({ id, secret: `a secret of at least thirty-two characters, ${id}` }))
 * const settingsWith = (count: number) =>
 *   ruleContext({ now: new Date(), settings: { retired_identifier_keys: keys.slice(0, count) } }).settings
 * rewrapped('username', retiredForm('username', 'ada', settingsWith(1)), settingsWith(2)) // 'retired__user_h1_k1_k2_…'
 * ```
 */
export function rewrapped(kind: IdentifierKind, form: string, settings: Settings): string | undefined {
  const [before = '', after = ''] = formatOf(kind, settings).split('{}')
  const hash = form.slice(before.length, form.length - after.length)
  const match = /^h1((?:_[a-z0-9]{1,8})+)_([0-9a-f]{40})$/.exec(hash)
  if (match?.[1] === undefined || match[2] === undefined || fill(`${before}{}${after}`, hash) !== form) return undefined
  const ids = match[1].slice(1).split('_')
  const keys = settings.retired_identifier_keys
  const first = keys.findIndex(({ id }) => id === ids[0])
  const isKnown = first >= 0 && ids.every((id, index) => keys[first + index]?.id === id)
  const missing = keys.slice(first + ids.length)
  if (!isKnown || missing.length === 0) return undefined
  const digest = missing.reduce(wrap, match[2])
  return fill(`${before}{}${after}`, keyedText([...ids, ...missing.map(({ id }) => id)], digest))
}

/** Returns a keyed form of any format, such as its key, with its hash wrapped by the current key; otherwise as `rewrapped`. */
export function rewrappedWithin(form: string, settings: Settings): string | undefined {
  const hash = /h1(?:_[a-z0-9]{1,8}){1,64}_[0-9a-f]{40}/.exec(form)?.[0]
  const plain = { ...settings, retired_username_format: '{}' }
  const wrapped = hash === undefined ? undefined : rewrapped('username', hash, plain)
  return wrapped === undefined || hash === undefined ? undefined : form.replace(hash, () => wrapped)
}

function formatOf(kind: IdentifierKind, settings: Settings): string {
  if (kind === 'external_key') return 'retired_external_key_{}'
  return kind === 'username' ? settings.retired_username_format : settings.retired_email_format
}

function fill(format: string, hash: string): string {
  return format.replace('{}', () => hash)
}

/** Returns the SHA-1 of salt and lower-cased value, in hexadecimal. Source: Open edX, `user_util`. */
function saltedHash(value: string, salt: string): string {
  return nodeCrypto().createHash('sha1').update(salt).update(value.toLowerCase()).digest('hex')
}

/** Returns the salts of a call, or those of the site. Throws `invalid_salts`. */
function requireSalts(given: unknown, settings: Settings): readonly string[] {
  const salts = given === undefined ? settings.retired_user_salts : given
  const isList = Array.isArray(salts) && salts.length > 0 && salts.every((salt) => typeof salt === 'string')
  if (!isList) throw new UserCoreError('invalid_salts')
  return salts
}

/** Returns all runs of keys with which a value can have been retired and wrapped. */
function keyChains(keys: readonly RetiredIdentifierKey[]): (readonly RetiredIdentifierKey[])[] {
  return keys.flatMap((_, last) => keys.slice(0, last + 1).map((_, first) => keys.slice(first, last + 1)))
}

/**
 * Returns the HMAC-SHA-256 of the value, cut to 160 bits, with the version of the form (`h1`: compared as
 * `identifierKey` does) and the ids of its keys. The kind of the value goes into the hash, so that a name and an
 * address never share one.
 */
function keyedHash(kind: IdentifierKind, key: string, [first, ...rest]: readonly RetiredIdentifierKey[]): string {
  if (first === undefined) throw new TypeError('a keyed hash needs a key')
  const digest = hmac(first, `usercore retired ${kind} 1\n${key}`)
  return keyedText(
    [first, ...rest].map(({ id }) => id),
    rest.reduce(wrap, digest),
  )
}

function wrap(digest: string, key: RetiredIdentifierKey): string {
  return hmac(key, `usercore retired wrap 1\n${digest}`)
}

function keyedText(ids: readonly string[], digest: string): string {
  return `h1_${ids.join('_')}_${digest}`
}

function hmac({ secret }: RetiredIdentifierKey, text: string): string {
  return nodeCrypto().createHmac('sha256', secret).update(text).digest('hex').slice(0, 40)
}
