import type { Context } from 'hono'
import { anonymous, type Decision, isUserCoreError, type NewAccount, type RegistrationValues } from 'usercore'
import { readForm, readMembers } from './bodies.ts'
import { detailed, refusal } from './errors.ts'
import { type App, route } from './http.ts'
import { logIn } from './log-in.ts'
import { findPerson } from './people.ts'
import { accountFields, formFields } from './registration-form.ts'
import { requestLimit } from './request-limit.ts'
import type { Site } from './site.ts'
import { freeUsernames } from './username-suggestions.ts'

const week = 604_800_000

/** Registration: its form, what the form asks while it is filled in, and the new account. */
export function registrationRoutes(app: App, site: Site): void {
  for (const prefix of ['/user_api/v1', '/api/user/v1', '/api/user/v2']) {
    const submit_url = `${prefix}/account/registration/`
    route(app, submit_url, 'everyone', {
      GET: (c) => c.json({ method: 'post', submit_url, fields: formFields(site.users.settings) }),
      POST: (c) => register(c, site).catch(refuseFields),
    })
  }

  const limit = requestLimit(site, site.validationLimit, week)
  route(app, '/api/user/v1/validation/registration/', 'everyone', {
    async POST(c) {
      if (!limit(c)) throw detailed(403)
      const { form_field_key, ...values } = await readMembers(c)
      const wanted = typeof form_field_key === 'string' && form_field_key !== '' ? form_field_key : undefined
      // A field that is asked for and does not come along is one that says nothing.
      const asked = wanted === undefined ? values : { [wanted]: null, ...values }
      const all = await site.users.accounts.validate(asked as RegistrationValues)
      const decided = Object.entries(all).filter(([field]) => wanted === undefined || field === wanted)
      const text = decided.map(([field, decision]) => [field, decision.valid ? '' : decision.user_message])
      const username_suggestions = await suggestionsFor(site, values, new Map(decided))
      return c.json({
        validation_decisions: Object.fromEntries(text),
        ...(username_suggestions.length > 0 && { username_suggestions }),
      })
    },
  })
}

async function register(c: Context, site: Site): Promise<Response> {
  const form = await readForm(c)
  const { accounts, settings } = site.users
  const { username = '', email = '', confirm_email, password = '', first_name = '', last_name = '' } = form
  const { name = `${first_name} ${last_name}`.trim() } = form
  if (confirm_email !== undefined) {
    const { confirm_email: decision } = await accounts.validate({ email, confirm_email })
    if (decision?.valid === false) throw refusal(400, { confirm_email: [{ user_message: decision.user_message }] })
  }
  const given = Object.entries(form)
  const fields = given.filter(([field, value]) => accountFields.includes(field) && value !== '')
  const extended = given.filter(([field]) => settings.extended_profile_fields.includes(field))
  const profile = { ...Object.fromEntries(fields), extended_profile: Object.fromEntries(extended) }
  const account: NewAccount = { username, email, name, password, profile }
  const { id } = await accounts.create(anonymous, account)
  const person = await findPerson(site.db, { id: Number(id) })
  if (person === undefined) throw detailed(500)
  await logIn(c, site, person)
  return c.json({ success: true })
}

/** Field errors as this form tells them: 409 where a value is taken. */
function refuseFields(error: unknown): never {
  if (!isUserCoreError(error) || error.code !== 'account_validation_error') throw error
  const fields = Object.entries(error.field_errors)
  const isTaken = fields.some(([, { code }]) => code === 'conflict')
  const body = Object.fromEntries(fields.map(([field, { user_message }]) => [field, [{ user_message }]]))
  throw refusal(isTaken ? 409 : 400, body)
}

/** Suggestions come with a name that can be used, and with a username that is taken. */
async function suggestionsFor(
  site: Site,
  { name, username }: Record<string, unknown>,
  decisions: ReadonlyMap<string, Decision>,
): Promise<readonly string[]> {
  const decision = decisions.get('username')
  const isTaken = decision?.valid === false && decision.reason === 'conflict'
  if (!isTaken && decisions.get('name')?.valid !== true) return []
  const source = typeof name === 'string' && name !== '' ? name : username
  return typeof source === 'string' ? freeUsernames(site, source) : []
}
