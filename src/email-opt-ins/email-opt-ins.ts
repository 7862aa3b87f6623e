import { checkedOperations } from '../runtime/checked-operations.ts'
import type { Core } from '../runtime/core.ts'
import type { Actor } from '../site/actor.ts'
import type { Whom } from '../site/whom.ts'
import { emailOptInArguments } from './arguments.ts'
import { type EmailOptInChoice, getEmailOptIn, setEmailOptIn } from './operations/choose-opt-in.ts'
import { exportOptIns, exportOptInsAsCsv, type OptInExport, type OptInRow } from './operations/export-opt-ins.ts'
import { type OptOut, type OptOutManyOptions, type OptOutManyResult, optOutMany } from './operations/opt-out-many.ts'

/**
 * The choices of people to get e-mail of an organisation.
 *
 * Besides the codes it names, every operation can throw `not_authenticated`, `not_authorized`, `user_not_found`,
 * `bad_request` for an argument that is not what its type says, and `internal_error`.
 */
export interface EmailOptInOperations {
  /**
   * Returns the choice of a person; null where they never made one. For the holder, staff and trusted code.
   *
   * ```ts
   * const wantsMail = await users.emailOptIns.get(ada, ada, 'OrgX')
   * ```
   */
  get(actor: Actor, whom: Whom, org: string): Promise<boolean | null>

  /**
   * Stores the choice of a person, and returns what was stored: people below the setting `email_optin_minimum_age` are
   * always out. For the holder and trusted code.
   *
   * ```ts
   * const { optIn } = await users.emailOptIns.set(ada, ada, { org: 'OrgX', optIn: true })
   * ```
   *
   * Throws `user_not_found` also for a person without a profile where `email_optin_needs_profile` is set. Source: Open
   * edX, `update_email_opt_in`.
   */
  set(actor: Actor, whom: Whom, choice: EmailOptInChoice): Promise<{ readonly optIn: boolean }>

  /**
   * Returns a row for every enrolment in the courses of an organisation, with the choice of the person. For staff. Needs
   * the `enrollments` hook. Comes in the batches of that hook, of which one is in memory at a time; one statement each.
   *
   * ```ts
   * const batches = users.emailOptIns.export(staff, { orgs: ['OrgX'] })
   * ```
   *
   * Throws, at the first batch, `not_found` when there are no such courses; `config_error` without the hook. Source:
   * Open edX, `email_opt_in_list`.
   */
  export(actor: Actor, request: OptInExport): AsyncGenerator<OptInRow[]>

  /**
   * Returns the rows of `export` as CSV text, with one header line. Cells that a spreadsheet would run as formulas are
   * escaped. For staff.
   *
   * ```ts
   * const texts = users.emailOptIns.exportCsv(staff, { orgs: ['OrgX'] })
   * ```
   */
  exportCsv(actor: Actor, request: OptInExport): AsyncGenerator<string>

  /**
   * Opts many people out, one transaction for each batch: what was stored stays when a later batch fails, and running it
   * again changes only what is left. For staff.
   *
   * ```ts
   * const counts = await users.emailOptIns.optOutMany(staff, [{ whom: 'ada', org: 'OrgX' }])
   * ```
   *
   * Throws `bad_request` at the first row without `whom` or a name of an organisation.
   */
  optOutMany(
    actor: Actor,
    rows: Iterable<OptOut> | AsyncIterable<OptOut>,
    options?: OptOutManyOptions,
  ): Promise<OptOutManyResult>
}

export function emailOptInOperations(core: Core): EmailOptInOperations {
  return checkedOperations<EmailOptInOperations>(core, 'emailOptIns', emailOptInArguments, {
    get: (actor, whom, org) => getEmailOptIn(core, actor, whom, org),
    set: (actor, whom, choice) => setEmailOptIn(core, actor, whom, choice),
    export: (actor, request) => exportOptIns(core, actor, request),
    exportCsv: (actor, request) => exportOptInsAsCsv(core, actor, request),
    optOutMany: (actor, rows, options = {}) => optOutMany(core, actor, rows, options),
  })
}
