import { configError, longestList, type Problem, problemOf } from './arguments.ts'
import { isPlainObject } from './json.ts'
import type { Kind } from './kinds.ts'

/**
 * Throws `config_error` unless the value of an option is of a kind. It names what is wrong: a member by the path to it,
 * such as `users.columns.id`, also one that the kind does not have.
 */
export function requireOption(value: unknown, kind: Kind, option: string): void {
  const problem = optionProblem(value, kind, option)
  if (problem !== undefined) throw configError(problem.argument, problem.expected)
}

/** Throws as `requireOption` does, for the options of a function, each of which is named without a path. */
export function requireOptions(value: unknown, kind: Kind): void {
  const problem = optionProblem(value, kind, '')
  if (problem !== undefined) throw configError(problem.argument || 'options', problem.expected)
}

function optionProblem(value: unknown, kind: Kind, place: string): Problem | undefined {
  const problem = problemOf(value, kind, place, 'integer')
  if (problem === undefined) return undefined
  try {
    return memberProblem(value, kind.is === 'optional' ? kind.of : kind, place) ?? { ...problem, argument: place }
  } catch {
    // A getter or the trap of a proxy threw, so that no member can be named.
    return { ...problem, argument: place }
  }
}

/** Returns the problem of the first member that has one; members that the kind does not have come first. */
function memberProblem(value: unknown, kind: Kind, place: string): Problem | undefined {
  const pathTo = (member: string | number) => (place === '' ? String(member) : `${place}.${member}`)
  if (kind.is === 'list' && Array.isArray(value) && value.length <= longestList) {
    return first(value, (item, index) => optionProblem(item, kind.of, pathTo(index)))
  }
  if (!isPlainObject(value)) return undefined
  if (kind.is === 'record') {
    return first(Object.entries(value), ([name, member]) => optionProblem(member, kind.of, pathTo(name)))
  }
  if (kind.is !== 'object') return undefined
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(kind.members, name))
  if (unknown !== undefined) {
    const known = Object.keys(kind.members).join(', ')
    return { argument: pathTo(unknown), expected: `left out: it is not one of ${known}` }
  }
  return first(Object.entries(kind.members), ([name, of]) => optionProblem(value[name], of, pathTo(name)))
}

/** Returns the first problem that a check finds; items that are missing in a list are checked as `undefined`. */
function first<Item>(items: readonly Item[], check: (item: Item, index: number) => Problem | undefined) {
  for (const [index, item] of items.entries()) {
    const problem = check(item, index)
    if (problem !== undefined) return problem
  }
  return undefined
}
