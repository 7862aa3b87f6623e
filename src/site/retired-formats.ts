import type { Settings } from './settings.ts'

/** Tells whether a username looks like a retired one, and so cannot be given to a person. */
export function looksRetired(username: string, settings: Settings): boolean {
  const [prefix = ''] = settings.retired_username_format.split('{}')
  return prefix !== '' && username.toLowerCase().startsWith(prefix.toLowerCase())
}

/** Tells whether an e-mail address is a retired one. */
export function isRetiredEmail(email: string, settings: Settings): boolean {
  const [before = '', after = ''] = settings.retired_email_format.toLowerCase().split('{}')
  const address = email.toLowerCase()
  return address.startsWith(before) && address.endsWith(after) && `${before}${after}` !== ''
}
