import type { PartnerReportRow, UserId } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { requireRight } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import type { Actor } from '../../site/actor.ts'
import { badArgument } from '../../values/arguments.ts'
import { orgOfCourse } from '../../values/course-id.ts'
import { UserCoreError } from '../../values/errors.ts'
import { addMilliseconds, instantOf, showInstant } from '../../values/instant.ts'
import { touchWrite } from '../retirement-writes.ts'
import { type LeaseOptions, loadForAction } from './load-retirement.ts'

/** A person whom a partner has to forget. */
export interface PartnerReport {
  readonly user_id: UserId
  readonly original_username: string
  readonly original_email: string
  readonly original_name: string
  /** The organisations whose courses the person took. */
  readonly orgs: readonly string[]
  /** When the report was made; ISO 8601, UTC. */
  readonly created: string
}

/** Reports that were given out together. */
export interface PartnerBatch {
  readonly batch_id: string
  readonly reports: readonly PartnerReport[]
}

/** How to take reports. */
export interface TakeOptions {
  /** Reports to take. Default 1000. */
  readonly limit?: number
  /** Hours after which a batch that was not finished is given out again. Default 24. */
  readonly leaseHours?: number
  /**
   * Your own name for the batch. Taking it once more, say because the answer got lost, gives the same reports again,
   * until they are finished or somebody else has them.
   */
  readonly batch_id?: string
}

/** Reports that partners should have been told of by now. */
export interface OverdueReports {
  readonly user_ids: readonly UserId[]
  /** When the oldest of them was made; ISO 8601, UTC. */
  readonly oldest?: string
}

const hour = 3_600_000

/** An organisation that Open edX gives to courses that are long gone. */
const outdated = 'outdated_entry'

export async function createReport(core: Core, actor: Actor, username: string, options: LeaseOptions): Promise<void> {
  requireRight(core, actor, 'retire_user')
  await decideAndSave(core, async () => {
    const { retirement, context } = await loadForAction(core, username, 'partner_report', options)
    const { user_id, original_username, original_email, original_name } = retirement
    const orgs = (await orgsOf(core, [user_id])).get(user_id) ?? []
    const [existing] = await core.repository.select('partner_reports', { user_id })
    if (orgs.length === 0 || existing !== undefined) return { writes: [], result: undefined }
    const created_at = instantOf(context.now)
    const report = { user_id, original_username, original_email, original_name, created_at }
    return {
      writes: [
        // What was cleaned up meanwhile gets no report: its names would outlive it.
        touchWrite(retirement, context),
        { insert: 'partner_reports', rows: [{ ...report, batch_id: null, claimed_until: null }] },
      ],
      result: undefined,
    }
  })
}

/** The organisations of people's courses, the gone ones included. Throws `config_error` without the hook. */
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
  { limit = 1000, leaseHours = 24, batch_id }: TakeOptions,
): Promise<PartnerBatch> {
  requireRight(core, actor, 'retire_user')
  return decideAndSave(core, async () => {
    const context = contextOf(core)
    const now = instantOf(context.now)
    const again = batch_id === undefined ? [] : await core.repository.select('partner_reports', { batch_id })
    const rows = again.length > 0 ? again : await freeReports(core, now, limit)
    const id = batch_id ?? context.ids()
    const claimed_until = addMilliseconds(now, leaseHours * hour)
    const orgs = await orgsOf(
      core,
      rows.map(({ user_id }) => user_id),
    )
    return {
      // By id, each as it was seen: what comes in meanwhile waits for the next batch, what others took is not ours.
      writes: rows.map(({ user_id, batch_id: seen }): Write => {
        const set = { batch_id: id, claimed_until }
        return { update: 'partner_reports', set, where: { user_id, batch_id: seen }, guarded: true }
      }),
      result: { batch_id: id, reports: rows.map((row) => report(row, orgs.get(row.user_id) ?? [])) },
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
  let after: UserId | undefined
  for (;;) {
    const cursor = after === undefined ? {} : { after }
    const ids = await core.repository.pageUsers('partner_reports', {}, { limit: 1000, ...cursor })
    after = ids.at(-1)
    if (after === undefined) return
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
  original_usernames: readonly string[],
  { batch_id }: { readonly batch_id?: string },
): Promise<void> {
  requireRight(core, actor, 'retire_user')
  if (original_usernames.length === 0) throw badArgument('original_usernames', 'a list with at least one username')
  // A database may find names that differ in letter case; those are not meant.
  const isNamed = (row: PartnerReportRow) => original_usernames.includes(row.original_username)
  await decideAndSave(core, async () => {
    const rows = await core.repository.select('partner_reports', { original_username: original_usernames })
    const taken = rows.filter(
      (row) => (batch_id === undefined ? row.batch_id !== null : row.batch_id === batch_id) && isNamed(row),
    )
    if (taken.length !== original_usernames.length) {
      const params = { argument: 'original_usernames', given: original_usernames.length, found: taken.length }
      throw new UserCoreError('bad_request', { params })
    }
    return { writes: taken.flatMap(finishWrites), erases: true, result: undefined }
  })
}

function finishWrites({ user_id, batch_id }: PartnerReportRow): Write[] {
  const set = { original_username: 'redacted', original_email: 'redacted', original_name: 'redacted' }
  const where = { user_id, batch_id }
  return [
    { update: 'partner_reports', set, where, guarded: true },
    { delete: 'partner_reports', where, guarded: true },
  ]
}

export async function overdueReports(core: Core, actor: Actor): Promise<OverdueReports> {
  requireRight(core, actor, 'retire_user')
  const due = addMilliseconds(instantOf(contextOf(core).now), -core.settings.partner_report_days * 24 * hour)
  const overdue: PartnerReportRow[] = []
  for await (const rows of everyReport(core)) overdue.push(...rows.filter(({ created_at }) => created_at <= due))
  const [oldest] = overdue.map(({ created_at }) => created_at).sort()
  return {
    user_ids: overdue.map(({ user_id }) => user_id),
    ...(oldest === undefined ? {} : { oldest: showInstant(oldest) }),
  }
}
