import { preferenceValue, preferenceValues } from '../preferences/change-preferences.ts'
import { checkedOperations } from '../runtime/checked-operations.ts'
import type { Core } from '../runtime/core.ts'
import type { Actor } from '../site/actor.ts'
import { tagArguments } from './arguments.ts'
import { type BulkOptOutOptions, type BulkOptOutResult, bulkOptOut, type OptOut } from './operations/bulk-opt-out.ts'
import { assignGroup, findCourseTags, setCourseTag } from './operations/course-tags.ts'
import { type EmailOptInChoice, getEmailOptIn, updateEmailOptIn } from './operations/email-opt-in.ts'
import { exportOptIns, exportOptInsAsCsv, type OptInExport, type OptInRow } from './operations/export-opt-ins.ts'
import type { Partition } from './random-partition.ts'

/**
 * Tags: small texts kept for a person and an organisation, or for a person and a course, and what is built on them.
 *
 * Without username the actor's own are meant. Besides the codes it names, every operation can throw
 * `not_authenticated`, `not_authorized`, `user_not_found`, `bad_request` for an argument that is not what its type says,
 * and `internal_error`.
 */
export interface TagOperations {
  /**
   * Stores whether a person wants e-mail of an organisation, and answers what was stored: people below the setting
   * `email_optin_minimum_age` are always out. For the person and trusted code.
   *
   * Throws `bad_request` for a choice that is none; `user_not_found` also for a person without a profile where
   * `email_optin_needs_profile` is set. Source: Open edX, `update_email_opt_in`.
   */
  updateEmailOptIn(
    actor: Actor,
    username: string | null | undefined,
    choice: EmailOptInChoice,
  ): Promise<{ readonly opt_in: boolean }>

  /** What a person chose; null where they never did. For the person, staff and trusted code. */
  getEmailOptIn(actor: Actor, username: string | null | undefined, org: string): Promise<boolean | null>

  /**
   * A row for every enrolment in the courses of an organisation, with whether the person wants its e-mail. For staff.
   * Needs the `enrollments` hook. Comes in the batches of that hook, of which one is in memory at a time; three
   * statements each.
   *
   * Throws, at the first batch, `not_found` when there are no such courses; `config_error` without the hook. Source:
   * Open edX, `email_opt_in_list`.
   */
  exportEmailOptIns(actor: Actor, request: OptInExport): AsyncGenerator<OptInRow[]>

  /** The same as CSV text, with one header line. Cells that a spreadsheet would run as formulas are escaped. */
  exportEmailOptInsAsCsv(actor: Actor, request: OptInExport): AsyncGenerator<string>

  /**
   * Opts many people out, one transaction for each batch: what was stored stays when a later batch fails, and running it
   * again changes only what is left. For staff.
   *
   * Throws `bad_request` for a batch size that is none, and at the first row that names nobody or no organisation.
   */
  bulkEmailOptOut(
    actor: Actor,
    rows: Iterable<OptOut> | AsyncIterable<OptOut>,
    options?: BulkOptOutOptions,
  ): Promise<BulkOptOutResult>

  /** One tag of a person in a course; null where there is none. For the person, staff and trusted code. */
  getCourseTag(
    actor: Actor,
    username: string | null | undefined,
    course_id: string,
    key: string,
  ): Promise<string | null>

  /** All tags of a person in a course, by key. For the person, staff and trusted code. */
  getCourseTags(actor: Actor, username: string | null | undefined, course_id: string): Promise<Record<string, string>>

  /**
   * Sets a tag of a person in a course. For the person and trusted code.
   *
   * Throws `bad_request` for a course, key or value that is no text that can be stored.
   */
  setCourseTag(
    actor: Actor,
    username: string | null | undefined,
    tag: { readonly course_id: string; readonly key: string; readonly value: string },
  ): Promise<void>

  /**
   * The group of a person in a random partition of a course: drawn at the first call and kept for good, until the
   * group is gone. Of several first calls at once all get the same group. With `assign: false` it only looks, and
   * answers null where there is none. Somebody who is not logged in gets a group for this call alone.
   *
   * Throws `partition_error` for another scheme, or where there are no groups. Source: Open edX,
   * `RandomUserPartitionScheme`.
   */
  assignGroup(
    actor: Actor,
    username: string | null | undefined,
    course_id: string,
    partition: Partition,
    options?: { readonly assign?: boolean },
  ): Promise<{ readonly group_id: number } | null>
}

export function tagOperations(core: Core): TagOperations {
  return checkedOperations<TagOperations>(core, 'tags', tagArguments, {
    updateEmailOptIn: (actor, username, choice) => updateEmailOptIn(core, actor, username, choice),
    getEmailOptIn: (actor, username, org) => getEmailOptIn(core, actor, username, org),
    exportEmailOptIns: (actor, request) => exportOptIns(core, actor, request),
    exportEmailOptInsAsCsv: (actor, request) => exportOptInsAsCsv(core, actor, request),
    bulkEmailOptOut: (actor, rows, options = {}) => bulkOptOut(core, actor, rows, options),
    getCourseTag: async (actor, username, course_id, key) =>
      preferenceValue(await findCourseTags(core, actor, username, course_id, [key]), key),
    getCourseTags: async (actor, username, course_id) =>
      preferenceValues(await findCourseTags(core, actor, username, course_id)),
    setCourseTag: (actor, username, tag) => setCourseTag(core, actor, username, tag),
    assignGroup: (actor, username, course_id, partition, options = {}) =>
      assignGroup(core, actor, username, course_id, partition, options),
  })
}
