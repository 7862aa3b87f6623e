import type { Settings } from '../../site/settings.ts'
import { requireText } from '../../values/arguments.ts'
import { type Checked, refused } from '../../values/checked.ts'
import { type Issue, pointerTo } from '../../values/issues.ts'
import { isPlainObject, isStorableText } from '../../values/json.ts'
import { isFarLongerThan, isVisible, lengthOf } from '../../values/text.ts'

/** A page of a person on one of the platforms of the site. */
export interface SocialLink {
  /** A key of the setting `social_platforms`, such as `linkedin`. */
  readonly platform: string
  /** The complete address; `''` in a patch removes the link of that platform. */
  readonly social_link: string
}

type PlatformSettings = Pick<Settings, 'social_platforms' | 'social_platform_aliases'>

const maxLength = 100

/**
 * Turns a text that a person typed for a platform into the address that is stored.
 *
 * Takes a bare name, or an address whose host is the platform's own, with or without `www.`. Returns `''` for `''`,
 * and `undefined` for everything else. `stub` is host and path up to the name, as `linkedin.com/in/`.
 * Scheme and host of the text are never kept.
 *
 * ```ts
 * formatSocialLink('linkedin.com/in/', 'ada') // 'https://www.linkedin.com/in/ada'
 * ```
 */
export function formatSocialLink(stub: string, typed: string): string | undefined {
  requireText(stub, 'stub')
  requireText(typed, 'typed')
  if (isFarLongerThan(typed, maxLength) || !isStorableText(typed)) return undefined
  const text = typed.trim()
  if (text === '') return ''
  const address = /^(?:https?:\/\/)?(?:www\.)?/i.exec(text)?.[0] ?? ''
  const rest = text.slice(address.length)
  const onPlatform = rest.toLowerCase().startsWith(stub.toLowerCase())
  const name = onPlatform ? rest.slice(stub.length).replace(/\/$/, '') : text
  // No slash (another page, or another host), nothing that could break out of an attribute or a line.
  return /^[^\s/\\<>"'`@:\p{Cc}]+$/u.test(name) && isVisible(name) ? `https://www.${stub}${name}` : undefined
}

/**
 * Checks the `social_links` of a patch and merges them into those stored: one per platform, `''` removes, platforms
 * that are not named stay. Returns the merged list, sorted by platform. Source: Open edX,
 * `AccountLegacyProfileSerializer`; which hosts are accepted is stricter here.
 *
 * A platform under another name (see the setting `social_platform_aliases`) is stored under its own, in place of a link
 * that older data has under the other.
 */
export function checkSocialLinks(
  value: unknown,
  stored: readonly SocialLink[],
  { social_platforms: platforms, social_platform_aliases: aliases }: PlatformSettings,
): Checked<readonly SocialLink[]> {
  const pointer = '/social_links'
  if (!Array.isArray(value)) return refused(pointer, 'not_a_list')
  const links = new Map(stored.map((link) => [link.platform, link.social_link]))
  const given = new Set<string>()
  const issues: Issue[] = []
  for (const [index, item] of value.entries()) {
    const at = pointerTo(pointer, index)
    if (!isPlainObject(item)) {
      issues.push({ pointer: at, code: 'not_an_object' })
      continue
    }
    const named = typeof item.platform === 'string' ? item.platform.trim() : ''
    const platform = ownMember(aliases, named) ?? named
    const stub = ownMember(platforms, platform)
    if (stub === undefined) {
      issues.push({ pointer: pointerTo(at, 'platform'), code: 'unknown_platform' })
      continue
    }
    if (given.has(platform)) issues.push({ pointer: pointerTo(at, 'platform'), code: 'duplicate' })
    given.add(platform)
    const link = typeof item.social_link === 'string' ? formatSocialLink(stub, item.social_link) : undefined
    if (link === undefined) issues.push({ pointer: pointerTo(at, 'social_link'), code: 'invalid_format' })
    else if (lengthOf(link) > maxLength)
      issues.push({ pointer: pointerTo(at, 'social_link'), code: 'too_long', params: { max: maxLength } })
    else {
      for (const name of [named, platform]) links.delete(name)
      if (link !== '') links.set(platform, link)
    }
  }
  if (issues.length > 0) return { issues }
  return {
    value: [...links]
      .map(([platform, social_link]) => ({ platform, social_link }))
      .sort((a, b) => (a.platform < b.platform ? -1 : 1)),
  }
}

function ownMember(texts: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(texts, name) ? texts[name] : undefined
}
