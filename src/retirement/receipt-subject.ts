import type { UserId } from '../port/tables.ts'
import type { Settings } from '../site/settings.ts'
import { nodeCrypto } from '../values/built-ins.ts'
import { UserCoreError } from '../values/errors.ts'

/** A key of subjects, and its name in them. */
type SubjectKey = { readonly id: string; readonly secret: string }

/** Returns the keys of a site, the current one last. A site that has salts alone uses those. */
function subjectKeys(settings: Settings): readonly SubjectKey[] {
  const { retired_identifier_keys: keys, retired_identifier_scheme: scheme, retired_user_salts: salts } = settings
  const salted = salts.map((secret, index) => ({ id: `salt${index}`, secret }))
  return scheme === 'sha1' ? [...keys, ...salted] : keys
}

function subjectUnder({ id, secret }: SubjectKey, user_id: UserId): string {
  const text = `usercore receipt subject 1\n${user_id}`
  return `s1_${id}_${nodeCrypto().createHmac('sha256', secret).update(text).digest('hex')}`
}

/**
 * Returns the text by which receipts name a person: the HMAC-SHA-256 of the id under the current key of retired names, with
 * the id of that key. Throws `config_error` for a site without one.
 */
export function receiptSubject(user_id: UserId, settings: Settings): string {
  const key = subjectKeys(settings).at(-1)
  if (key === undefined) throw new UserCoreError('config_error', { params: { settings: 'retired_identifier_keys' } })
  return subjectUnder(key, user_id)
}

/** Returns the texts by which receipts can name a person, one for each key. */
export function receiptSubjects(user_id: UserId, settings: Settings): string[] {
  return subjectKeys(settings).map((key) => subjectUnder(key, user_id))
}
