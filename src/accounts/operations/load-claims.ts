import type { UserId } from '../../port/tables.ts'
import type { Core } from '../../runtime/core.ts'
import { looksRetired } from '../../site/retired-formats.ts'
import { identifierKey } from '../../values/text.ts'
import type { EmailClaim } from '../email-claims.ts'
import { retiredForms } from '../retired-identifier.ts'

/** The usernames and addresses that people have, or had before they were retired. */
export interface LoadedClaims {
  /** Keys of usernames that cannot be taken: a person has them or had them, or they look retired. */
  readonly usernames: ReadonlySet<string>
  readonly emails: readonly EmailClaim[]
}

/** Loads the holders of names and addresses, retired ones included: one statement, none for nothing. */
export async function loadClaims(
  core: Core,
  {
    usernames = [],
    emails = [],
    by,
  }: {
    readonly usernames?: readonly string[]
    readonly emails?: readonly string[]
    /** The person who wants the usernames: their own count as free. */
    readonly by?: UserId
  },
): Promise<LoadedClaims> {
  if (usernames.length === 0 && emails.length === 0) return { usernames: new Set(), emails: [] }
  const [askedNames, askedAddresses] = [new Map<string, string>(), new Map<string, EmailClaim['email_key']>()]
  for (const username of usernames) {
    const key = identifierKey(username)
    // Hashes of Open edX differ between spellings that are one name here.
    const spellings = new Set([username, key])
    const forms = [...spellings].flatMap((spelling) => retiredForms('username', spelling, core.settings))
    for (const form of [username, ...forms]) askedNames.set(identifierKey(form), key)
  }
  for (const email of emails) {
    for (const form of [email, ...retiredForms('email', email, core.settings)])
      askedAddresses.set(identifierKey(form), identifierKey(email))
  }
  const claims = await core.repository.findClaims({
    username_keys: [...askedNames.keys()],
    usernames,
    email_keys: [...askedAddresses.keys()],
    emails,
  })
  const taken = new Set(usernames.filter((username) => looksRetired(username, core.settings)).map(identifierKey))
  const held: EmailClaim[] = []
  for (const { user_id, kind, key } of claims) {
    const email_key = askedAddresses.get(key)
    if (user_id === null) {
      // The name can be that of a person who is still there, as which it was found too.
      const isOfPerson = claims.some((claim) => claim.user_id !== null && claim.key === key)
      if (kind === 'retired_username' && !isOfPerson) taken.add(askedNames.get(key) ?? key)
      if (kind === 'retired_email' && !isOfPerson && email_key !== undefined)
        held.push({ user_id, kind: 'retired', email_key })
    } else if (kind === 'username' || kind === 'former_username' || kind === 'original_username') {
      if (user_id !== by) taken.add(askedNames.get(key) ?? key)
    } else if (kind === 'secondary_email') held.push({ user_id, kind: 'secondary', email_key: key })
    else if (email_key !== undefined) held.push({ user_id, kind: email_key === key ? 'primary' : 'retired', email_key })
  }
  return { usernames: taken, emails: held }
}
