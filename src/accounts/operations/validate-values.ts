import { type Core, contextOf } from '../../runtime/core.ts'
import { badArgument } from '../../values/arguments.ts'
import { isPlainObject } from '../../values/json.ts'
import {
  claimableNames,
  type Decision,
  decideRegistrationValues,
  type RegistrationValues,
} from '../registration-values.ts'
import { isReservedUsername } from '../reserved-usernames.ts'
import { hostFieldIssues } from './ask-check-field.ts'
import { loadClaims } from './load-claims.ts'

export async function validateValues(
  core: Core,
  values: RegistrationValues,
  options: { readonly only?: keyof RegistrationValues },
): Promise<Record<string, Decision>> {
  if (!isPlainObject(values)) throw badArgument('values', 'an object')
  const claims = await loadClaims(core, claimableNames(values, core.settings))
  const taken = {
    username: claims.usernames.size > 0,
    // The check has no actor, so that none is trusted code.
    reserved: typeof values.username === 'string' && isReservedUsername(values.username, core.settings),
    email: claims.emails.length > 0,
  }
  const context = contextOf(core)
  const user = { username: typeof values.username === 'string' ? values.username : '' }
  const hostIssues = await hostFieldIssues(core, user, { ...values }, context)
  const decisions = decideRegistrationValues(values, { taken, hostIssues }, core.settings, core.host.translate)
  if (options.only === undefined) return decisions
  return Object.fromEntries(Object.entries(decisions).filter(([field]) => field === options.only))
}
