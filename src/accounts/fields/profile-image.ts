import type { AccountRecord } from '../../port/account-record.ts'
import type { ProfileImageRow } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import type { RandomBytes } from '../../site/context.ts'
import type { Settings } from '../../site/settings.ts'
import { nodeCrypto } from '../../values/built-ins.ts'
import { UserCoreError } from '../../values/errors.ts'
import type { Instant } from '../../values/instant.ts'

/** A profile image as account documents show it: whether there is one, and an address per configured size. */
export type ProfileImage = { readonly has_image: boolean } & {
  readonly [Url in `image_url_${string}`]: string
}

/** An image that was uploaded. */
export interface UploadedImage {
  /** The beginning of the names of its files. */
  readonly name: string
  readonly uploaded_at: Instant
}

/** Bytes of a name that is drawn at random: the file of a person whose image is hidden cannot be found by trying. */
const drawnBytes = 20

/**
 * Returns the MD5 of seed and username, the name that Open edX gives to an image. Throws `config_error` without a seed:
 * a reader who knows the recipe but not the seed must not find them.
 */
function derivedName(username: string, { profile_image_hash_seed: seed }: Settings): string {
  if (seed === null)
    throw new UserCoreError('config_error', {
      params: { settings: 'profile_image_hash_seed' },
      detail: 'profile_image_hash_seed: given, for images whose name is made of a username',
    })
  return nodeCrypto()
    .createHash('md5')
    .update(seed + username)
    .digest('hex')
}

/** Tells whether a name was made out of a username, by its length. */
function isDerived(name: string): boolean {
  return name.length < 2 * drawnBytes
}

/**
 * Returns the image of an account, `undefined` where there is none. Without a stored name it has the name that Open edX
 * gives it.
 */
export function uploadedImage(record: AccountRecord, settings: Settings): UploadedImage | undefined {
  const uploaded_at = record.profile?.profile_image_uploaded_at ?? null
  if (uploaded_at === null) return undefined
  return { name: record.profile_image?.name ?? derivedName(record.user.username, settings), uploaded_at }
}

/** Returns the file names of an image, by edge in pixels. */
export function imageFileNames(name: string, sizes: Iterable<number>): Record<number, string> {
  return Object.fromEntries([...sizes].map((pixels) => [pixels, `${name}_${pixels}.jpg`]))
}

const sizesOf = (row: ProfileImageRow | undefined) => (row?.sizes ?? '').split(' ').filter(Boolean).map(Number)

/**
 * Returns the row with the name of an account's image, also of one that is still to come. A name that was told stays,
 * also when the person is renamed; a new one is drawn, or made as the setting `profile_image_naming` says.
 */
export function namedImage(record: AccountRecord, settings: Settings, random: RandomBytes): ProfileImageRow {
  const fresh = () =>
    settings.profile_image_naming === 'username'
      ? derivedName(record.user.username, settings)
      : Buffer.from(random(drawnBytes)).toString('hex')
  const sizes = new Set([...sizesOf(record.profile_image), ...Object.values(settings.profile_image_sizes)])
  return {
    user_id: record.user.id,
    name: record.profile_image?.name ?? uploadedImage(record, settings)?.name ?? fresh(),
    sizes: [...sizes].sort((a, b) => a - b).join(' '),
  }
}

/**
 * Returns the writes that store such a row where it is not stored. Of two calls that name one image at once the second
 * decides again.
 */
export function imageWrites({ profile_image: before }: AccountRecord, after: ProfileImageRow): Write[] {
  if (before === undefined) return [{ insert: 'profile_images', rows: [after] }]
  const { user_id, name, sizes } = before
  if (after.sizes === sizes) return []
  const set = { sizes: after.sizes }
  return [{ update: 'profile_images', set, where: { user_id, name, sizes }, guarded: true }]
}

/**
 * Returns the writes that delete the name of a removed image if it was made out of a username: the next image gets a
 * name that tells nothing. A drawn name stays, since files may be being stored under it.
 */
export function forgetImageWrites({ profile_image: row }: AccountRecord, settings: Settings): Write[] {
  if (row === undefined || settings.profile_image_naming === 'username' || !isDerived(row.name)) return []
  return [{ delete: 'profile_images', where: { user_id: row.user_id, name: row.name } }]
}

/** Returns all file names that were ever told of the image of an account, in any size. */
export function toldImageFiles(record: AccountRecord, settings: Settings): string[] {
  const name = record.profile_image?.name ?? uploadedImage(record, settings)?.name
  if (name === undefined) return []
  const sizes = new Set([...Object.values(settings.profile_image_sizes), ...sizesOf(record.profile_image)])
  return Object.values(imageFileNames(name, sizes))
}

/**
 * Returns the addresses of a profile image, by name of the size; those of the default image when there is none. They
 * carry the time of upload in whole seconds, so that a new image is not taken from a cache.
 */
export function profileImageUrls(image: UploadedImage | undefined, settings: Settings): Record<string, string> {
  const { profile_image_base_url, profile_image_default_url, profile_image_sizes, profile_image_url_query } = settings
  const names = image === undefined ? {} : imageFileNames(image.name, Object.values(profile_image_sizes))
  const url = (pixels: number) => {
    if (image === undefined) return profile_image_default_url.replaceAll('{size}', String(pixels))
    const version = `v=${Math.floor(Date.parse(image.uploaded_at) / 1000)}`
    const query = profile_image_url_query === null ? version : `${profile_image_url_query}&${version}`
    return `${profile_image_base_url}${names[pixels]}?${query}`
  }
  return Object.fromEntries(Object.entries(profile_image_sizes).map(([size, pixels]) => [size, url(pixels)]))
}

/** The image of people without one, made once for each site: most people of a long list have none. */
const noImages = new WeakMap<Settings, ProfileImage>()

/** Returns the image as a document shows it, with complete addresses where the site's is known. */
export function profileImage(uploaded: UploadedImage | undefined, settings: Settings): ProfileImage {
  const known = uploaded === undefined ? noImages.get(settings) : undefined
  if (known !== undefined) return known
  const urls = Object.entries(profileImageUrls(uploaded, settings)).map(([size, url]) => [
    `image_url_${size}`,
    settings.site_url !== null && url.startsWith('/') ? new URL(url, settings.site_url).href : url,
  ])
  const image: ProfileImage = Object.freeze({ has_image: uploaded !== undefined, ...Object.fromEntries(urls) })
  if (uploaded === undefined) noImages.set(settings, image)
  return image
}
