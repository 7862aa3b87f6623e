import { isDate, isMap, isUint8Array } from 'node:util/types'
import { isJson } from '../port/storable.ts'
import type { UserId } from '../port/tables.ts'
import { isObject } from '../values/arguments.ts'
import { UserCoreError } from '../values/errors.ts'
import type { IssueCode } from '../values/issues.ts'
import { isEvery, isPlainObject, isStorableText } from '../values/json.ts'
import { isIssueCode, type Translate } from '../values/sentences.ts'
import { lengthOf } from '../values/text.ts'
import type { Actor } from './actor.ts'
import type { RandomBytes } from './context.ts'
import { askInTime, atOnce, type Hook, wrongAnswer } from './hook.ts'
import type {
  Credentials,
  DerivedFields,
  Enrollment,
  Enrollments,
  FieldHolder,
  Host,
  Logger,
  NameChange,
  UserRef,
  WantedValue,
} from './host.ts'
import type { StepRun } from './retirement-steps.ts'

/** A function of the host without the signal that it gets as its last argument. */
type Unsignalled<Hooks> = {
  readonly [Name in keyof Hooks]: Hooks[Name] extends (...given: [...infer Given, AbortSignal]) => infer Answer
    ? (...given: Given) => Answer
    : Hooks[Name]
}

export type CheckedCredentials<Transaction = unknown> = Unsignalled<Credentials<Transaction>>
export type CheckedEnrollments = Unsignalled<Enrollments>

/**
 * The hooks of a host as operations call them: each returns exactly what its type says, in time, or the call throws
 * `config_error` or `internal_error` with the name of the hook.
 */
export interface CheckedHost<Transaction = unknown> {
  readonly clock?: () => Date
  readonly ids?: () => string
  readonly random?: RandomBytes
  readonly credentials?: CheckedCredentials<Transaction>
  readonly derivedFields?: (users: readonly UserRef[]) => Promise<ReadonlyMap<UserId, DerivedFields>>
  readonly enrollments?: CheckedEnrollments
  readonly isReadOnly?: (actor: Actor, user: FieldHolder, field: string) => Promise<boolean>
  readonly isCountryRestricted?: (country: string) => Promise<boolean>
  readonly checkField?: (wanted: WantedValue) => Promise<IssueCode | undefined>
  readonly nameNeedsVerification?: (change: NameChange) => Promise<boolean>
  readonly steps: ReadonlyMap<string, StepRun>
  readonly externalIdentifiers?: (
    users: readonly UserRef[],
  ) => Promise<ReadonlyMap<UserId, Readonly<Record<string, string>>>>
  readonly translate?: Translate
  readonly logger?: Logger
}

/** Wraps the hooks of a host. Throws `config_error` that names a hook which is no function. */
export function checkedHost<Transaction>(host: Host<Transaction>, timeoutMs: number): CheckedHost<Transaction> {
  const { clock, ids, random, translate, logger } = host
  const { derivedFields, isReadOnly, isCountryRestricted, checkField, nameNeedsVerification } = host
  const { credentials, enrollments, steps, externalIdentifiers } = host
  requireMembers('credentials', credentials, ['verify', 'set', 'disable'])
  requireMembers('enrollments', enrollments, ['coursesOf', 'enrollmentsOf', 'enrolledIn'])
  const functions = { clock, ids, random, translate, logger, derivedFields, externalIdentifiers }
  requireFunctions({ ...functions, isReadOnly, isCountryRestricted, checkField, nameNeedsVerification })
  const hook = (name: string): Hook => ({ name, timeoutMs })
  return {
    steps: checkedSteps(steps),
    ...(logger && { logger }),
    ...(clock && { clock: () => new Date(atOnce('clock', isMoment, clock())) }),
    ...(ids && { ids: () => atOnce('ids', isId, ids()) }),
    ...(random && { random: (bytes) => atOnce('random', isBytes(bytes), random(bytes)) }),
    ...(translate && { translate: (issue) => atOnce('translate', isSentence, translate(issue)) }),
    ...(credentials && { credentials: checkedCredentials(credentials, hook) }),
    ...(enrollments && { enrollments: checkedEnrollments(enrollments, hook) }),
    ...(derivedFields && {
      derivedFields: (users) => askInTime(hook('derivedFields'), isDerived, (signal) => derivedFields(users, signal)),
    }),
    ...(isReadOnly && {
      isReadOnly: (actor, user, field) =>
        askInTime(hook('isReadOnly'), isBoolean, (signal) => isReadOnly(actor, user, field, signal)),
    }),
    ...(isCountryRestricted && {
      isCountryRestricted: (country) =>
        askInTime(hook('isCountryRestricted'), isBoolean, (signal) => isCountryRestricted(country, signal)),
    }),
    ...(checkField && {
      checkField: (wanted) => askInTime(hook('checkField'), isIssueCodeOrNone, (signal) => checkField(wanted, signal)),
    }),
    ...(externalIdentifiers && {
      externalIdentifiers: (users) =>
        askInTime(hook('externalIdentifiers'), isExternal, (signal) => externalIdentifiers(users, signal)),
    }),
    ...(nameNeedsVerification && {
      nameNeedsVerification: (change) =>
        askInTime(hook('nameNeedsVerification'), isBoolean, (signal) => nameNeedsVerification(change, signal)),
    }),
  }
}

function requireFunctions(hooks: Readonly<Record<string, unknown>>): void {
  for (const [name, hook] of Object.entries(hooks)) {
    if (hook !== undefined && typeof hook !== 'function') throw noHook(name)
  }
}

/** Returns the steps of the host by their names. Throws `config_error` that names one which is no function. */
function checkedSteps(steps: Host<unknown>['steps'] = {}): ReadonlyMap<string, StepRun> {
  if (!isPlainObject(steps)) throw noHook('steps')
  const named = Object.entries(steps)
  for (const [name, run] of named) if (typeof run !== 'function') throw noHook(`steps.${name}`)
  return new Map(named)
}

/** Throws unless an object of hooks, where there is one, has every one of them. */
function requireMembers(owner: string, hooks: unknown, names: readonly string[]): void {
  if (hooks === undefined) return
  if (!isObject(hooks)) throw noHook(owner)
  for (const name of names) if (typeof Reflect.get(hooks, name) !== 'function') throw noHook(`${owner}.${name}`)
}

function noHook(hook: string): UserCoreError {
  return new UserCoreError('config_error', { params: { hook } })
}

type NamedHook = (name: string) => Hook

function checkedCredentials<Transaction>(
  credentials: Credentials<Transaction>,
  hook: NamedHook,
): CheckedCredentials<Transaction> {
  return {
    verify: (user, password) =>
      askInTime(hook('credentials.verify'), isBoolean, (signal) => credentials.verify(user, password, signal)),
    async set(user, password, transaction) {
      const ask = (signal: AbortSignal) => credentials.set(user, password, transaction, signal)
      await askInTime(hook('credentials.set'), isAnything, ask)
    },
    async disable(user, transaction) {
      const ask = (signal: AbortSignal) => credentials.disable(user, transaction, signal)
      await askInTime(hook('credentials.disable'), isAnything, ask)
    },
  }
}

function checkedEnrollments(enrollments: Enrollments, hook: NamedHook): CheckedEnrollments {
  return {
    coursesOf: (orgs) =>
      askInTime(hook('enrollments.coursesOf'), isListOf(isCourse), (signal) => enrollments.coursesOf(orgs, signal)),
    enrollmentsOf: (ids) =>
      askInTime(hook('enrollments.enrollmentsOf'), isListOf(isEnrollment), (signal) =>
        enrollments.enrollmentsOf(ids, signal),
      ),
    enrolledIn: (course_ids) =>
      batchesInTime(hook('enrollments.enrolledIn'), isListOf(isEnrollment), (signal) =>
        enrollments.enrolledIn(course_ids, signal),
      ),
  }
}

/** Yields the batches of a hook, each waited for like a result. One signal stands for all of them. */
async function* batchesInTime<Batch>(
  hook: Hook,
  isRight: (batch: unknown) => batch is Batch,
  ask: (signal: AbortSignal) => unknown,
): AsyncGenerator<Batch> {
  const control = new AbortController()
  const batches = atOnce(hook.name, isAsyncIterable, ask(control.signal))
  const iterator = atOnce(hook.name, isAsyncIterator, batches[Symbol.asyncIterator]())
  const isFilled = (batch: unknown) => !Array.isArray(batch) || batch.length > 0
  try {
    while (true) {
      // Empty batches do not count: a hook that returns only such batches is as late as one that returns none.
      const step = await askInTime(hook, isStep, () => nextStep(iterator, isFilled, control.signal), control)
      if (step.done === true) return
      if (!isRight(step.value)) throw wrongAnswer(hook.name)
      yield step.value
    }
  } finally {
    // A generator that is late ends when its result comes, and no call waits for that.
    const ended = askInTime(hook, isAnything, () => iterator.return?.(), control)
    if (control.signal.aborted) ended.catch(() => {})
    else await ended
  }
}

/** Returns the end of an iterator, or its next value for which `counts` holds. Lets timers run between two values. */
async function nextStep(
  iterator: AsyncIterator<unknown>,
  counts: (value: unknown) => boolean,
  signal: AbortSignal,
): Promise<unknown> {
  while (true) {
    const step: unknown = await iterator.next()
    if (!isStep(step) || step.done === true || counts(step.value) || signal.aborted) return step
    await new Promise(setImmediate)
  }
}

const isIssueCodeOrNone = (answer: unknown): answer is IssueCode | undefined =>
  answer === undefined || isIssueCode(answer)

const isAnything = (_answer: unknown): _answer is unknown => true

const isBoolean = (answer: unknown): answer is boolean => typeof answer === 'boolean'

/** Tells whether a result is a moment of a year with four digits, as moments are stored. */
function isMoment(answer: unknown): answer is Date {
  const time = isDate(answer) ? Date.prototype.getTime.call(answer) : Number.NaN
  return !Number.isNaN(time) && /^\d{4}-/.test(new Date(time).toISOString())
}

const longestId = 255

function isId(answer: unknown): answer is string {
  return typeof answer === 'string' && answer !== '' && lengthOf(answer) <= longestId && isStorableText(answer)
}

const isBytes =
  (count: number) =>
  (answer: unknown): answer is Uint8Array =>
    isUint8Array(answer) && answer.byteLength === count

const isSentence = (answer: unknown): answer is string | undefined => answer === undefined || typeof answer === 'string'

const isUserId = (value: unknown): value is UserId =>
  Number.isSafeInteger(value) || (typeof value === 'string' && isStorableText(value))

const isNullOrText = (value: unknown) => value === null || value === undefined || typeof value === 'string'

/** Tests of the values that each derived field can have. */
const derivedTests: { readonly [Name in keyof Required<DerivedFields>]: (value: unknown) => boolean } = {
  verified_name: isNullOrText,
  time_zone: isNullOrText,
  course_certificates: (value) => value === undefined || isJson(value),
}

function isDerivedFields(fields: unknown): fields is DerivedFields {
  return (
    isPlainObject(fields) &&
    Object.keys(fields).every((name) => Object.hasOwn(derivedTests, name)) &&
    Object.entries(derivedTests).every(([name, test]) => test(fields[name]))
  )
}

function isDerived(answer: unknown): answer is ReadonlyMap<UserId, DerivedFields> {
  return isMap(answer) && [...answer].every(([id, fields]) => isUserId(id) && isDerivedFields(fields))
}

function isExternal(answer: unknown): answer is ReadonlyMap<UserId, Readonly<Record<string, string>>> {
  const isNames = (names: unknown) => isPlainObject(names) && isJson(names) && isEvery(Object.values(names), isText)
  return isMap(answer) && [...answer].every(([id, names]) => isUserId(id) && isNames(names))
}

const isText = (value: unknown) => typeof value === 'string'

const isListOf =
  <Item>(isRight: (item: unknown) => item is Item) =>
  (answer: unknown): answer is readonly Item[] =>
    Array.isArray(answer) && isEvery(answer, isRight)

function isCourse(item: unknown): item is { readonly course_id: string; readonly org: string } {
  return isPlainObject(item) && typeof item.course_id === 'string' && typeof item.org === 'string'
}

function isEnrollment(item: unknown): item is Enrollment {
  return isPlainObject(item) && isUserId(item.user_id) && typeof item.course_id === 'string'
}

function isAsyncIterable(answer: unknown): answer is AsyncIterable<unknown> {
  return isObject(answer) && typeof Reflect.get(answer, Symbol.asyncIterator) === 'function'
}

function isAsyncIterator(answer: unknown): answer is AsyncIterator<unknown> {
  if (!isObject(answer) || typeof Reflect.get(answer, 'next') !== 'function') return false
  return ['function', 'undefined'].includes(typeof Reflect.get(answer, 'return'))
}

function isStep(answer: unknown): answer is IteratorResult<unknown> {
  return isObject(answer)
}
