import type { ErrorParams, RetirementRefusal, UserCoreErrorCode } from './error-params.ts'

type Sentences = { readonly [Code in UserCoreErrorCode]: (params: Partial<ErrorParams[Code]>) => string }

/** The sentence of each code for the developer: the problem, and the remedy where there is one. Made of params alone. */
const sentences: Sentences = {
  not_authenticated: () => 'the call needs an actor who is logged in',
  not_authorized: ({ argument, right, reason }) => {
    if (argument === 'password') return 'the password is wrong'
    if (reason === 'sealed') return 'nothing more is stored of the person, who is being retired or was'
    return right === undefined ? 'the actor may not do this' : `the actor needs the right ${right}`
  },
  user_not_found: ({ lines }) => (lines === undefined ? 'no account fits' : `no account fits the entries ${lines}`),
  not_found: ({ what, can_cancel_retirement }) => {
    if (can_cancel_retirement === undefined) return what === undefined ? 'there is no such entry' : missing[what]
    return `the address was retired, and its retirement can ${can_cancel_retirement ? 'still' : 'no longer'} be cancelled`
  },
  bad_request: ({ argument, given, found }) =>
    given === undefined
      ? `${argument} is wrong`
      : `${argument}: ${found} of ${given} names fit; give those alone that fit`,
  conflict: ({ reason = 'too_many_writers', version, users }) => {
    if (reason === 'version') return `the account has version ${version} by now; load it again and decide again`
    if (reason === 'several_users') return `${users} accounts fit; ask for one of them`
    return conflicts[reason]
  },
  idempotency_key_reused: () => 'the idempotency key belongs to a call with another input; draw a key for each call',
  rate_limited: ({ limit, retry_after_seconds }) =>
    `too many requests (${limit}); try again in ${retry_after_seconds} seconds`,
  account_validation_error: () => '',
  account_update_error: ({ setting }) =>
    setting === undefined ? 'the account could not be saved; see the cause' : `the setting ${setting} forbids it`,
  preference_validation_error: () => '',
  preference_update_error: () => 'the preferences could not be saved; see the cause',
  partition_error: ({ partition, reason }) =>
    reason === 'scheme'
      ? `partition ${partition}: the scheme must be random`
      : `partition ${partition}: no group could be drawn; it needs groups, and the host a source of random numbers`,
  patch_error: () => '',
  retirement_state_error: ({ reason }) => (reason === undefined ? 'the retirement stays as it is' : refusals[reason]),
  config_error: (params) => configProblem(params),
  invalid_salts: () => 'the salts must be a list with at least one text',
  internal_error: ({ hook }) =>
    hook === undefined ? 'storage or a hook failed; see the cause' : `the hook ${hook} gave no answer in time`,
}

const missing: Readonly<Record<NonNullable<ErrorParams['not_found']['what']>, string>> = {
  key: 'the key is unknown, used, expired or withdrawn; ask for another',
  retirement: 'there is no such retirement',
  name_request: 'no name waits for its confirmation',
  former_username: 'this is not the former username of an account',
  hold: 'there is no such hold',
  courses: 'no course fits the organisations and courses that were asked for',
}

type PlainConflict = Exclude<ErrorParams['conflict']['reason'], 'version' | 'several_users'>

const conflicts: Readonly<Record<PlainConflict, string>> = {
  key_taken:
    'a key is held by something that usercore does not read, such as a unique index of the host, or was drawn twice',
  too_many_writers: 'others changed the same rows at each attempt; try again',
  ended_meanwhile: 'all requests of the person were withdrawn while the call ran',
  name_request: 'another name waits for its confirmation by now',
  lease: 'another worker holds the retirement until its lease ends',
  email_taken: 'the address is in use by now',
  username_taken: 'the username and all its variants that were tried are in use; try again',
  retired: 'the account is retired, and keeps its retired username',
}

const refusals: Readonly<Record<RetirementRefusal, string>> = {
  already_erased: 'the account was erased and cannot get its address back',
  already_requested: 'the retirement was requested before',
  cool_off: 'the cool-off of the retirement is not over; see the setting cool_off_days',
  dead_end: 'the retirement is in a last state, which only a forced move leaves',
  held: 'a hold keeps the person, or data of theirs; release it first',
  in_use: 'a state that is to be removed is the state of a retirement',
  journal_failed: 'the journal of erasures took no entry; see the cause, and try again',
  not_complete: 'the retirement is not complete',
  not_later: 'the state is not later than the one that the retirement is in; only a forced move goes back',
  not_pending: 'the retirement has begun and cannot be cancelled',
  not_settled: 'calls that had begun before the last step may still run; clean up when settle_minutes have passed',
  not_stopped: 'the worker goes on with the retirement by itself; there is nothing to reopen',
  not_working: 'the retirement is in no working state; move it to the working state of the step first',
  plan_changed: 'the plan is another one by now: declared sources, the pipeline or foreign keys have changed',
  states_not_populated: 'the site has no retirement pipeline; set one first',
  traces_left: 'the person is still found in a table; retirement.verify says in which',
  unknown_state: 'the retirement pipeline has no such state',
  users_in_progress: 'retirements are in a working state; let them end first',
  wrong_step: 'the retirement is in the working state of another step',
}

function configProblem(params: Partial<ErrorParams['config_error']>): string {
  const { option, settings, hook, reason, pipeline, usernames, schema, step, transaction, setting } = params
  if (reason !== undefined) return `the hook ${hook} answered something else than its type says`
  if (hook !== undefined) return `the hook ${hook} must be given, and be a function`
  if (settings !== undefined) return `${settings}: unknown, or not a value that the setting can have`
  if (option !== undefined) return `${option}: unknown, or not a value that the option can have`
  if (pipeline !== undefined) return 'two states of the pipeline have one name'
  if (usernames !== undefined) return 'usernames are the ids of people here, and cannot be replaced'
  if (schema === 'missing') return 'a table or column is not there; run migrate'
  if (schema === 'newer')
    return `the schema has the step ${step}, which this version does not know; take a newer version`
  if (transaction !== undefined)
    return `${transaction} cannot change its schema in a transaction; give the database itself`
  if (setting !== undefined) return `the session of the database has a wrong setting: ${setting}`
  return 'something is set up wrongly'
}

/** Returns the sentence of an error for developers, made of its code and params alone; empty where its issues say it. */
export function describeError<Code extends UserCoreErrorCode>(code: Code, params: Partial<ErrorParams[Code]>): string {
  return sentences[code](params)
}
