import { createHash } from 'node:crypto'
import type { Instant } from '../instant.ts'
import type { Settings } from '../settings.ts'

/** A profile image as account documents show it: whether there is one, and an address per configured size. */
export type ProfileImage = { readonly has_image: boolean } & {
  readonly [Url in `image_url_${string}`]: string
}

/**
 * File names of a person's profile image, by edge in pixels: MD5 of seed and username, then the size.
 * Source: Open edX, `image_helpers`; they change with the username.
 */
export function profileImageNames(username: string, settings: Settings): Record<number, string> {
  const base = createHash('md5')
    .update(settings.profile_image_hash_seed + username)
    .digest('hex')
  return Object.fromEntries(
    Object.values(settings.profile_image_sizes).map((pixels) => [pixels, `${base}_${pixels}.jpg`]),
  )
}

/**
 * Addresses of a person's profile image, by name of the size; those of the default image when `uploaded_at` is null.
 * They carry the time of upload in whole seconds, so that a new image is not taken from a cache.
 */
export function profileImageUrls(
  username: string,
  uploaded_at: Instant | null,
  settings: Settings,
): Record<string, string> {
  const { profile_image_base_url, profile_image_default_url, profile_image_url_query } = settings
  const names = uploaded_at === null ? {} : profileImageNames(username, settings)
  const url = (pixels: number) => {
    if (uploaded_at === null) return profile_image_default_url.replaceAll('{size}', String(pixels))
    const version = `v=${Math.floor(Date.parse(uploaded_at) / 1000)}`
    const query = profile_image_url_query === null ? version : `${profile_image_url_query}&${version}`
    return `${profile_image_base_url}${names[pixels]}?${query}`
  }
  return Object.fromEntries(Object.entries(settings.profile_image_sizes).map(([size, pixels]) => [size, url(pixels)]))
}

/** The image of people without one, made once for each site: most people of a long list have none. */
const noImages = new WeakMap<Settings, ProfileImage>()

/** The image as a document shows it, with complete addresses where the site's is known. */
export function profileImage(username: string, uploaded_at: Instant | null, settings: Settings): ProfileImage {
  const known = uploaded_at === null ? noImages.get(settings) : undefined
  if (known !== undefined) return known
  const urls = Object.entries(profileImageUrls(username, uploaded_at, settings)).map(([size, url]) => [
    `image_url_${size}`,
    settings.site_url !== null && url.startsWith('/') ? new URL(url, settings.site_url).href : url,
  ])
  const image: ProfileImage = Object.freeze({ has_image: uploaded_at !== null, ...Object.fromEntries(urls) })
  if (uploaded_at === null) noImages.set(settings, image)
  return image
}
