import type { Settings } from '../site/settings.ts'
import { identifierKey } from '../values/text.ts'

/** Files and folders that addresses of a site begin with, where profiles are at `/<username>`. */
const filesOfSites = ['.well-known', 'favicon.ico', 'index.html', 'robots.txt', 'security.txt', 'sitemap.xml']

/**
 * Tells whether a username is taken out of an address by those who read it, as a segment that names a folder.
 * Source: WHATWG URL, single-dot and double-dot segments.
 */
export function isDotSegment(username: string): boolean {
  return /^(?:\.|%2e){1,2}$/.test(identifierKey(username))
}

/** Returns the usernames that a site gives rights to. */
function usernamesWithRights(settings: Settings): readonly string[] {
  return [settings.retirement_service_worker_username, settings.username_replacement_worker].filter(
    (username) => username !== null,
  )
}

/**
 * Tells whether a username is reserved for trusted code: the site reserves it or gives it rights, or it means
 * something in an address. Compared as usernames are kept unique.
 */
export function isReservedUsername(username: string, settings: Settings): boolean {
  const key = identifierKey(username)
  const reserved = [...filesOfSites, ...settings.reserved_usernames, ...usernamesWithRights(settings)]
  return isDotSegment(username) || reserved.some((name) => identifierKey(name) === key)
}
