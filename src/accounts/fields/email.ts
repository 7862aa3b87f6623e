import { nodeNet, nodeUrl } from '../../values/built-ins.ts'
import { type Checked, refused } from '../../values/checked.ts'
import { isStorableText } from '../../values/json.ts'
import { hasStorableKey, isBeyondStorage, isDotAtom, lengthOf } from '../../values/text.ts'

/** The fewest and the most characters of an address. */
export const emailLimits = { min: 3, max: 254 }

/** Checks the form of an e-mail address: text of 3 to 254 characters that is one (see `isEmailSyntax`). */
export function checkEmail(value: unknown, pointer: string): Checked<string> {
  if (typeof value !== 'string') return refused(pointer, 'not_text')
  const length = isBeyondStorage(value) ? Number.POSITIVE_INFINITY : lengthOf(value)
  if (length < emailLimits.min || length > emailLimits.max) return refused(pointer, 'bad_length', emailLimits)
  return isStorableText(value) && isEmailSyntax(value) && hasStorableKey(value)
    ? { value }
    : refused(pointer, 'invalid_format')
}

const quotedText = /^"(?:[\x21\x23-\x5b\x5d-\x7e]|\\[\x21-\x7e])*"$/
const label = /^[a-z0-9\u00a1-\uffff](?:[a-z0-9\u00a1-\uffff-]{0,61}[a-z0-9\u00a1-\uffff])?$/i
const topLabel = /^(?:xn--[a-z0-9]+(?:-[a-z0-9]+)*|[a-z\u00a1-\uffff](?:[a-z\u00a1-\uffff-]*[a-z\u00a1-\uffff])?)$/i

/**
 * Tells whether text is an e-mail address: local part as in RFC 5322 (dot-atom or quoted, ASCII only), then a domain
 * with at least two labels (internationalised ones too), `localhost` or an IP address in brackets. White space
 * around is not dropped. The length is another check.
 */
export function isEmailSyntax(address: string): boolean {
  const at = address.lastIndexOf('@')
  const local = address.slice(0, at)
  return at > 0 && (isDotAtom(local) || quotedText.test(local)) && isMailDomain(address.slice(at + 1))
}

function isMailDomain(domain: string): boolean {
  if (domain.toLowerCase() === 'localhost') return true
  const literal = /^\[(.*)\]$/.exec(domain)?.[1]
  // A zone (`%eth0`) means something on one machine alone.
  if (literal !== undefined) return nodeNet().isIP(literal) !== 0 && !literal.includes('%')
  // Mail goes to the IDNA form of a domain: that has to be a domain as well.
  if (/[^\0-\x7f]/.test(domain) && !isDomainName(nodeUrl().domainToASCII(domain))) return false
  return isDomainName(domain)
}

function isDomainName(domain: string): boolean {
  const labels = domain.split('.')
  const top = labels.at(-1) ?? ''
  return labels.length > 1 && labels.every((text) => label.test(text)) && top.length > 1 && topLabel.test(top)
}
