import type { OrgTagRecord } from '../../port/org-tag-record.ts'
import type { UserId } from '../../port/tables.ts'
import { requireStaff } from '../../runtime/authorize.ts'
import type { Core } from '../../runtime/core.ts'
import { readAhead } from '../../runtime/read-ahead.ts'
import type { Actor } from '../../site/actor.ts'
import type { CheckedEnrollments } from '../../site/checked-host.ts'
import type { Enrollment } from '../../site/host.ts'
import { UserCoreError } from '../../values/errors.ts'
import { showInstant } from '../../values/instant.ts'
import { datedOptIn, emailOptInKey, overrides } from '../email-opt-in.ts'

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

/**
 * Yields the rows of the export, batch by batch of the host: three batches at most are in memory, of which two are read
 * while the reader has the other.
 */
export async function* exportOptIns(core: Core, actor: Actor, request: OptInExport): AsyncGenerator<OptInRow[]> {
  requireStaff(actor)
  const enrollments = requireEnrollments(core)
  const all = await enrollments.coursesOf(request.orgs)
  const { courses } = request
  const wanted = courses === undefined ? all : all.filter(({ course_id }) => courses.includes(course_id))
  if (wanted.length === 0) throw new UserCoreError('not_found', { params: { what: 'courses' } })
  // Spellings that only the courses know are further names of the organisation.
  const orgs = [...new Set([...request.orgs, ...(courses === undefined ? all.map(({ org }) => org) : [])])]
  const batches = enrollments.enrolledIn(wanted.map(({ course_id }) => course_id))
  for await (const { batch, records } of readAhead(batches, (batch) => loadBatch(core, batch, orgs))) {
    yield rowsOf(core, batch, finderOf(records, orgs.length === 1))
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
    const { stringify } = await import('csv-stringify/sync')
    yield stringify([], { ...options, header: true })
    for (; batch.done !== true; batch = await batches.next()) yield stringify(batch.value, options)
  } finally {
    await batches.return(undefined)
  }
}

interface LoadedBatch {
  readonly batch: readonly Enrollment[]
  readonly records: readonly OrgTagRecord[]
}

async function loadBatch(core: Core, batch: readonly Enrollment[], orgs: readonly string[]): Promise<LoadedBatch> {
  const ids = [...new Set(batch.map(({ user_id }) => user_id))]
  const records = await core.repository.findOrgTags({ ids, orgs, key: emailOptInKey })
  return { batch, records }
}

type FindRecord = (user_id: UserId) => OrgTagRecord | undefined

/**
 * Makes a search for the record of a person that counts. Where each has one, most come in the order in which they are
 * looked for: then no look-up table is made.
 */
function finderOf(records: readonly OrgTagRecord[], isOneEach: boolean): FindRecord {
  let next = 0
  let people: Map<UserId, OrgTagRecord> | undefined
  return (user_id) => {
    if (isOneEach && records[next]?.user_id === user_id) return records[next++]
    people ??= newestOf(records)
    return people.get(user_id)
  }
}

function newestOf(records: readonly OrgTagRecord[]): Map<UserId, OrgTagRecord> {
  const people = new Map<UserId, OrgTagRecord>()
  for (const record of records) {
    const other = people.get(record.user_id)
    if (other === undefined || overrides(record, other)) people.set(record.user_id, record)
  }
  return people
}

function rowsOf(core: Core, batch: readonly Enrollment[], find: FindRecord): OptInRow[] {
  const rows: OptInRow[] = []
  for (const { user_id, course_id } of batch) {
    const person = find(user_id)
    if (person === undefined) continue
    const { username, email, profile_name } = person
    const { is_opted_in_for_email, preference_set_datetime } = datedOptIn(person, core.settings.email_optin_default)
    rows.push({
      user_id,
      username,
      email,
      full_name: profile_name ?? '',
      course_id,
      is_opted_in_for_email,
      preference_set_datetime: showInstant(preference_set_datetime),
    })
  }
  return rows
}

function requireEnrollments(core: Core): CheckedEnrollments {
  const { enrollments } = core.host
  if (enrollments === undefined) throw new UserCoreError('config_error', { params: { hook: 'enrollments' } })
  return enrollments
}
