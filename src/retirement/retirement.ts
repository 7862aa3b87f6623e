import type { UserId } from '../port/tables.ts'
import { checkedOperations } from '../runtime/checked-operations.ts'
import type { Core } from '../runtime/core.ts'
import type { Actor } from '../site/actor.ts'
import { partnerReportArguments, retirementArguments } from './arguments.ts'
import { type CancelTarget, cancelRetirement } from './operations/cancel.ts'
import { type ClaimedRetirement, type ClaimOptions, claimRetirements } from './operations/claim.ts'
import { type ArchiveRecord, type ArchiveRequest, archiveRecords, cleanUp } from './operations/clean-up.ts'
import {
  getRetirement,
  listRetiredUsers,
  type QueueRequest,
  type RetirementsPage,
  retirementQueue,
  retirementsByStatusAndDate,
  type StatusAndDateRequest,
} from './operations/list-retirements.ts'
import type { LeaseOptions } from './operations/load-retirement.ts'
import {
  type BulkMoveRequest,
  type BulkMoveResult,
  bulkUpdateState,
  type MoveRequest,
  updateState,
} from './operations/move-retirement.ts'
import {
  createReport,
  finishReports,
  type OverdueReports,
  overdueReports,
  type PartnerBatch,
  type TakeOptions,
  takeReports,
} from './operations/partner-reports.ts'
import {
  type BulkRequestResult,
  bulkRequest,
  type RetirementCandidate,
  requestByOperator,
  requestRetirement,
} from './operations/request.ts'
import { retireAccount, retireMisc } from './operations/run-step.ts'
import { listStates, populateStates, type RetirementStateInfo } from './operations/states.ts'
import { defaultPipeline, type Pipeline, type PopulationPlan } from './pipeline.ts'
import type { RetirementDocument } from './retirement-document.ts'
import type { CleanUpOptions } from './retirement-writes.ts'

/**
 * Retirement: from the request of a person to be forgotten, through a waiting time in which they can change their mind,
 * to the erasure of everything that the library has of them, and the forgetting of who they were.
 *
 * The library keeps the queue, refuses what is out of order, and does its own part; the host decides when each step is
 * done, in its own systems too. Besides the codes it names, every operation can throw `not_authenticated`,
 * `not_authorized` (most want the right `retire_user`), `internal_error`, and `retirement_state_error` while the states
 * are not populated. The params of a `retirement_state_error` hold its `reason`.
 *
 * Events and notifications name people by `user_id` alone. Until `cleanUp` the host learns who they were from the account
 * with that id (`accounts.getById`) and the retirement of its username (`get`).
 */
export interface RetirementOperations {
  /**
   * Sets the states that a retirement goes through, in one transaction; the same list again changes nothing. Takes what
   * `definePipeline` makes, or names as Open edX has them; default: the states of Open edX. Needs `retire_user`.
   *
   * Throws `bad_request` for a list that is none; `retirement_state_error` while people are between the first state and
   * the last, or are or were last in a state that would go.
   */
  populateStates(
    actor: Actor,
    states?: Pipeline | readonly string[],
    options?: { readonly dryRun?: boolean },
  ): Promise<PopulationPlan>

  /** The states in their order. */
  listStates(actor: Actor): Promise<RetirementStateInfo[]>

  /**
   * Begins somebody's retirement: at once the account gets its retired address and loses password, sessions, links
   * that wait for a click and its second address; nothing else is erased yet. All in one transaction. For the person
   * themselves, who give their password if the host keeps passwords (`credentials`), and trusted code.
   *
   * Throws `not_authorized` for a wrong password and while `enable_account_deletion` is off; `user_not_found`;
   * `retirement_state_error` when it was asked for before; `config_error` without `retired_identifier_keys`. Source:
   * Open edX, `DeactivateLogoutView`.
   */
  request(actor: Actor, username?: string | null, options?: { readonly password?: string }): Promise<void>

  /**
   * The same for people whom an operator names by username and address, all or none. CSV has lines `username,email`,
   * with or without that header.
   *
   * Throws `user_not_found` with the numbers of the `lines` that match nobody; `retirement_state_error` when it was asked
   * for before; `bad_request` for what is no list.
   */
  requestByOperator(
    actor: Actor,
    input: { readonly users: readonly RetirementCandidate[] } | { readonly csv: string },
  ): Promise<void>

  /**
   * The same for many people, each in a transaction of its own, with what became of each. Throws where nobody can be
   * retired: without states (`retirement_state_error`) or `retired_identifier_keys` (`config_error`).
   */
  bulkRequest(actor: Actor, usernames: readonly string[]): Promise<BulkRequestResult>

  /**
   * Takes a request back while nothing was begun: the account has its address again, exactly as it was, and a password
   * that nobody knows, so that it can be reset; somebody who had not confirmed their address gets a new link. Needs
   * `cancel_retirement`. Of a cancellation and the first step of the erasure exactly one wins.
   *
   * Throws `not_found`; `retirement_state_error` once something was begun; `bad_request` without a target.
   */
  cancel(actor: Actor, target: CancelTarget): Promise<void>

  /** The retirement of somebody, by the username they had or have now. Throws `not_found`. */
  get(actor: Actor, username: string): Promise<RetirementDocument>

  /**
   * Retirements in some states that have cooled off, oldest first, page by page. The site's minimum counts where the
   * call asks for less. Throws `bad_request`.
   */
  queue(actor: Actor, request: QueueRequest): Promise<RetirementsPage>

  /** Retirements in one state that were asked for within a period, both days included. Throws `bad_request`. */
  byStatusAndDate(actor: Actor, request: StatusAndDateRequest): Promise<RetirementsPage>

  /**
   * Gives a worker retirements for itself: those that have cooled off and in which nothing is at work, and those in
   * which another worker's lease ran out. No two workers get the same one at a time.
   */
  claim(actor: Actor, options?: ClaimOptions): Promise<ClaimedRetirement[]>

  /**
   * Moves somebody's retirement into a later state, and records that; ends are not left. Before the minimum cool-off is
   * over it leads to `ABORTED` alone, so that the person can still change their mind. `force` leads anywhere, but never
   * into an erasure before then. The last move said once more (same state, response and caller, not forced) succeeds and
   * changes nothing.
   *
   * Throws `not_found`; `bad_request`; `retirement_state_error`; `conflict` while another worker has it.
   */
  updateState(actor: Actor, username: string, request: MoveRequest): Promise<void>

  /** Moves many retirements, each by force and in its own transaction. Needs `force_retirement`. */
  bulkUpdateState(actor: Actor, request: BulkMoveRequest): Promise<BulkMoveResult>

  /**
   * Does the misc step of somebody who is in it: what waits for approval goes, and the host is told by the
   * notifications `retire_misc` and `retire_mailings`. Can be done again.
   *
   * Throws `not_found`; `retirement_state_error` outside of its working state; `conflict` while another worker has it.
   */
  retireMisc(actor: Actor, username: string, options?: LeaseOptions): Promise<void>

  /**
   * Erases somebody who is in that step: the account gets its retired names and is switched off, profile, lists,
   * extended profile, preferences, tags, history and everything pending go, each overwritten before it is deleted; the
   * host is told by the notifications `retire_account` and `profile_image.removed`. All in one transaction; can be done
   * again. What the person was called stays in the work item until `cleanUp`, so that other systems can be told.
   *
   * Mail and events about the person that still wait to be delivered are erased with the rest: deliver the outbox first.
   *
   * Throws `not_found`; `retirement_state_error` outside of its working state; `conflict` while another worker has it;
   * `config_error` when files of an image cannot be named without `profile_image_hash_seed`.
   */
  retireAccount(actor: Actor, username: string, options?: LeaseOptions): Promise<void>

  /**
   * Forgets who people were whose retirement is complete: their work items are overwritten and deleted, all or none;
   * what callers had to say of the moves goes too. What was written while the last step ran is erased with it, and the
   * whole account where that step was skipped. Deliver the outbox first here too: its notifications may ask who it was.
   *
   * Throws `bad_request` unless every name is that of one complete retirement.
   */
  cleanUp(actor: Actor, usernames: readonly string[], options?: CleanUpOptions): Promise<void>

  /**
   * Records of retirements that are complete, oldest first, for an archive to be written before `cleanUp`. Reads page by
   * page, as far as it is asked.
   */
  archive(actor: Actor, request?: ArchiveRequest): AsyncGenerator<ArchiveRecord, void, undefined>

  /** Ids of people whose retirement has been begun, page by page in their order; without looking at anybody else. */
  retiredUsers(
    actor: Actor,
    options?: { readonly after?: UserId; readonly limit?: number },
  ): Promise<{ readonly items: readonly UserId[]; readonly next?: UserId }>

  /** Telling partners whom they have to forget. */
  readonly partnerReports: PartnerReportOperations
}

/** Reports to partners whose courses a person took. */
export interface PartnerReportOperations {
  /**
   * Puts somebody who is in that step on the list, if they took any course. Once, however often it is called.
   *
   * Throws `not_found`; `retirement_state_error`; `conflict`; `config_error` without the `enrollments` hook.
   */
  create(actor: Actor, username: string, options?: LeaseOptions): Promise<void>

  /** Gives out reports that nobody has, as a batch with an end. One that was not finished by then is given out again. */
  take(actor: Actor, options?: TakeOptions): Promise<PartnerBatch>

  /**
   * Says that partners were told: the reports are overwritten and deleted, all or none. With `batch_id` only those of
   * that batch. Throws `bad_request` unless every name is that of one report that was given out.
   */
  finish(actor: Actor, original_usernames: readonly string[], options?: { readonly batch_id?: string }): Promise<void>

  /** Reports that have waited longer than `partner_report_days`: ask for it on a timer, and raise an alarm. */
  overdue(actor: Actor): Promise<OverdueReports>
}

export function retirementOperations<Transaction>(core: Core<Transaction>): RetirementOperations {
  const partnerReports = checkedOperations<PartnerReportOperations>(
    core,
    'retirement.partnerReports',
    partnerReportArguments,
    {
      create: (actor, username, options = {}) => createReport(core, actor, username, options),
      take: (actor, options = {}) => takeReports(core, actor, options),
      finish: (actor, original_usernames, options = {}) => finishReports(core, actor, original_usernames, options),
      overdue: (actor) => overdueReports(core, actor),
    },
  )
  const operations = checkedOperations<Omit<RetirementOperations, 'partnerReports'>>(
    core,
    'retirement',
    retirementArguments,
    {
      populateStates: (actor, states = defaultPipeline, options = {}) => populateStates(core, actor, states, options),
      listStates: (actor) => listStates(core, actor),
      request: (actor, username, options = {}) => requestRetirement(core, actor, username, options),
      requestByOperator: (actor, input) => requestByOperator(core, actor, input),
      bulkRequest: (actor, usernames) => bulkRequest(core, actor, usernames),
      cancel: (actor, target) => cancelRetirement(core, actor, target),
      get: (actor, username) => getRetirement(core, actor, username),
      queue: (actor, request) => retirementQueue(core, actor, request),
      byStatusAndDate: (actor, request) => retirementsByStatusAndDate(core, actor, request),
      claim: (actor, options = {}) => claimRetirements(core, actor, options),
      updateState: (actor, username, request) => updateState(core, actor, username, request),
      bulkUpdateState: (actor, request) => bulkUpdateState(core, actor, request),
      retireMisc: (actor, username, options = {}) => retireMisc(core, actor, username, options),
      retireAccount: (actor, username, options = {}) => retireAccount(core, actor, username, options),
      cleanUp: (actor, usernames, options = {}) => cleanUp(core, actor, usernames, options),
      archive: (actor, request = {}) => archiveRecords(core, actor, request),
      retiredUsers: (actor, options = {}) => listRetiredUsers(core, actor, options),
    },
  )
  return { ...operations, partnerReports }
}
