/** A file as it came in. */
export interface Upload {
  readonly name: string
  readonly type: string
  readonly content: Uint8Array
}

const mostBytes = 1_048_576
const fewestBytes = 100

/** A kind of picture: the names of its files, its media types, and its first bytes. */
const kinds = [
  { endings: ['.jpeg', '.jpg'], types: ['image/jpeg', 'image/pjpeg'], beginnings: ['ffd8'] },
  { endings: ['.png'], types: ['image/png'], beginnings: ['89504e470d0a1a0a'] },
  { endings: ['.gif'], types: ['image/gif'], beginnings: ['474946383961', '474946383761'] },
]

/** Returns the first fault of an uploaded picture. */
export function checkImage({ name, type, content }: Upload): { code: string; message: string } | undefined {
  if (content.length > mostBytes) return { code: 'too_large', message: 'The file can have 1 MB at most.' }
  if (content.length < fewestBytes) return { code: 'too_small', message: 'The file must have 100 bytes at least.' }
  const kind = kinds.find(({ endings }) => endings.some((ending) => name.toLowerCase().endsWith(ending)))
  if (kind === undefined) return { code: 'bad_extension', message: 'The file must be a JPEG, PNG or GIF image.' }
  if (!kind.types.includes(type))
    return { code: 'bad_mime', message: 'The media type does not fit the name of the file.' }
  const beginning = Buffer.from(content.subarray(0, 8)).toString('hex')
  if (!kind.beginnings.some((bytes) => beginning.startsWith(bytes)))
    return { code: 'bad_magic', message: 'The content of the file does not fit its name.' }
  return undefined
}
