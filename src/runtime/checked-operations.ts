import type { Actor } from '../site/actor.ts'
import { requireArguments } from '../values/arguments.ts'
import type { Argument } from '../values/kinds.ts'
import { type Core, reportedAs, reportingAs } from './core.ts'
import { requireOnePerson } from './load-account.ts'
import { logged } from './log.ts'
import { traced } from './tracing.ts'

/** The arguments of an operation, in their order. An operation that returns no promise names the kind of its result. */
export type OperationArguments =
  | readonly Argument[]
  | { readonly items: readonly Argument[] }
  | { readonly value: readonly Argument[] }

type Operation = (...values: never) => unknown

/** The arguments of each operation of an interface, as many as it has parameters. */
export type ArgumentTable<Operations> = {
  readonly [Name in keyof Operations as Operations[Name] extends Operation ? Name : never]: EntryOf<Operations[Name]>
}

type EntryOf<Checked> = Checked extends (...values: infer Values) => infer Result
  ? Result extends Promise<unknown>
    ? NamesOf<Values>
    : Result extends AsyncGenerator
      ? { readonly items: NamesOf<Values> }
      : { readonly value: NamesOf<Values> }
  : never

type NamesOf<Values extends readonly unknown[]> = { readonly [Index in keyof Values]-?: Argument }

/**
 * Makes the operations of an area as hosts call them. The arguments of each are checked by its list before storage, a
 * hook or a schema is asked. An actor who gives both an id and a username is refused unless they belong together, which
 * an operation that returns no promise cannot check. Calls are logged and traced, and every error is a usercore error.
 */
export function checkedOperations<Operations extends object>(
  core: Core,
  area: string,
  table: Readonly<Record<string, OperationArguments>>,
  operations: Operations,
): Operations {
  const checked = Object.entries(operations as Readonly<Record<string, (...values: unknown[]) => unknown>>).map(
    ([name, operation]) => {
      const list = table[name]
      if (list === undefined) throw new Error(`${area}.${name} has no list of arguments`)
      return [name, checkedOperation(core, `${area}.${name}`, list, operation)]
    },
  )
  return Object.fromEntries(checked) as Operations
}

function checkedOperation<Result>(
  core: Core,
  name: string,
  list: OperationArguments,
  operation: (...values: unknown[]) => Result,
) {
  const { host, repository } = core
  const checked = 'items' in list ? list.items : 'value' in list ? list.value : list
  const actorAt = checked.findIndex(({ kind }) => kind.is === 'actor')
  /** Checks the arguments and runs the operation, once the id and the username of the actor belong to one person. */
  const runAsOne = async (values: unknown[]): Promise<Awaited<Result>> => {
    try {
      requireArguments(values, checked, repository.idType)
      const asked = actorAt >= 0 ? requireOnePerson(core, values[actorAt] as Actor) : undefined
      if (asked !== undefined) await asked
      return await operation(...values)
    } catch (error) {
      throw reportedAs('internal_error', error)
    }
  }
  if ('items' in list) return (...values: unknown[]) => items(() => runAsOne(values) as Promise<AsyncGenerator>)
  if ('value' in list) {
    return (...values: unknown[]) => {
      try {
        requireArguments(values, checked, repository.idType)
        return operation(...values)
      } catch (error) {
        throw reportedAs('internal_error', error)
      }
    }
  }
  return (...values: unknown[]) => logged(host.logger, name, () => traced(name, () => runAsOne(values)))
}

/** Yields the items of a generator that is made when the first one is asked for; errors leave as usercore errors. */
async function* items(make: () => Promise<AsyncGenerator>): AsyncGenerator {
  const made = await make()
  try {
    while (true) {
      const { done, value } = await reportingAs('internal_error', () => made.next())
      if (done === true) return
      yield value
    }
  } finally {
    await made.return(undefined)
  }
}
