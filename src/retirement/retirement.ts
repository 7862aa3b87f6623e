import type { RetirementAction } from '../port/retirement-record.ts'
import type { UserId } from '../port/tables.ts'
import { checkedOperations } from '../runtime/checked-operations.ts'
import type { Core } from '../runtime/core.ts'
import type { Replayable } from '../runtime/once.ts'
import type { Page, PageOptions } from '../runtime/pages.ts'
import type { Actor } from '../site/actor.ts'
import type { Whom } from '../site/whom.ts'
import { partnerReportArguments, retirementArguments } from './arguments.ts'
import type { Advance } from './next-piece.ts'
import { type AdvanceOptions, advance } from './operations/advance.ts'
import { type CancelTarget, cancelRetirement } from './operations/cancel.ts'
import { type ClaimOptions, claimRetirements, releaseRetirement } from './operations/claim.ts'
import { type ArchiveRecord, type ArchiveRequest, archiveRecords, cleanUp } from './operations/clean-up.ts'
import { type FoundRetirement, findRetirements } from './operations/find-retirements.ts'
import { type HeartbeatOptions, heartbeat } from './operations/heartbeat.ts'
import {
  getRetirement,
  listRetiredUsers,
  listRetirements,
  type RetirementFilter,
  type RetirementMove,
  retirementHistory,
} from './operations/list-retirements.ts'
import type { Claim } from './operations/load-retirement.ts'
import {
  type MoveManyRequest,
  type MoveManyResult,
  type MoveRequest,
  moveMany,
  moveRetirement,
} from './operations/move-retirement.ts'
import {
  finishReports,
  type OverdueReports,
  overdueReports,
  type PartnerBatch,
  type TakeOptions,
  takeReports,
} from './operations/partner-reports.ts'
import { planRetirement } from './operations/plan-retirement.ts'
import { type ReopenResult, reopen } from './operations/reopen.ts'
import {
  type RequestManyResult,
  type RequestOptions,
  type RetirementCandidate,
  requestByOperator,
  requestMany,
  requestRetirement,
} from './operations/request.ts'
import { type RetirementStats, retirementStats } from './operations/retirement-stats.ts'
import { runStep } from './operations/run-step.ts'
import { getPipeline, setPipeline } from './operations/set-pipeline.ts'
import { type VerifyOptions, verifyRetirement } from './operations/verify.ts'
import { type WorkOptions, type WorkSummary, work } from './operations/work.ts'
import { defaultPipeline, type Pipeline, type PipelinePlan } from './pipeline.ts'
import { type ProofOperations, proofOperations } from './proof.ts'
import type { RetirementDocument } from './retirement-document.ts'
import type { RetirementPlan } from './retirement-plan.ts'
import type { CleanUpOptions } from './retirement-writes.ts'
import type { Verification } from './verification.ts'

/**
 * Retirement of accounts: the request of a person to be forgotten, a waiting time in which it can be cancelled, the
 * erasure of everything that the library has of the person, and the erasure of the names that they had.
 *
 * The library keeps the queue, refuses moves that are out of order, and does its own steps; the host decides when each
 * step is done, in its own systems too. Besides the codes that it names, every operation can throw `not_authenticated`,
 * `not_authorized` (most need the right `retire_user`), `internal_error`, and `retirement_state_error` while no
 * pipeline is set. The params of a `retirement_state_error` hold its `reason`.
 *
 * Each erasure leaves a receipt; see `ProofOperations`.
 *
 * Unless it says otherwise, an operation takes a username as the one at the time of the request. Events and
 * notifications name people by `user_id` alone: until `cleanUp`, `get` with that id returns the names.
 */
export interface RetirementOperations extends ProofOperations {
  /**
   * Sets the states that a retirement goes through, in one transaction; the same pipeline again changes nothing. Takes
   * the result of `definePipeline`, or names as Open edX has them; default: the states of Open edX. Needs
   * `retire_user`.
   *
   * Throws `bad_request` for a list that is no pipeline; `retirement_state_error` while retirements are between the
   * first state and an end, or are or were last in a state that would go.
   *
   * ```ts
   * await users.retirement.setPipeline(system, definePipeline([
   *   { step: 'account', working: 'RETIRING_LMS', done: 'LMS_COMPLETE', action: 'account' },
   * ]))
   * ```
   */
  setPipeline(
    actor: Actor,
    pipeline?: Pipeline | readonly string[],
    options?: { readonly dryRun?: boolean },
  ): Promise<PipelinePlan>

  /**
   * Returns the states in their order; an empty list while no pipeline is set. Needs `retire_user`.
   *
   * ```ts
   * const { states } = await users.retirement.getPipeline(system)
   * ```
   */
  getPipeline(actor: Actor): Promise<Pipeline>

  /**
   * Returns what the retirement of a person would do, without doing it: the steps in their order with who does them; for each
   * table the rows, their treatment, and what is kept with the ground and the time; the foreign keys by which deleting rows
   * reaches those of others. `request`, `claim` and `runStep` take its `hash` as `plan`, and refuse once the declared sources,
   * the pipeline or the foreign keys are others. For the holder, and with the right `retire_user`; `whom` names the person as
   * they are now, or at the time of the request. One statement per table.
   *
   * Throws `user_not_found`.
   *
   * ```ts
   * const { sources, hash } = await users.retirement.plan(ada, ada)
   * for (const { table, rows, erase, step } of sources) console.log(table, rows, erase, step)
   * await users.retirement.request(ada, ada, { password: 'the password of ada', plan: hash })
   * ```
   */
  plan(actor: Actor, whom: Whom): Promise<RetirementPlan>

  /**
   * Begins the retirement of a person: at once the account gets its retired address and loses password, sessions, links
   * that wait for a click and its second address; nothing else is erased yet. All in one transaction. For the holder,
   * who gives the password if the host keeps passwords (`credentials`), and trusted code. `whom` names the person as
   * they are now, and the mail `retirement_requested` tells them. Under an `idempotencyKey` a call that is sent again
   * succeeds too, although the password has ended. From then on nothing more is stored of the person, but for what they
   * take back; with the setting `writes_during_cool_off` that begins with the first step. An account that was brought back
   * by hand is retired once more with `again`.
   *
   * Throws `bad_request` without the password; `not_authorized` for a wrong one and, but for trusted code, while
   * `enable_account_deletion` is off; `user_not_found`; `retirement_state_error` when it was asked for before,
   * and when `plan` is not the `hash` of the plan that holds; `idempotency_key_reused`; `config_error` without `retired_identifier_keys`. Source: Open edX, `DeactivateLogoutView`.
   *
   * ```ts
   * await users.retirement.request(ada, ada, { password: 'the password of ada' })
   * ```
   */
  request(actor: Actor, whom: Whom, options?: RequestOptions): Promise<Replayable>

  /**
   * Begins the retirements of many people, as they are named now, each in a transaction of its own. No mail is sent.
   * Throws where no person can be retired: without a pipeline (`retirement_state_error`) or `retired_identifier_keys`
   * (`config_error`).
   *
   * ```ts
   * const { requested, failed } = await users.retirement.requestMany(system, ['ada', bob])
   * ```
   */
  requestMany<W extends Whom>(actor: Actor, whom: readonly W[]): Promise<RequestManyResult<W>>

  /**
   * Begins the retirements of people whom an operator names by username and address as they are now, all or none. No
   * mail is sent. CSV has lines `username,email`, with or without that header.
   *
   * Throws `user_not_found` with the numbers of the `lines` that match no account; `retirement_state_error` when it was
   * asked for before; `bad_request` for a value that is no list.
   *
   * ```ts
   * await users.retirement.requestByOperator(system, { csv: 'bob,bob@example.com' })
   * ```
   */
  requestByOperator(
    actor: Actor,
    input: { readonly users: readonly RetirementCandidate[] } | { readonly csv: string },
  ): Promise<void>

  /**
   * Takes a request back while nothing was begun: the account has its address again, exactly as it was, and a random
   * password that is told to no person, so that it can be reset; a person whose account waits for its activation gets a
   * new link. Needs `cancel_retirement`. Of a cancellation and the first step of the erasure exactly one wins.
   *
   * Throws `not_found`; `retirement_state_error` once a step was begun or the account is erased; `bad_request` unless
   * exactly one of `id`, `email` and `username` is given.
   *
   * ```ts
   * await users.retirement.cancel(system, { email: 'bob@example.com' })
   * ```
   */
  cancel(actor: Actor, target: CancelTarget): Promise<void>

  /**
   * Returns the retirement of a person, by id or by the username at the time of the request or now. Throws `not_found`.
   *
   * ```ts
   * await users.retirement.request(system, bob)
   * const { current_state } = await users.retirement.get(system, bob)
   * ```
   */
  get(actor: Actor, whom: Whom): Promise<RetirementDocument>

  /**
   * Returns the moves of the retirements of a person, oldest first: requests, changes of state and cancellations. They
   * stay after `cleanUp`, without their notes. The person is named by id, or by the username at the time of the request
   * or now. Throws `not_found` for an unknown person.
   *
   * ```ts
   * const [request] = await users.retirement.history(system, bob)
   * ```
   */
  history(actor: Actor, whom: Whom): Promise<RetirementMove[]>

  /**
   * Returns retirements, oldest request first, page by page: those in some states, that have cooled off, or that were
   * asked for within a period. Throws `bad_request` for unknown states, days that are no period, and a cursor of
   * another list.
   *
   * ```ts
   * const { items, next } = await users.retirement.list(system, { states: ['PENDING'], coolOffDays: 14 })
   * ```
   */
  list(actor: Actor, filter?: RetirementFilter): Promise<Page<RetirementDocument>>

  /**
   * Finds the retirements of people who have a username or an address now, or had it at the time of the request: by the
   * original in any spelling, also once the account has its retired form, or by that form itself. For support; needs
   * `retire_user`. Oldest request first; none for people who asked for no retirement. Once the host has deleted the row of
   * a person, `retired.isRetired` alone tells that the name was theirs.
   *
   * ```ts
   * const [found] = await users.retirement.find(system, 'bob@example.com')
   * ```
   */
  find(actor: Actor, name: string): Promise<FoundRetirement[]>

  /**
   * Gives a worker retirements for itself: those that have cooled off and in which nothing is at work, and those in
   * which the lease of another worker ran out. No two workers get the same one at a time.
   *
   * ```ts
   * for (const claim of await users.retirement.claim(system, { limit: 1 })) {
   *   await users.retirement.move(system, claim, { state: 'LOCKING_ACCOUNT' })
   * }
   * ```
   */
  claim(actor: Actor, options?: ClaimOptions): Promise<Claim[]>

  /**
   * Gives a claimed retirement back, in the state that it is in: the next `claim` can take it at once, and the claim is
   * worth nothing from then on.
   *
   * Throws `not_found`; `conflict` when it was given back before, has come to an end, or another worker has it.
   *
   * ```ts
   * for (const claim of await users.retirement.claim(system)) await users.retirement.release(system, claim)
   * ```
   */
  release(actor: Actor, claim: Claim): Promise<void>

  /**
   * Does one piece of work for one person: at most one run of a step and one move. The step is that of the library
   * (`runStep`), or the function of the host for it (`steps`). Safe to call at any time, any number of times and from any
   * number of workers: each piece is stored by one of them, and a person without work only gets an answer. Takes the person
   * under a lease of its own, or under that of a claim, which it renews.
   *
   * The start of an attempt is stored before the step runs, so that a process which the step ends is counted. A step that
   * fails is put off by 20 seconds, doubled with each attempt up to six hours; after `retirement_max_attempts` the person
   * moves to `ERRORED`. Before the account is erased it waits for mail and events of the person to be delivered, at most
   * `outbox_patience_hours`.
   *
   * Throws `not_found`; `conflict` once another worker has the person: nothing of the piece is stored then.
   *
   * ```ts
   * await users.retirement.request(system, bob)
   * const { status } = await users.retirement.advance(system, bob) // 'waiting'
   * ```
   */
  advance(actor: Actor, target: Whom | Claim, options?: AdvanceOptions): Promise<Advance>

  /**
   * Renews the leases of claims, in one statement and a look at them. Returns the people who are still held under them:
   * work on the others is to stop. A lease that has run out is renewed too, unless another worker has taken the person.
   *
   * ```ts
   * const { held } = await users.retirement.heartbeat(system, await users.retirement.claim(system))
   * ```
   */
  heartbeat(actor: Actor, claims: readonly Claim[], options?: HeartbeatOptions): Promise<{ readonly held: UserId[] }>

  /**
   * Makes people ready again at the step that failed: those who moved to `ERRORED`, and those whom a step has stopped. A
   * step that had come to a place goes on from there; attempts count from 0. Each in a transaction of its own. Needs
   * `retire_user` and `force_retirement`. Among the `failed` are people whom the worker has not stopped
   * (`retirement_state_error`).
   *
   * ```ts
   * const { reopened, failed } = await users.retirement.reopen(system, [bob])
   * ```
   */
  reopen<W extends Whom>(actor: Actor, whom: readonly W[]): Promise<ReopenResult<W>>

  /**
   * Works on retirements until `signal` is aborted, or with `idle: 'return'` until nothing is due: takes people whose next
   * step the library or a function of the host does, advances them, and renews their leases at a third of their time. Any
   * number of workers can run at once, on any number of machines; what one of them leaves behind, another takes up.
   *
   * In the end it takes no more people, waits `graceSeconds` for steps under way, aborts their signals, and gives the people
   * back. A failing database is waited for, but with `idle: 'return'`.
   *
   * ```ts
   * const { complete } = await users.retirement.work(system, { idle: 'return' })
   * ```
   */
  work(actor: Actor, options?: WorkOptions): Promise<WorkSummary>

  /**
   * Counts retirements by state and by the reason for which they do not go on, oldest first, and those that are past
   * `retirement_deadline_days`. One statement.
   *
   * ```ts
   * const { groups, overdue } = await users.retirement.stats(system)
   * for (const { state, stopped, count } of groups) console.log(state, stopped, count)
   * ```
   */
  stats(actor: Actor): Promise<RetirementStats>

  /**
   * Moves a retirement into a later state, and records the move; ends are not left. Before the minimum cool-off is over
   * it leads to `ABORTED` alone, so that the person can still change their mind. `force`, which needs
   * `force_retirement`, leads anywhere, but never into an erasure before then. The last move once more (same state,
   * note and actor, not forced) succeeds and changes nothing. A move into `COMPLETE` does not look for what is left of the
   * person, as `advance` does; `cleanUp` does before it forgets their names.
   *
   * Throws `not_found`; `bad_request` for a claim without a person; `retirement_state_error` for a move that is
   * refused; `conflict` while another worker has it.
   *
   * ```ts
   * await users.retirement.move(system, bob, { state: 'RETIRING_LMS', note: { ticket: 'T-1' } })
   * ```
   */
  move(actor: Actor, target: Whom | Claim, request: MoveRequest): Promise<void>

  /**
   * Moves many retirements, each by force and in its own transaction. One that cannot be moved is among the `failed`.
   * Needs `retire_user` and `force_retirement`. Throws `retirement_state_error` for an unknown state; `bad_request` for
   * days that are no period.
   *
   * ```ts
   * const day = '2026-11-29'
   * await users.retirement.moveMany(system, { from: day, to: day, state: 'ERRORED', rewind: true })
   * ```
   */
  moveMany(actor: Actor, request: MoveManyRequest): Promise<MoveManyResult>

  /**
   * Does a step of the library for a retirement in the working state of that step. All in one transaction; can be done
   * again.
   *
   * - `misc` erases a name that waits for approval; the notifications `retire_misc` and `retire_mailings` tell the
   *   host.
   * - `partner_report` puts a person who took any course on the list of reports, once.
   * - `sources` erases the rows of the person in the tables that the host has declared (`personalData`), as far as their
   *   treatment is `rows` or `columns`: rows before those by which they belong to the person, in chunks of 500, each in a
   *   transaction of its own. A step that broke off is done again to the same effect. It comes before `account`, which takes
   *   the names by which rows are found; in a pipeline without this step `account` does it first. Without the option it
   *   erases nothing.
   * - `account` erases the person: the account gets its retired names and is switched off; profile, lists, extended
   *   profile, preferences, tags, history and everything pending go, each overwritten before it is deleted; the
   *   notifications `retire_account` and `profile_image.removed` tell the host. The former names stay in the work item
   *   until `cleanUp`, so that other systems can be told. Mail and events about the person that still wait to be
   *   delivered are erased with the rest: deliver the outbox first.
   *
   * Throws `not_found`; `retirement_state_error` outside of its working state; `conflict` while another worker has it;
   * `config_error` when files of an image cannot be named without `profile_image_hash_seed`, and for a report without
   * the `enrollments` hook.
   *
   * ```ts
   * await users.retirement.runStep(system, bob, 'account')
   * ```
   */
  runStep(
    actor: Actor,
    target: Whom | Claim,
    step: RetirementAction,
    options?: { readonly plan?: string },
  ): Promise<void>

  /**
   * Looks for what is left of a person who was erased, before `cleanUp` forgets who they were: in the tables of the library, and
   * in those that the host has declared (`personalData`). Returns the number of rows in which they are still found, by column,
   * and all places in which it did not look, with the reason; never a value. `whom` names the person as `get` does.
   *
   * It looks for their usernames, addresses, phone number and names in other systems (`externalIdentifiers`) as far as they are
   * known, for their name, and for its words of three letters and more.
   *
   * - Columns that are an `identifier` are compared in the rows of all people: by `identifierKey`, or, in tables of the library
   *   that keep no key, in the spelling of the person and all in small or capital letters. A column without an index is read
   *   whole; `checkCoverage` names those of the host.
   * - Personal columns, free text and JSON of the person's own rows are looked through; with `deep` also the free text
   *   in the rows of all people, in tables of the library JSON that is not personal, and identifiers of the library in any spelling. A text is one whatever its letter case and normal form are, percent-encoded and escaped too.
   *   Words count as a whole.
   * - No traces are retired names, the id of the person, and what is kept on a ground. The work item holds who they were until
   *   `cleanUp`, and is not looked at; a partner report that waits is a trace, and so is a message that waits to be delivered.
   *
   * Reads page by page, so rows that change meanwhile may be missed. Deep, it reads every row of such tables, 500 at a time.
   *
   * Throws `not_found` without a retirement, and once `cleanUp` has forgotten it; `internal_error` when `signal` broke it off,
   * with the reason as its `cause`.
   *
   * ```ts
   * await users.retirement.runStep(system, bob, 'account')
   * const { passed, traces } = await users.retirement.verify(system, bob, { deep: true })
   * for (const { source, column, rows } of traces) console.log(source, column, rows)
   * ```
   */
  verify(actor: Actor, whom: Whom, options?: VerifyOptions): Promise<Verification>

  /**
   * Erases the former names of people whose retirement is complete, `settle_minutes` after the move into `COMPLETE`:
   * their work items are overwritten and deleted, all or none; the notes of the moves go too. Values that were written
   * while the step `account` ran are erased with them,
   * and the whole account where that step was skipped. Deliver the outbox first here too: its notifications may need
   * the names.
   *
   * Throws `bad_request` unless each element is another person whose retirement is complete, usernames counting in the
   * same spelling alone; `retirement_state_error` with the reason `not_settled` before those minutes are over.
   *
   * ```ts
   * await users.retirement.cleanUp(system, [bob])
   * ```
   */
  cleanUp(actor: Actor, whom: readonly Whom[], options?: CleanUpOptions): Promise<void>

  /**
   * Returns records of retirements that are complete, oldest request first, for an archive to be written before
   * `cleanUp`. Reads page by page, as far as the caller asks. Throws `bad_request` for days that are no period.
   *
   * ```ts
   * for await (const record of users.retirement.archive(system, { coolOffDays: 30 })) console.log(record.user_id)
   * ```
   */
  archive(actor: Actor, request?: ArchiveRequest): AsyncGenerator<ArchiveRecord, void, undefined>

  /**
   * Returns the ids of people whose retirement has left its first state, page by page in the order of the ids; ids stay
   * after `cleanUp`.
   *
   * ```ts
   * const { items } = await users.retirement.retiredUsers(system, { limit: 1000 })
   * ```
   */
  retiredUsers(actor: Actor, page?: PageOptions): Promise<Page<UserId>>

  /** The operations of reports to partners, which tell them whom to forget. */
  readonly partnerReports: PartnerReportOperations
}

/** Reports to partners whose courses a person took. The step `partner_report` of `retirement.runStep` makes them. */
export interface PartnerReportOperations {
  /**
   * Gives out reports that wait, as a batch that ends after `leaseHours`; a report that was not finished by then is
   * given out again. Throws `config_error` without the hook `enrollments`.
   *
   * ```ts
   * const { batchId, reports } = await users.retirement.partnerReports.take(system, { leaseHours: 2 })
   * ```
   */
  take(actor: Actor, options?: TakeOptions): Promise<PartnerBatch>

  /**
   * Ends reports of which the partners were told: they are overwritten and deleted, all or none. With `batchId` only
   * those of that batch. Throws `bad_request` unless each element is another person with a report that was given out;
   * usernames count in the same spelling alone.
   *
   * ```ts
   * await users.retirement.partnerReports.finish(system, [bob], { batchId: 'monday' })
   * ```
   */
  finish(actor: Actor, whom: readonly Whom[], options?: { readonly batchId?: string }): Promise<void>

  /**
   * Returns the reports that have waited longer than `partner_report_days`: for a timer that raises an alarm.
   *
   * ```ts
   * const { userIds, oldest } = await users.retirement.partnerReports.overdue(system)
   * ```
   */
  overdue(actor: Actor): Promise<OverdueReports>
}

/** Makes the operations of retirement over a core. */
export function retirementOperations<Transaction>(core: Core<Transaction>): RetirementOperations {
  const partnerReports = checkedOperations<PartnerReportOperations>(
    core,
    'retirement.partnerReports',
    partnerReportArguments,
    {
      take: (actor, options = {}) => takeReports(core, actor, options),
      finish: (actor, whom, options = {}) => finishReports(core, actor, whom, options),
      overdue: (actor) => overdueReports(core, actor),
    },
  )
  const operations = checkedOperations<Omit<RetirementOperations, 'partnerReports' | keyof ProofOperations>>(
    core,
    'retirement',
    retirementArguments,
    {
      setPipeline: (actor, pipeline = defaultPipeline, options = {}) => setPipeline(core, actor, pipeline, options),
      getPipeline: (actor) => getPipeline(core, actor),
      plan: (actor, whom) => planRetirement(core, actor, whom),
      request: (actor, whom, options = {}) => requestRetirement(core, actor, whom, options),
      requestMany: (actor, whom) => requestMany(core, actor, whom),
      requestByOperator: (actor, input) => requestByOperator(core, actor, input),
      cancel: (actor, target) => cancelRetirement(core, actor, target),
      get: (actor, whom) => getRetirement(core, actor, whom),
      history: (actor, whom) => retirementHistory(core, actor, whom),
      list: (actor, filter = {}) => listRetirements(core, actor, filter),
      find: (actor, name) => findRetirements(core, actor, name),
      claim: (actor, options = {}) => claimRetirements(core, actor, options),
      release: (actor, claim) => releaseRetirement(core, actor, claim),
      move: (actor, target, request) => moveRetirement(core, actor, target, request),
      moveMany: (actor, request) => moveMany(core, actor, request),
      advance: (actor, target, options = {}) => advance(core, actor, target, options),
      heartbeat: (actor, claims, options = {}) => heartbeat(core, actor, claims, options),
      reopen: (actor, whom) => reopen(core, actor, whom),
      work: (actor, options = {}) => work(core, actor, options),
      stats: (actor) => retirementStats(core, actor),
      runStep: (actor, target, step, options = {}) => runStep(core, actor, target, step, options),
      verify: (actor, whom, options = {}) => verifyRetirement(core, actor, whom, options),
      cleanUp: (actor, whom, options = {}) => cleanUp(core, actor, whom, options),
      archive: (actor, request = {}) => archiveRecords(core, actor, request),
      retiredUsers: (actor, page = {}) => listRetiredUsers(core, actor, page),
    },
  )
  return { ...operations, ...proofOperations(core), partnerReports }
}
