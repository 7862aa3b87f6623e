import type { AccountPatch } from '../../src/accounts/account.ts'
import { age, requiresParentalConsent } from '../../src/accounts/age.ts'
import { profileImageUrls, uploadedImage } from '../../src/accounts/fields/profile-image.ts'
import { formatSocialLink } from '../../src/accounts/fields/social-link.ts'
import type { NewAccount } from '../../src/accounts/operations/create-account.ts'
import type { UsernameReplacement } from '../../src/accounts/operations/replace-usernames.ts'
import {
  type IdentifierKind,
  type RetiredFormOptions,
  retiredForm,
  retiredForms,
} from '../../src/accounts/retired-identifier.ts'
import type { Partition } from '../../src/course-tags/random-partition.ts'
import type { EmailOptInChoice } from '../../src/email-opt-ins/operations/choose-opt-in.ts'
import type { OptInRow } from '../../src/email-opt-ins/operations/export-opt-ins.ts'
import type { OptOut } from '../../src/email-opt-ins/operations/opt-out-many.ts'
import type { UserId } from '../../src/port/tables.ts'
import { listTimeZones } from '../../src/preferences/time-zones.ts'
import type { CancelTarget } from '../../src/retirement/operations/cancel.ts'
import type { AccountIdentifier } from '../../src/retirement/operations/retired-identifiers.ts'
import type { Core } from '../../src/runtime/core.ts'
import { loadAccount } from '../../src/runtime/load-account.ts'
import type { PageOptions } from '../../src/runtime/pages.ts'
import { type Actor, personOf, type Right, system } from '../../src/site/actor.ts'
import { orgOfCourse } from '../../src/values/course-id.ts'
import type { JsonObject, JsonValue } from '../../src/values/json.ts'
import { inspect } from './inspect.ts'
import type { Subject } from './subject.ts'
import { Unsupported } from './unsupported.ts'
import type { Call } from './vector.ts'

type Arguments = { readonly [name: string]: JsonValue | undefined }
type Operation = (subject: Subject, actor: Actor, args: Arguments) => unknown

/** Makes one call of a case through the public interface. */
export async function perform(subject: Subject, call: Call): Promise<unknown> {
  const operation = operations[call.op]
  if (operation === undefined) throw new Unsupported(call.op)
  return operation(subject, subject.actor(call.actor), call.args)
}

/** Arguments reach the library as they stand in the case, whatever its types say. */
const as = <T>(value: unknown): T => value as T

/** The username of the actor, for calls that name no person. */
const own = (actor: Actor): string => personOf(actor)?.username ?? ''

/** The account of a person, for what is a pure rule of it. */
const recordOf = (subject: Subject, username: JsonValue | undefined) =>
  loadAccount(as<Core>({ repository: subject.repository }), text(username))

const text = (value: JsonValue | undefined): string => as<string>(value)

/** The items of every page of a list. */
async function allPages<Item, After>(
  load: (page: { readonly limit: number; readonly after?: After }) => Promise<{
    readonly items: readonly Item[]
    readonly next?: After
  }>,
): Promise<Item[]> {
  const items: Item[] = []
  // Small pages, so that cases with a handful of people need several.
  let page = await load({ limit: 2 })
  items.push(...page.items)
  while (page.next !== undefined) {
    page = await load({ limit: 2, after: page.next })
    items.push(...page.items)
  }
  return items
}

/** The username of a case; the one that is left out belongs to no person. */
const named = (username: JsonValue | undefined) => text(username ?? '')

/** A text that the wire asks for, and the library takes for left out where it is undefined. */
const given = (value: JsonValue | undefined) => text(value ?? null)

/** A number that a case gives as such or as text, as in a query string. */
const number = (value: JsonValue | undefined) => as<number>(typeof value === 'string' ? Number(value) : value)

/** The choice of a case: as values, or as the form of the stock pages sends it. */
function choiceOf({ org, opt_in, course_id, email_opt_in }: Arguments): EmailOptInChoice {
  if (course_id === undefined) return { org: text(org), optIn: as<boolean>(opt_in) }
  const optIn = typeof email_opt_in === 'string' ? email_opt_in.toLowerCase() === 'true' : undefined
  return { org: as<string>(orgOfCourse(text(course_id))), optIn: as<boolean>(optIn) }
}

const operations: Record<string, Operation> = {
  'account.get': async ({ users }, actor, args) => {
    const options = {
      ...(args.view === 'shared' ? { view: 'shared' as const } : {}),
      ...(args.configuration === undefined ? {} : { configuration: as<JsonObject>(args.configuration) }),
    }
    if (args.email !== undefined) return [await users.accounts.getByEmail(actor, text(args.email), options)]
    if (args.user_id !== undefined) return [await users.accounts.get(actor, { id: as<UserId>(args.user_id) }, options)]
    const usernames = as<string[] | undefined>(args.usernames) ?? [own(actor)]
    const accounts = [...(await users.accounts.getMany(actor, usernames, options)).values()]
    // Without any the wire says that there is no one, as `get` of one does.
    return accounts.length === 0 ? users.accounts.get(actor, usernames[0] ?? '') : accounts
  },
  'account.me': async ({ users }, actor) => ({ username: (await users.accounts.me(actor)).username }),
  'account.searchByEmail': ({ users }, actor, { emails }) => users.accounts.searchByEmail(actor, as<string[]>(emails)),
  'account.update': async ({ users }, actor, { username, patch }) =>
    (await users.accounts.update(actor, text(username ?? own(actor)), as<AccountPatch>(patch))).account,
  'account.validate': async ({ users }, _actor, { field, value, values, only }) => {
    if (field !== undefined) return (await users.accounts.validate({ [text(field)]: value }))[text(field)]
    return users.accounts.validate(as<JsonObject>(values), only === undefined ? {} : { only: as<'email'>(only) })
  },
  'account.create': ({ users }, actor, args) => users.accounts.create(actor, as<NewAccount>(args)),
  'account.activate': ({ users }, actor, { activation_key }) => users.accounts.activate(actor, text(activation_key)),
  'account.deactivate': ({ users }, actor, { username }) => users.accounts.disableLogIn(actor, text(username)),
  'account.checkPassword': ({ users }, _actor, { username, password }) =>
    users.accounts.checkPassword(system, text(username), text(password)),
  'account.confirmEmailChange': ({ users }, _actor, { activation_key }) =>
    users.accounts.confirmEmailChange(text(activation_key)),
  'account.confirmSecondaryEmail': ({ users }, _actor, { activation_key }) =>
    users.accounts.confirmSecondaryEmail(text(activation_key)),
  'nameChange.request': ({ users }, actor, { name }) => users.accounts.requestNameChange(actor, own(actor), text(name)),
  'nameChange.confirm': ({ users }, actor, { username }) => users.accounts.confirmNameChange(actor, text(username)),
  'username.replace': async ({ users }, actor, { mappings }) => {
    const given = as<Record<string, string>[]>(mappings)
    // A value that is no list of pairs is refused like one that is no list of replacements.
    if (!Array.isArray(given) || given.some((mapping) => Object.keys(mapping).length !== 1)) {
      return users.accounts.replaceUsernames(actor, as<UsernameReplacement[]>(mappings))
    }
    const pairs = given.flatMap((mapping) => Object.entries(mapping))
    const { replaced, failed } = await users.accounts.replaceUsernames(
      actor,
      pairs.map(([whom, username]) => ({ whom, username })),
    )
    const now = new Map(replaced.map(({ whom, username }) => [whom, username]))
    const refused = new Set(failed.filter(({ code }) => code !== 'user_not_found').map(({ whom }) => whom))
    // On the wire a name that no one has counts as replaced.
    return {
      successful_replacements: pairs
        .filter(([whom]) => !refused.has(whom))
        .map(([whom, wanted]) => ({ [whom]: now.get(whom) ?? wanted })),
      failed_replacements: pairs.filter(([whom]) => refused.has(whom)).map(([whom, wanted]) => ({ [whom]: wanted })),
    }
  },
  'profile.age': async (subject, _actor, { username }) =>
    age((await recordOf(subject, username)).profile?.year_of_birth ?? null, subject.host.clock().getUTCFullYear()),
  'profile.requiresParentalConsent': async (
    subject,
    _actor,
    { username, year, age_limit, default_requires_consent },
  ) => {
    const context = { settings: subject.users.settings, now: subject.host.clock() }
    return requiresParentalConsent((await recordOf(subject, username)).profile?.year_of_birth ?? null, context, {
      ...(year === undefined ? {} : { year: as<number>(year) }),
      ...(age_limit === undefined ? {} : { ageLimit: as<number | null>(age_limit) }),
      ...(default_requires_consent === undefined ? {} : { unknownAge: as<boolean>(default_requires_consent) }),
    })
  },
  'socialLink.format': async ({ users }, _actor, { platform, value }) => {
    const stub = users.settings.social_platforms[text(platform)]
    const formatted = stub === undefined || typeof value !== 'string' ? undefined : formatSocialLink(stub, value)
    return { valid: formatted !== undefined, formatted: formatted ?? null }
  },
  'permission.check': async ({ users }, actor, { permission }) => users.hasRight(actor, as<Right>(permission)),
  'image.names': async ({ users }, _actor, { username }) => users.accounts.profileImageNames(system, text(username)),
  'image.urls': async (subject, _actor, { username }) => {
    const { settings } = subject.users
    return profileImageUrls(uploadedImage(await recordOf(subject, username), settings), settings)
  },
  'image.set': ({ users }, actor, { username, uploaded, uploaded_at }) =>
    users.accounts.setProfileImage(
      actor,
      text(username),
      uploaded === true
        ? { uploaded, ...(uploaded_at === undefined ? {} : { uploadedAt: text(uploaded_at) }) }
        : { uploaded: false },
    ),
  'preferences.get': ({ users }, actor, { username, key }) =>
    users.preferences.get(actor, text(username ?? own(actor)), text(key)),
  'preferences.getAll': ({ users }, actor, { username }) =>
    users.preferences.getAll(actor, text(username ?? own(actor))),
  'preferences.set': async ({ users }, actor, { username, key, value }) => {
    await users.preferences.set(actor, text(username ?? own(actor)), text(key), as<JsonValue>(value))
  },
  'preferences.update': async ({ users }, actor, { username, patch }) => {
    await users.preferences.update(actor, text(username ?? own(actor)), as<JsonObject>(patch))
  },
  'preferences.delete': ({ users }, actor, { username, key }) =>
    users.preferences.delete(actor, text(username ?? own(actor)), text(key)),
  'preferences.list': ({ users }, actor, { key, username }) => {
    const filter = {
      ...(key === undefined ? {} : { key: text(key) }),
      ...(username === undefined ? {} : { whom: text(username) }),
    }
    return allPages((page: PageOptions) => users.preferences.list(actor, { ...page, ...filter }))
  },
  'preferences.usersByKey': ({ users }, actor, { key }) =>
    allPages((page: PageOptions) => users.preferences.usersByKey(actor, text(key), page)),
  'timeZones.list': async ({ host }, _actor, { country_code }) =>
    listTimeZones({ country_code: as<string | null>(country_code ?? null), at: host.clock() }),
  'emailOptIn.update': async ({ users }, actor, { username, ...choice }) => {
    const { optIn } = await users.emailOptIns.set(actor, text(username ?? own(actor)), choiceOf(choice))
    return { opt_in: optIn }
  },
  'emailOptIn.get': ({ users }, actor, { username, org }) => users.emailOptIns.get(actor, text(username), text(org)),
  'emailOptIn.list': async ({ users, host }, actor, { orgs, courses, chunk_size }) => {
    host.batchSize = as<number | undefined>(chunk_size) ?? host.batchSize
    const request = { orgs: as<string[]>(orgs), ...(courses === undefined ? {} : { courses: as<string[]>(courses) }) }
    const rows: OptInRow[] = []
    for await (const batch of users.emailOptIns.export(actor, request)) rows.push(...batch)
    return rows
  },
  'emailOptIn.bulkOptOut': async ({ users }, actor, { rows, dry_run }) => {
    const named = as<{ user_id: UserId; org: string }[]>(rows).map(
      ({ user_id, org }): OptOut => ({ whom: { id: user_id }, org }),
    )
    const counts = await users.emailOptIns.optOutMany(actor, named, { dryRun: dry_run === true })
    return { opted_out: counts.optedOut, unchanged: counts.unchanged, unknown: counts.unknown }
  },
  'courseTag.get': ({ users }, actor, { username, course_id, key }) =>
    users.courseTags.get(actor, text(username ?? own(actor)), text(course_id), text(key)),
  'courseTag.getAll': ({ users }, actor, { username, course_id }) =>
    users.courseTags.getAll(actor, text(username), text(course_id)),
  'courseTag.set': ({ users }, actor, { username, course_id, key, value }) =>
    users.courseTags.set(actor, text(username ?? own(actor)), text(course_id), text(key), text(value)),
  'partition.assign': async ({ users }, actor, { username, course_id, partition, assign }) => {
    const group = await users.partitions.assign(
      actor,
      text(username ?? own(actor)),
      text(course_id),
      as<Partition>(partition),
      { assign: assign !== false },
    )
    return group === null ? null : { group_id: group.groupId }
  },
  'retirement.populateStates': ({ users }, actor, { states }) =>
    users.retirement.setPipeline(actor, as<string[]>(states)),
  'retirement.listStates': async ({ users }, actor) =>
    (await users.retirement.getPipeline(actor)).states.map(({ state_name, kind }) => ({
      state_name,
      is_dead_end_state: kind === 'end',
      required: kind === 'start' || kind === 'end',
    })),
  'retirement.request': ({ users }, actor, { username, password }) =>
    users.retirement.request(actor, text(username), password === undefined ? {} : { password: text(password) }),
  'retirement.requestByOperator': ({ users }, actor, args) =>
    users.retirement.requestByOperator(actor, as<{ csv: string }>(args)),
  'retirement.bulkRequest': async ({ users }, actor, { usernames }) => {
    const { requested, failed } = await users.retirement.requestMany(actor, as<string[]>(usernames))
    return {
      successful_user_retirements: requested,
      failed_user_retirements: failed.map(({ whom }) => whom),
    }
  },
  'retirement.cancel': ({ users }, actor, { retirement_id, ...target }) =>
    users.retirement.cancel(
      actor,
      as<CancelTarget>({ ...target, ...(retirement_id === undefined ? {} : { id: retirement_id }) }),
    ),
  'retirement.get': ({ users }, actor, { username }) => users.retirement.get(actor, named(username)),
  'retirement.queue': async ({ users }, actor, { limit, cool_off_days, states }) => {
    const filter = { coolOffDays: number(cool_off_days ?? null), states: as<string[]>(states ?? null) }
    if (limit !== undefined) return (await users.retirement.list(actor, { ...filter, limit: number(limit) })).items
    return allPages((page: PageOptions) => users.retirement.list(actor, { ...filter, ...page }))
  },
  'retirement.byStatusAndDate': ({ users }, actor, { start_date, end_date, state }) =>
    allPages((page: PageOptions) =>
      users.retirement.list(actor, { from: given(start_date), to: given(end_date), state: given(state), ...page }),
    ),
  'retirement.updateState': ({ users }, actor, { username, new_state, response, ...more }) =>
    users.retirement.move(actor, named(username), {
      ...more,
      state: text(new_state),
      // The wire needs a response; what is no JSON is refused in place of one that is left out.
      note: as<JsonValue>(response === undefined ? Number.NaN : response),
    }),
  'retirement.retireAccount': ({ users }, actor, { username }) =>
    users.retirement.runStep(actor, named(username), 'account'),
  'retirement.retireMisc': ({ users }, actor, { username }) => users.retirement.runStep(actor, named(username), 'misc'),
  'retirement.cleanup': ({ users }, actor, { usernames, redacted_username, redacted_email, redacted_name }) =>
    users.retirement.cleanUp(actor, as<string[]>(usernames), {
      ...(redacted_username === undefined ? {} : { redactedUsername: text(redacted_username) }),
      ...(redacted_email === undefined ? {} : { redactedEmail: text(redacted_email) }),
      ...(redacted_name === undefined ? {} : { redactedName: text(redacted_name) }),
    }),
  'retirement.partnerReport.list': async ({ users }, actor) =>
    (await users.retirement.partnerReports.take(actor)).reports,
  'retirement.partnerReport.create': ({ users }, actor, { username }) =>
    users.retirement.runStep(actor, named(username), 'partner_report'),
  'retirement.partnerReport.cleanup': ({ users }, actor, { original_usernames }) =>
    users.retirement.partnerReports.finish(actor, as<string[]>(original_usernames)),
  'retired.hash': async ({ users }, _actor, { kind, value, ...options }) =>
    retiredForm(as<IdentifierKind>(kind), text(value), users.settings, as<RetiredFormOptions>(options)),
  'retired.allHashes': async ({ users }, _actor, { kind, value, ...options }) =>
    retiredForms(as<IdentifierKind>(kind), text(value), users.settings, as<RetiredFormOptions>(options)),
  'retired.current': ({ users }, actor, { kind, value }) =>
    users.retired.current(actor, as<AccountIdentifier>(kind), text(value)),
  'retired.isRetired': ({ users }, actor, { kind, value }) =>
    users.retired.isRetired(actor, as<AccountIdentifier>(kind), text(value)),
  'retired.findUser': ({ users }, actor, { username, hash }) =>
    users.retired.findUser(actor, text(username), hash === undefined ? {} : { hash: text(hash) }),
  'retired.rehashUsernames': ({ users }, actor, { dry_run }) =>
    users.retired.rehash(actor, 'username', { dryRun: dry_run === true }),
  ...inspect,
}
