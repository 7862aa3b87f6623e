/**
 * The reasons for which a retirement stays as it is.
 *
 * | reason | means |
 * | --- | --- |
 * | `already_erased` | the account has the retired username: there is no name to give the address back to |
 * | `already_requested` | the retirement was requested before |
 * | `cool_off` | the days in which it can be cancelled are not over |
 * | `dead_end` | it is complete or aborted: it goes nowhere |
 * | `held` | a hold keeps the person, or data of theirs, from being erased |
 * | `in_use` | a state that is to be removed is the state of a retirement |
 * | `journal_failed` | the journal took no entry, so that the erasure does not begin; see the cause |
 * | `not_complete` | it is not complete |
 * | `not_later` | the state comes no later than the one that it is in |
 * | `not_pending` | its erasure has begun |
 * | `not_settled` | the minutes in which calls end that had begun before the last step are not over |
 * | `not_stopped` | the worker goes on with it by itself |
 * | `not_working` | it is in no working state |
 * | `plan_changed` | the plan that was agreed to is no longer the one that holds |
 * | `states_not_populated` | the site has no pipeline |
 * | `traces_left` | the person is still found in a table; see `retirement.verify` |
 * | `unknown_state` | the pipeline has no such state |
 * | `users_in_progress` | a retirement is in a working state |
 * | `wrong_step` | the state that it is in belongs to another step |
 */
export type RetirementRefusal =
  | 'already_erased'
  | 'already_requested'
  | 'cool_off'
  | 'dead_end'
  | 'held'
  | 'in_use'
  | 'journal_failed'
  | 'not_complete'
  | 'not_later'
  | 'not_pending'
  | 'not_settled'
  | 'not_stopped'
  | 'not_working'
  | 'plan_changed'
  | 'states_not_populated'
  | 'traces_left'
  | 'unknown_state'
  | 'users_in_progress'
  | 'wrong_step'

/** The code that a failing driver gave: SQLSTATE, errno or name. */
export type DriverParams = {
  /** SQLSTATE, errno or name that the driver gave, where storage failed. */
  readonly driver_code?: string
}

/**
 * The facts about an error of each code, as plain data: numbers, ids and names of settings, never personal data and
 * never a value that came in. Members that are not optional are always there.
 */
export interface ErrorParams {
  /** The call needs an actor who is logged in. Status 401. */
  readonly not_authenticated: object
  /** The actor may not do this. Status 403. */
  readonly not_authorized: {
    /** `password`: the password was wrong. */
    readonly argument?: 'password'
    /** The right that the actor needs. */
    readonly right?: string
    /**
     * `sealed`: nothing more is stored of the person, who is being retired or was. Actors other than trusted code get
     * `user_not_found`. `hidden_field`: a list would tell the values of a field that the actor does not see.
     */
    readonly reason?: 'sealed' | 'hidden_field'
  }
  /** No account fits. Status 404. */
  readonly user_not_found: {
    /** Numbers of the entries that fit no account, counted from 1 and separated by commas. */
    readonly lines?: string
  }
  /** Something other than an account is not there. Status 404. */
  readonly not_found: {
    /** The missing thing. */
    readonly what?: 'key' | 'retirement' | 'name_request' | 'former_username' | 'courses' | 'hold'
    /** Of a retired address: whether its retirement can still be cancelled. */
    readonly can_cancel_retirement?: boolean
    /** Of a retired address: the id of the retirement that can be cancelled. */
    readonly retirement_id?: number | string | null
  }
  /** An argument is not what it must be. Status 400. */
  readonly bad_request: {
    /** Name of the argument, or of the member of it. */
    readonly argument: string
    /** Code of the first issue of the pipeline. */
    readonly reason?: string
    /** Number of usernames that were given. */
    readonly given?: number
    /** Number of usernames that fit. */
    readonly found?: number
  }
  /** Another change came first, or something is taken. Status 409. */
  readonly conflict: DriverParams & {
    /**
     * `key_taken`: something that cannot be read holds a key. `too_many_writers`: all attempts came too late.
     * `ended_meanwhile`: the request was withdrawn while the call ran. `version`: the account has another version.
     * `name_request`: another name is pending. `lease`: another worker holds the retirement. `email_taken`,
     * `username_taken`: the address or username is in use. `retired`: the account is retired. `several_users`: more than
     * one account fits.
     */
    readonly reason:
      | 'key_taken'
      | 'too_many_writers'
      | 'ended_meanwhile'
      | 'version'
      | 'name_request'
      | 'lease'
      | 'email_taken'
      | 'username_taken'
      | 'retired'
      | 'several_users'
    /** The version that the account has. */
    readonly version?: number
    /** The name request that is pending. */
    readonly request_id?: string
    /** Number of accounts that fit. */
    readonly users?: number
  }
  /** Another call with the same idempotency key had another input. Status 422. */
  readonly idempotency_key_reused: object
  /** The person did this too often. Status 429. */
  readonly rate_limited: {
    /** `email_change` or `secondary_email`. */
    readonly limit: string
    /** Seconds until the same call is taken again: what the header `Retry-After` takes. */
    readonly retry_after_seconds: number
  }
  /** Fields of an account are wrong: see `issues` and `field_errors`. Status 400. */
  readonly account_validation_error: object
  /** An account could not be saved: storage or a hook failed, or a setting forbids the change. Status 400. */
  readonly account_update_error: DriverParams & {
    /** The setting that forbids it. */
    readonly setting?: string
  }
  /** Preferences are wrong: see `issues` and `field_errors`. Status 400. */
  readonly preference_validation_error: object
  /** Preferences could not be saved: storage or a hook failed. Status 400. */
  readonly preference_update_error: DriverParams
  /** A partition cannot be used to draw a group. Status 400. */
  readonly partition_error: {
    /** Its id. */
    readonly partition: number
    /** `scheme`: it is not random. `no_group`: none of its groups could be drawn. */
    readonly reason: 'scheme' | 'no_group'
  }
  /** A patch is wrong: see `issues`. Status 422. */
  readonly patch_error: object
  /** A retirement stays as it is. Status 400. */
  readonly retirement_state_error: {
    /** Why it stays as it is. */
    readonly reason: RetirementRefusal
  }
  /** The host set something up wrongly. Status 500. */
  readonly config_error: DriverParams & {
    /** The option that is wrong. */
    readonly option?: string
    /** The settings that are wrong or unknown, separated by commas. */
    readonly settings?: string
    /** The hook that is missing, is no function, or gave a wrong answer. */
    readonly hook?: string
    /** `wrong_answer`: the hook answered something else than its type says. */
    readonly reason?: 'wrong_answer'
    /** `duplicate`: two states of the pipeline have one name. */
    readonly pipeline?: 'duplicate'
    /** `ids`: usernames of this site are the ids of people, and cannot be replaced. */
    readonly usernames?: 'ids'
    /** `missing`: a table or column is not there. `newer`: the schema is newer than this code. */
    readonly schema?: 'missing' | 'newer'
    /** The step of the schema that this code does not know. */
    readonly step?: string
    /** The dialect whose schema cannot be changed in a transaction. */
    readonly transaction?: string
    /** The setting of the session under which statements do not do what they say. */
    readonly setting?: string
  }
  /** The salts of retired identifiers are no list of texts. Status 500. */
  readonly invalid_salts: object
  /** Storage or a hook failed: see `cause`. Status 500. */
  readonly internal_error: DriverParams & {
    /** The hook that failed. */
    readonly hook?: string
    /** `hook_timed_out`: the hook gave no answer in time. */
    readonly reason?: 'hook_timed_out'
  }
}

/** Every code that a usercore error can carry. Test the code, not the class: `structuredClone` keeps neither. */
export type UserCoreErrorCode = keyof ErrorParams
