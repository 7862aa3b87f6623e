import { stringify } from 'csv-stringify/sync'
import type { UserId } from '../../port/tables.ts'
import { requireStaff } from '../../runtime/authorize.ts'
import type { Core } from '../../runtime/core.ts'
import type { Actor } from '../../site/actor.ts'
import type { CheckedEnrollments } from '../../site/checked-host.ts'
import type { Enrollment } from '../../site/host.ts'
import { UserCoreError } from '../../values/errors.ts'
import { showInstant } from '../../values/instant.ts'
import { emailOptInKey, latestOptIn } from '../email-opt-in.ts'

/** A request of an export of opt-ins. */
export interface OptInExport {
  /** Names of one organisation, compared without regard to letter case: the newest choice for any of them counts. */
  readonly orgs: readonly string[]
  /** Ids of the courses to export, as far as they belong to the organisation. Default: all of its courses. */
  readonly courses?: readonly string[]
}

/** One enrolment, with the choice of the person. Names and order of its members are those of the CSV columns. */
export interface OptInRow {
  readonly user_id: UserId
  readonly username: string
  readonly email: string
  /** `''` for a person without a profile. */
  readonly full_name: string
  readonly course_id: string
  readonly is_opted_in_for_email: boolean
  /** Time of the choice: ISO 8601, UTC. `2014-12-01T00:00:00Z` for people who were never asked. */
  readonly preference_set_datetime: string
}

const columns: readonly (keyof OptInRow)[] = [
  'user_id',
  'username',
  'email',
  'full_name',
  'course_id',
  'is_opted_in_for_email',
  'preference_set_datetime',
]

/** Yields the rows of the export, batch by batch of the host: one batch at most is in memory. */
export async function* exportOptIns(core: Core, actor: Actor, request: OptInExport): AsyncGenerator<OptInRow[]> {
  requireStaff(actor)
  const enrollments = requireEnrollments(core)
  const all = await enrollments.coursesOf(request.orgs)
  const { courses } = request
  const wanted = courses === undefined ? all : all.filter(({ course_id }) => courses.includes(course_id))
  if (wanted.length === 0) throw new UserCoreError('not_found', { params: { what: 'courses' } })
  // Spellings that only the courses know are further names of the organisation.
  const orgs = [...new Set([...request.orgs, ...(courses === undefined ? all.map(({ org }) => org) : [])])]
  for await (const batch of enrollments.enrolledIn(wanted.map(({ course_id }) => course_id))) {
    if (batch.length > 0) yield await loadRows(core, batch, orgs)
  }
}

/** Yields the export as CSV, with one header line; cells that a spreadsheet would run as formulas are escaped. */
export async function* exportOptInsAsCsv(core: Core, actor: Actor, request: OptInExport): AsyncGenerator<string> {
  const options = {
    columns: [...columns],
    escape_formulas: true,
    cast: { boolean: (value: boolean) => (value ? 'True' : 'False') },
  }
  const batches = exportOptIns(core, actor, request)
  try {
    // The first batch comes before the header: a request that is refused gets no text.
    let batch = await batches.next()
    yield stringify([], { ...options, header: true })
    for (; batch.done !== true; batch = await batches.next()) yield stringify(batch.value, options)
  } finally {
    await batches.return(undefined)
  }
}

async function loadRows(core: Core, batch: readonly Enrollment[], orgs: readonly string[]): Promise<OptInRow[]> {
  const ids = [...new Set(batch.map(({ user_id }) => user_id))]
  const users = new Map((await core.repository.select('users', { id: ids })).map((user) => [user.id, user]))
  const profiles = await core.repository.select('profiles', { user_id: ids })
  const names = new Map(profiles.map((profile) => [profile.user_id, profile.name]))
  const tags = await core.repository.select('org_tags', { user_id: ids, org: orgs, key: emailOptInKey })
  const tagsOf = Map.groupBy(tags, (tag) => tag.user_id)
  return batch.flatMap(({ user_id, course_id }) => {
    const user = users.get(user_id)
    if (user === undefined) return []
    const choice = latestOptIn(tagsOf.get(user_id) ?? [], core.settings.email_optin_default)
    const { username, email } = user
    const preference_set_datetime = showInstant(choice.preference_set_datetime)
    return [
      { user_id, username, email, full_name: names.get(user_id) ?? '', course_id, ...choice, preference_set_datetime },
    ]
  })
}

function requireEnrollments(core: Core): CheckedEnrollments {
  const { enrollments } = core.host
  if (enrollments === undefined) throw new UserCoreError('config_error', { params: { hook: 'enrollments' } })
  return enrollments
}
