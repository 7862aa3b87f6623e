import type { Settings } from '../site/settings.ts'

/** A keyed hash, and the salted one of Open edX. */
const hash = '(?:h1(?:_[a-z0-9]{1,8}){1,50}_)?[0-9a-f]{40}'

/** Returns a pattern of every retired name and pseudonym in a text: what they are made of tells nothing of a person. */
export function retiredFormsIn({ retired_username_format, retired_email_format }: Settings): RegExp {
  const formats = [retired_email_format, retired_username_format, 'retired_external_key_{}', 'redacted_{}', '{}']
  const patterns = formats.map((format) => {
    const [before = '', after = ''] = format.split('{}').map(escaped)
    return `${before}${hash}${after}`
  })
  return new RegExp(patterns.join('|'), 'gi')
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
