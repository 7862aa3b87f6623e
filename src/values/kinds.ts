/**
 * The kind of a value that an operation takes, as data. `problemOf` checks a value by it, and the tests derive from it
 * the values that have to be refused.
 */
export type Kind =
  /** An actor. */
  | { readonly is: 'actor' }
  /** A person: a username, or an object with an id or a username. */
  | { readonly is: 'whom' }
  /** Any text: a name that no person can have finds no person. */
  | { readonly is: 'text' }
  /** The name of something: 1 to 255 characters that can be stored. */
  | { readonly is: 'name' }
  /** 1 to 255 visible ASCII characters, as header fields can carry. */
  | { readonly is: 'visible' }
  /** The id of a person; text of digits is taken where ids are numbers. */
  | { readonly is: 'id' }
  /** A whole number. */
  | { readonly is: 'count'; readonly lowest: number; readonly highest: number }
  | { readonly is: 'boolean' }
  | { readonly is: 'one'; readonly of: readonly string[] }
  /** A `Date`, or text of ISO 8601. */
  | { readonly is: 'moment' }
  | { readonly is: 'function' }
  /** A list, or any other value that can be iterated, also asynchronously. */
  | { readonly is: 'iterable' }
  /** Any JSON value of bounded size. */
  | { readonly is: 'json' }
  /** A document whose members the rules of the operation check one by one; here it only has to be readable. */
  | { readonly is: 'document' }
  /** An object of any class that has these methods. */
  | { readonly is: 'methods'; readonly of: readonly string[] }
  /** A schema of any library that speaks Standard Schema. */
  | { readonly is: 'schema' }
  /** A value of any of these kinds. */
  | { readonly is: 'either'; readonly of: readonly Kind[] }
  | { readonly is: 'list'; readonly of: Kind }
  /** An object with members of any name. */
  | { readonly is: 'record'; readonly of: Kind }
  /** An object with no other members than these. */
  | { readonly is: 'object'; readonly members: Readonly<Record<string, Kind>> }
  /** A value that may be left out; `orNull`: null leaves it out as well. */
  | { readonly is: 'optional'; readonly of: Kind; readonly orNull?: true }

/** One argument of an operation: its name in the signature and in errors, and its kind. */
export interface Argument {
  readonly name: string
  readonly kind: Kind
}

export function argument(name: string, kind: Kind): Argument {
  return { name, kind }
}

/** A person: a username, or an object with an id or a username. */
export const person: Kind = { is: 'whom' }
export const text: Kind = { is: 'text' }
export const name: Kind = { is: 'name' }
export const id: Kind = { is: 'id' }
export const boolean: Kind = { is: 'boolean' }
export const moment: Kind = { is: 'moment' }
export const callback: Kind = { is: 'function' }
export const json: Kind = { is: 'json' }
export const document: Kind = { is: 'document' }
export const iterable: Kind = { is: 'iterable' }
export const schema: Kind = { is: 'schema' }

export function count(lowest: number, highest: number): Kind {
  return { is: 'count', lowest, highest }
}

export function oneOf(...of: readonly string[]): Kind {
  return { is: 'one', of }
}

/** A value of any of these kinds. */
export function either(...of: readonly Kind[]): Kind {
  return { is: 'either', of }
}

export function listOf(of: Kind): Kind {
  return { is: 'list', of }
}

export function methods(...of: readonly string[]): Kind {
  return { is: 'methods', of }
}

/** A repository; `usercore/testing` checks what its methods return. */
export const repositoryKind = methods('findAccounts', 'select', 'insertUser', 'commit', 'with')

/** A store of personal data. */
export const personalDataKind = methods('count', 'read', 'find', 'findEqual', 'erase', 'references', 'with')

export function recordOf(of: Kind): Kind {
  return { is: 'record', of }
}

export function optional(of: Kind): Kind {
  return { is: 'optional', of }
}

export function orNothing(of: Kind): Kind {
  return { is: 'optional', of, orNull: true }
}

/** Makes the kind of an object with these members; those whose kind is `optional` may be left out. */
export function object(members: Readonly<Record<string, Kind>>): Kind {
  return { is: 'object', members }
}

/** The key under which a call is made once. */
export const idempotencyKey: Kind = { is: 'visible' }
/** The number of things that a call can take or ask for at once. */
export const size = count(1, 1_000_000)
/** The version of an account or a row. */
export const version = count(0, Number.MAX_SAFE_INTEGER)
/** A lease of up to a week; no caller would see the end of a later one. */
export const leaseSeconds = count(1, 7 * 24 * 3600)
/** A lease of up to ninety days, for batches that people work on. */
export const leaseHours = count(1, 90 * 24)

export const actor = argument('actor', { is: 'actor' })
/** The person whose account it is. */
export const whom = argument('whom', person)
/** The people whose accounts they are. */
export const whoms = argument('whom', listOf(person))
export const username = argument('username', text)

/** Makes the options of an operation, all of which may be left out. */
export function options(members: Readonly<Record<string, Kind>>): Argument {
  const kinds = Object.entries(members).map(([member, kind]) => [member, optional(kind)])
  return argument('options', optional(object(Object.fromEntries(kinds))))
}
