import type { PartnerReportRow, UserId } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { requireRight } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { everyUser } from '../../runtime/pages.ts'
import { housekeeping } from '../../runtime/permit.ts'
import type { Actor } from '../../site/actor.ts'
import { nameOf, type Whom } from '../../site/whom.ts'
import { badArgument, requireUserId } from '../../values/arguments.ts'
import { orgOfCourse } from '../../values/course-id.ts'
import { UserCoreError } from '../../values/errors.ts'
import { addMilliseconds, instantOf, showInstant } from '../../values/instant.ts'
import { erasureOfStep } from '../registry.ts'
import type { LoadedRetirement } from './load-retirement.ts'

/** A person whom a partner has to forget. */
export interface PartnerReport {
  readonly user_id: UserId
  readonly original_username: string
  readonly original_email: string
  readonly original_name: string
  /** The organisations whose courses the person took. */
  readonly orgs: readonly string[]
  /** The moment at which the report was made; ISO 8601, UTC. */
  readonly created: string
}

/** Reports that were given out together. */
export interface PartnerBatch {
  /** Names the batch, for `finish` and for taking it once more. */
  readonly batchId: string
  readonly reports: readonly PartnerReport[]
}

/** The options of a batch of reports. */
export interface TakeOptions {
  /** The most reports to take. Default 1000. */
  readonly limit?: number
  /** Hours after which a batch that was not finished is given out again. Default 24. */
  readonly leaseHours?: number
  /**
   * The caller's name for the batch. Taking it once more, as after a lost answer, gives the same reports again, until
   * they are finished or given out in another batch. Default: a new id.
   */
  readonly batchId?: string
}

/** The people whose reports should have been finished by now. */
export interface OverdueReports {
  readonly userIds: readonly UserId[]
  /** The moment at which the oldest of them was made; ISO 8601, UTC. Left out while none is overdue. */
  readonly oldest?: string
}

const hour = 3_600_000

/** The organisation that Open edX gives to courses that are long gone: no partner. */
const outdated = 'outdated_entry'

/**
 * Returns the writes that put a person on the list of reports, once; none for a person who took no course. Their unit has to
 * guard the retirement: one that was cleaned up meanwhile gets no report, since its names would be stored again.
 */
export async function reportWrites(core: Core, { retirement, context }: LoadedRetirement): Promise<Write[]> {
  const { user_id, original_username, original_email, original_name } = retirement
  const orgs = (await orgsOf(core, [user_id])).get(user_id) ?? []
  const [existing] = await core.repository.select('partner_reports', { user_id })
  if (orgs.length === 0 || existing !== undefined) return []
  const created_at = instantOf(context.now)
  const report = { user_id, original_username, original_email, original_name, created_at }
  return [{ insert: 'partner_reports', rows: [{ ...report, batch_id: null, claimed_until: null }] }]
}

/** Returns the organisations of the courses that people take or took. Throws `config_error` without the hook. */
async function orgsOf(core: Core, user_ids: readonly UserId[]): Promise<Map<UserId, string[]>> {
  const { enrollments } = core.host
  if (enrollments === undefined) throw new UserCoreError('config_error', { params: { hook: 'enrollments' } })
  const found = new Map<UserId, Set<string>>(user_ids.map((id) => [id, new Set()]))
  for (const { user_id, course_id } of await enrollments.enrollmentsOf(user_ids)) {
    const org = orgOfCourse(course_id)
    if (org !== undefined && org !== outdated) found.get(user_id)?.add(org)
  }
  return new Map([...found].map(([id, orgs]) => [id, [...orgs].sort()]))
}

export async function takeReports(
  core: Core,
  actor: Actor,
  { limit = 1000, leaseHours = 24, batchId }: TakeOptions,
): Promise<PartnerBatch> {
  requireRight(core, actor, 'retire_user')
  return decideAndSave(core, async () => {
    const context = contextOf(core)
    const now = instantOf(context.now)
    const again = batchId === undefined ? [] : await core.repository.select('partner_reports', { batch_id: batchId })
    const rows = again.length > 0 ? again : await freeReports(core, now, limit)
    const id = batchId ?? context.ids()
    const claimed_until = addMilliseconds(now, leaseHours * hour)
    const orgs = await orgsOf(
      core,
      rows.map(({ user_id }) => user_id),
    )
    return {
      // By id, guarded by the batch that was read: new reports wait for the next batch, and one that another call took
      // meanwhile stops this one, which then reads again.
      writes: rows.map(({ user_id, batch_id: seen }): Write => {
        const set = { batch_id: id, claimed_until }
        return { update: 'partner_reports', set, where: { user_id, batch_id: seen }, guarded: true }
      }),
      permit: housekeeping,
      result: { batchId: id, reports: rows.map((row) => report(row, orgs.get(row.user_id) ?? [])) },
    }
  })
}

async function freeReports(core: Core, now: string, limit: number): Promise<PartnerReportRow[]> {
  const free: PartnerReportRow[] = []
  for await (const rows of everyReport(core)) {
    free.push(...rows.filter(({ claimed_until }) => claimed_until === null || claimed_until <= now))
    if (free.length >= limit) break
  }
  return free.slice(0, limit)
}

async function* everyReport(core: Core): AsyncGenerator<PartnerReportRow[]> {
  for await (const ids of everyUser(core, 'partner_reports', 1000)) {
    yield await core.repository.select('partner_reports', { user_id: ids })
  }
}

function report(row: PartnerReportRow, orgs: readonly string[]): PartnerReport {
  const { user_id, original_username, original_email, original_name, created_at } = row
  return { user_id, original_username, original_email, original_name, orgs, created: showInstant(created_at) }
}

export async function finishReports(
  core: Core,
  actor: Actor,
  whom: readonly Whom[],
  { batchId }: { readonly batchId?: string },
): Promise<void> {
  requireRight(core, actor, 'retire_user')
  if (whom.length === 0) throw badArgument('whom', 'a list of at least one person')
  await decideAndSave(core, async () => {
    const rows = await findReports(core, whom)
    const taken = rows.filter(({ batch_id }) => (batchId === undefined ? batch_id !== null : batch_id === batchId))
    if (taken.length !== whom.length) {
      const params = { argument: 'whom', given: whom.length, found: taken.length }
      throw new UserCoreError('bad_request', { params })
    }
    const writes = erasureOfStep('finish', { reports: taken })
    return { writes, permit: housekeeping, erases: true, result: undefined }
  })
}

/** Finds reports, each once: by id, or by the username at the time of the request in the same spelling. */
async function findReports({ repository }: Core, whom: readonly Whom[]): Promise<PartnerReportRow[]> {
  const names = whom.map(nameOf)
  const ids = names.flatMap((name) => ('id' in name ? [requireUserId(name.id, repository.idType, 'whom')] : []))
  const usernames = names.flatMap((name) => ('username' in name ? [name.username] : []))
  const rows = [
    ...(ids.length === 0 ? [] : await repository.select('partner_reports', { user_id: ids })),
    // A database may find names in another letter case as well; those do not count.
    ...(usernames.length === 0
      ? []
      : (await repository.select('partner_reports', { original_username: usernames })).filter((row) =>
          usernames.includes(row.original_username),
        )),
  ]
  return [...new Map(rows.map((row) => [row.user_id, row])).values()]
}

export async function overdueReports(core: Core, actor: Actor): Promise<OverdueReports> {
  requireRight(core, actor, 'retire_user')
  const due = addMilliseconds(instantOf(contextOf(core).now), -core.settings.partner_report_days * 24 * hour)
  const overdue: PartnerReportRow[] = []
  for await (const rows of everyReport(core)) overdue.push(...rows.filter(({ created_at }) => created_at <= due))
  const [oldest] = overdue.map(({ created_at }) => created_at).sort()
  return {
    userIds: overdue.map(({ user_id }) => user_id),
    ...(oldest === undefined ? {} : { oldest: showInstant(oldest) }),
  }
}
