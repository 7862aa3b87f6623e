import { nodeTypes } from './built-ins.ts'
import { UserCoreError } from './errors.ts'
import { type Instant, toInstant } from './instant.ts'
import { isEvery, isPlainObject, isStorableText, jsonIssues } from './json.ts'
import type { Argument, Kind } from './kinds.ts'
import { lengthOf } from './text.ts'

/** Makes the error of a call whose argument is not of its type, such as an unchecked value of a query string. */
export function badArgument(argument: string, expected?: string): UserCoreError {
  return new UserCoreError('bad_request', {
    params: { argument },
    ...(expected === undefined ? {} : { detail: `${argument} must be ${expected}` }),
  })
}

/** An argument that is not of its kind. */
export interface Problem {
  /** The name of the argument; of an object the name of the member, however deep in it the problem is. */
  readonly argument: string
  /** Follows "must be". */
  readonly expected: string
}

/** The type of ids in the repository: the one kind that depends on the site. */
export type IdType = 'integer' | 'text'

/**
 * Throws `bad_request` that names the first argument that is not of its kind. Further arguments than the list has are
 * ignored, so that operations can be handed to `map`.
 */
export function requireArguments(values: readonly unknown[], list: readonly Argument[], idType: IdType): void {
  list.forEach(({ name, kind }, index) => {
    requireKind(values[index], kind, name, idType)
  })
}

/** Throws `bad_request` unless a value is of a kind. */
export function requireKind(value: unknown, kind: Kind, argument: string, idType: IdType = 'integer'): void {
  const problem = problemOf(value, kind, argument, idType)
  if (problem !== undefined) throw badArgument(problem.argument, problem.expected)
}

/** Makes the error of an option that a host sets up wrongly. */
export function configError(option: string, expected: string): UserCoreError {
  return new UserCoreError('config_error', { params: { option }, detail: `${option} must be ${expected}` })
}

/** Returns the problem of a value, or `undefined`. A value that cannot be read without an error has one. */
export function problemOf(value: unknown, kind: Kind, argument: string, idType: IdType): Problem | undefined {
  try {
    return find(value, kind, argument, idType)
  } catch {
    return { argument, expected: expectedOf(kind) }
  }
}

function find(value: unknown, kind: Kind, argument: string, idType: IdType): Problem | undefined {
  if (kind.is === 'optional') {
    const isLeftOut = value === undefined || (value === null && kind.orNull === true)
    return isLeftOut ? undefined : find(value, kind.of, argument, idType)
  }
  if (!isOfKind(value, kind, idType)) return { argument, expected: expectedOf(kind) }
  if (kind.is !== 'object') return undefined
  for (const [member, of] of Object.entries(kind.members)) {
    const problem = problemOf((value as Readonly<Record<string, unknown>>)[member], of, member, idType)
    if (problem === undefined) continue
    const isWhole = problem.argument === member
    const expected = isWhole ? problem.expected : `an object whose ${problem.argument} is ${problem.expected}`
    return { argument: member, expected }
  }
  return undefined
}

/** Callers split longer lists. */
export const longestList = 100_000
/** Items and members of a document together; the limits of the site are far lower. */
const mostItems = 1_000_000
/** Limits of arguments of this kind; the stored values are far smaller. */
const jsonLimits = { maxBytes: 1_000_000, maxDepth: 100 }
const actorMembers = ['anonymous', 'system', 'name', 'id', 'username', 'staff', 'superuser', 'permissions']

/** Tells whether a value is of a kind, the members of an object apart. Throws when reading the value does. */
function isOfKind(value: unknown, kind: Exclude<Kind, { readonly is: 'optional' }>, idType: IdType): boolean {
  switch (kind.is) {
    case 'actor':
      if (!isObject(value) || Array.isArray(value)) return false
      for (const member of actorMembers) Reflect.get(value, member)
      return own(value, 'system') === true || own(value, 'anonymous') === true || isNamed(value, idType)
    case 'whom':
      return typeof value === 'string' || (isObject(value) && !Array.isArray(value) && isNamed(value, idType))
    case 'text':
      return typeof value === 'string'
    case 'name':
      return typeof value === 'string' && isName(value)
    case 'visible':
      return typeof value === 'string' && /^[!-~]{1,255}$/.test(value)
    case 'id':
      return readUserId(value, idType) !== undefined
    case 'count':
      return Number.isSafeInteger(value) && kind.lowest <= Number(value) && Number(value) <= kind.highest
    case 'boolean':
      return typeof value === 'boolean'
    case 'one':
      return typeof value === 'string' && kind.of.includes(value)
    case 'moment':
      return (typeof value === 'string' || nodeTypes().isDate(value)) && isStorableInstant(toInstant(value))
    case 'function':
      return typeof value === 'function'
    case 'iterable':
      return isObject(value) && (isFunction(value, Symbol.iterator) || isFunction(value, Symbol.asyncIterator))
    case 'json':
      if (!isReadable(value)) return false
      return jsonIssues(value, '', jsonLimits).every(({ code }) => code === 'bad_text' || code === 'forbidden_name')
    case 'document':
      return isReadable(value)
    case 'methods':
      return isObject(value) && kind.of.every((member) => isFunction(value, member))
    case 'schema':
      return (isObject(value) || typeof value === 'function') && isSchema(Reflect.get(value, '~standard'))
    case 'record':
      return (
        isPlainObject(value) &&
        Object.values(value).every((member) => problemOf(member, kind.of, '', idType) === undefined)
      )
    case 'either':
      return kind.of.some((one) => problemOf(value, one, '', idType) === undefined)
    case 'list':
      if (!Array.isArray(value) || value.length > longestList) return false
      return isEvery(value, (item) => problemOf(item, kind.of, '', idType) === undefined)
    case 'object':
      return isPlainObject(value) && Object.keys(value).every((member) => Object.hasOwn(kind.members, member))
  }
}

function own(value: object, member: string): unknown {
  return Object.hasOwn(value, member) ? Reflect.get(value, member) : undefined
}

/** Tells whether a value names a person by id, by username or by both. */
function isNamed(value: object, idType: IdType): boolean {
  const id = own(value, 'id')
  const username = own(value, 'username')
  const isIdRight = id === undefined || readUserId(id, idType) !== undefined
  const isNameRight = username === undefined || (typeof username === 'string' && username !== '')
  return isIdRight && isNameRight && (id !== undefined || username !== undefined)
}

/** Tells whether a value can be read as a whole and is finite. Throws when reading does. */
function isReadable(value: unknown): boolean {
  const open = [value]
  let count = 0
  while (open.length > 0) {
    const item = open.pop()
    const isList = Array.isArray(item)
    if (!isList && !isPlainObject(item)) continue
    // Not `Object.values`, which takes three times as long for objects of many members.
    const names = isList ? [] : Object.keys(item)
    count += isList ? item.length : names.length
    if (count > mostItems) return false
    if (isList) for (const member of item) open.push(member)
    else for (const name of names) open.push(item[name])
  }
  return true
}

/** Tells whether a moment has a date that every database knows. Those of MySQL begin with the year 1000. */
export function isStorableInstant(instant: Instant | undefined): instant is Instant {
  return instant !== undefined && instant >= '1000'
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function isSchema(value: unknown): boolean {
  return isObject(value) && isFunction(value, 'validate')
}

function isFunction(value: object, member: string | symbol): boolean {
  return typeof Reflect.get(value, member) === 'function'
}

function expectedOf(kind: Kind): string {
  switch (kind.is) {
    case 'actor':
      return 'an object that says who asks: a person, `anonymous` or `system`'
    case 'whom':
      return 'a username, or an object with the id or the username of a person'
    case 'text':
      return 'text'
    case 'name':
      return `text of 1 to ${longestName} characters that can be stored`
    case 'visible':
      return 'text of 1 to 255 visible characters of ASCII'
    case 'id':
      return 'the id of a person'
    case 'count':
      return `a whole number from ${kind.lowest} to ${kind.highest}`
    case 'boolean':
      return 'true or false'
    case 'one':
      return `one of ${kind.of.join(', ')}`
    case 'moment':
      return 'a Date or text of ISO 8601'
    case 'function':
      return 'a function'
    case 'iterable':
      return 'a list, or another iterable'
    case 'json':
      return `a value of JSON of up to ${jsonLimits.maxBytes} bytes`
    case 'document':
      return `a value that can be read, with up to ${mostItems} items and members`
    case 'methods':
      return ['an object', ...kind.of].join(', with the method ')
    case 'schema':
      return 'a schema of a library that speaks Standard Schema'
    case 'either':
      return kind.of.map(expectedOf).join('; or ')
    case 'record':
      return `an object, each member of which is ${expectedOf(kind.of)}`
    case 'list':
      return `a list of up to ${longestList} items, each ${expectedOf(kind.of)}`
    case 'object':
      return `an object without other members than ${Object.keys(kind.members).join(', ')}`
    case 'optional':
      return kind.orNull === true ? `${expectedOf(kind.of)}, null or left out` : `${expectedOf(kind.of)}, or left out`
  }
}

const longestName = 255

function isName(value: string): boolean {
  // Characters take two units at most, so that a longer text need not be read.
  return value !== '' && value.length <= 2 * longestName && lengthOf(value) <= longestName && isStorableText(value)
}

/**
 * Returns the id of a person in the form in which the store gives it out: a number, or text where it is too great for a
 * number to hold exactly. Returns `undefined` for a value that is no id.
 */
function readUserId(id: unknown, idType: IdType): number | string | undefined {
  if (idType === 'text') {
    const text = typeof id === 'number' ? String(id) : id
    return typeof text === 'string' && isName(text) ? text : undefined
  }
  if (typeof id === 'number') return Number.isSafeInteger(id) ? id : undefined
  // Ids have up to 64 bits, which are 20 digits.
  if (typeof id !== 'string' || id.length > 40 || !/^\s*[+-]?\d{1,20}\s*$/.test(id)) return undefined
  const number = Number(id)
  return Number.isSafeInteger(number) ? number : String(BigInt(id.trim().replace('+', '')))
}

/** Returns an argument that must be the id of a person; text of digits is taken where ids are numbers. Throws `bad_request`. */
export function requireUserId(id: unknown, idType: IdType, argument: string): number | string {
  const read = readUserId(id, idType)
  if (read === undefined) throw badArgument(argument, expectedOf({ is: 'id' }))
  return read
}

/** Returns an argument that must be text. Throws `bad_request`. */
export function requireText(value: unknown, argument: string): string {
  if (typeof value !== 'string') throw badArgument(argument, expectedOf({ is: 'text' }))
  return value
}

/** Returns an argument that must be a name: 1 to 255 characters that can be stored. Throws `bad_request`. */
export function requireName(value: unknown, argument: string): string {
  if (typeof value !== 'string' || !isName(value)) throw badArgument(argument, expectedOf({ is: 'name' }))
  return value
}
