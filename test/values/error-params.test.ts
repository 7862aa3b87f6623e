import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ErrorParams, RetirementRefusal, UserCoreErrorCode } from '../../src/values/error-params.ts'
import { describeError } from '../../src/values/error-sentences.ts'
import { errorStatus, UserCoreError } from '../../src/values/errors.ts'

/** The names of params as the page marks them: with `?` where they can be left out. */
type Marked<Params> = {
  [Name in keyof Params & string]-?: object extends Pick<Params, Name> ? `${Name}?` : Name
}[keyof Params & string]

/** The params of each code; the compiler holds the table to the types, both ways. */
const params: { readonly [Code in UserCoreErrorCode]: { readonly [Name in Marked<ErrorParams[Code]>]: true } } = {
  not_authenticated: {},
  not_authorized: { 'argument?': true, 'right?': true, 'reason?': true },
  user_not_found: { 'lines?': true },
  not_found: { 'what?': true, 'can_cancel_retirement?': true, 'retirement_id?': true },
  bad_request: { argument: true, 'reason?': true, 'given?': true, 'found?': true },
  conflict: { reason: true, 'version?': true, 'request_id?': true, 'users?': true, 'driver_code?': true },
  idempotency_key_reused: {},
  rate_limited: { limit: true, retry_after_seconds: true },
  account_validation_error: {},
  account_update_error: { 'setting?': true, 'driver_code?': true },
  preference_validation_error: {},
  preference_update_error: { 'driver_code?': true },
  partition_error: { partition: true, reason: true },
  patch_error: {},
  retirement_state_error: { reason: true },
  config_error: {
    'option?': true,
    'settings?': true,
    'hook?': true,
    'reason?': true,
    'pipeline?': true,
    'usernames?': true,
    'schema?': true,
    'step?': true,
    'transaction?': true,
    'setting?': true,
    'driver_code?': true,
  },
  invalid_salts: {},
  internal_error: { 'hook?': true, 'reason?': true, 'driver_code?': true },
}

const page = readFileSync(join(import.meta.dirname, '../../examples/guides/errors.md'), 'utf8')
const rows = [...page.matchAll(/^\| `(\w+)` \| (\d+) \| ([^|]+) \|/gm)].map(([, code = '', status, names = '']) => ({
  code,
  status: Number(status),
  params: [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
}))
const codes = Object.keys(params) as UserCoreErrorCode[]

describe('the page of errors', () => {
  it('holds every code with its params and its status, and no other', () => {
    const status = (code: string) => errorStatus(Object.assign(new Error(), { name: 'UserCoreError', code }))
    expect(rows).toEqual(codes.map((code) => ({ code, status: status(code), params: Object.keys(params[code]) })))
  })
})

const refusals: { readonly [Reason in RetirementRefusal]: true } = {
  already_erased: true,
  already_requested: true,
  cool_off: true,
  dead_end: true,
  held: true,
  in_use: true,
  journal_failed: true,
  not_complete: true,
  not_later: true,
  not_pending: true,
  not_settled: true,
  not_stopped: true,
  not_working: true,
  plan_changed: true,
  states_not_populated: true,
  traces_left: true,
  unknown_state: true,
  users_in_progress: true,
  wrong_step: true,
}
const conflicts: { readonly [Reason in ErrorParams['conflict']['reason']]: ErrorParams['conflict'] } = {
  key_taken: { reason: 'key_taken' },
  too_many_writers: { reason: 'too_many_writers', driver_code: '40001' },
  ended_meanwhile: { reason: 'ended_meanwhile' },
  version: { reason: 'version', version: 7 },
  name_request: { reason: 'name_request', request_id: 'r' },
  lease: { reason: 'lease' },
  email_taken: { reason: 'email_taken' },
  username_taken: { reason: 'username_taken' },
  retired: { reason: 'retired' },
  several_users: { reason: 'several_users', users: 3 },
}

/** Params that each code is thrown with. */
const samples: { readonly [Code in UserCoreErrorCode]: readonly ErrorParams[Code][] } = {
  not_authenticated: [{}],
  not_authorized: [{}, { argument: 'password' }, { right: 'retire_user' }],
  user_not_found: [{}, { lines: '1, 3' }],
  not_found: [
    {},
    ...(['key', 'retirement', 'name_request', 'former_username', 'courses'] as const).map((what) => ({ what })),
    { can_cancel_retirement: true, retirement_id: 5 },
    { can_cancel_retirement: false, retirement_id: null },
  ],
  bad_request: [{ argument: 'limit' }, { argument: 'usernames', given: 3, found: 2 }],
  conflict: Object.values(conflicts),
  idempotency_key_reused: [{}],
  rate_limited: [{ limit: 'email_change', retry_after_seconds: 60 }],
  account_validation_error: [],
  account_update_error: [{}, { setting: 'allow_email_address_change' }, { driver_code: 'XX000' }],
  preference_validation_error: [],
  preference_update_error: [{}, { driver_code: 'XX000' }],
  partition_error: [
    { partition: 50, reason: 'scheme' },
    { partition: 50, reason: 'no_group' },
  ],
  patch_error: [],
  retirement_state_error: (Object.keys(refusals) as RetirementRefusal[]).map((reason) => ({ reason })),
  config_error: [
    {},
    { option: 'prefix' },
    { settings: 'cool_off_days' },
    { hook: 'credentials' },
    { hook: 'credentials', reason: 'wrong_answer' },
    { pipeline: 'duplicate' },
    { usernames: 'ids' },
    { schema: 'missing', driver_code: '42P01' },
    { schema: 'newer', step: '9999-later' },
    { transaction: 'mysql' },
    { setting: 'sql_mode' },
  ],
  invalid_salts: [{}],
  internal_error: [{}, { driver_code: '55P03' }, { hook: 'isReadOnly', reason: 'hook_timed_out' }],
}

describe('the message of an error', () => {
  const cases = codes.flatMap((code) => samples[code].map((given) => ({ code, given })))

  it.each(cases)('says what is wrong: $code $given', ({ code, given }) => {
    const said = describeError(code, given)
    expect(said).toMatch(/^\S.{10,}[^.\s]$/)
    expect(said).not.toMatch(/undefined|null|NaN|\[object/)
  })

  it('says something of its own for each reason', () => {
    const said = cases.map(({ code, given }) => describeError(code, given))
    const alike = said.filter((sentence, index) => said.indexOf(sentence) !== index)
    // A driver's code has no sentence of its own: the error of storage brings one.
    expect(new Set(alike)).toEqual(new Set(alike.filter((sentence) => sentence.endsWith('see the cause'))))
  })

  it('follows the code, and gives way to a sentence of its own', () => {
    expect(new UserCoreError('bad_request', { params: { argument: 'limit' } }).message).toBe(
      'bad_request: limit is wrong',
    )
    const detail = 'limit must be 1'
    expect(new UserCoreError('bad_request', { params: { argument: 'limit' }, detail }).message).toBe(
      'bad_request: limit must be 1',
    )
  })

  it('names the places of a wrong patch', () => {
    const issues = [{ pointer: '/0/path', code: 'bad_pointer' }] as const
    expect(new UserCoreError('patch_error', { issues }).message).toBe('patch_error: /0/path (bad_pointer)')
  })
})
