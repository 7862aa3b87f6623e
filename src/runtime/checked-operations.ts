import { requireArguments } from '../values/arguments.ts'
import type { Argument } from '../values/kinds.ts'
import { type Core, reportedAs, reportingAs } from './core.ts'
import { logged } from './log.ts'
import { traced } from './tracing.ts'

/** The arguments of an operation, in their order. An operation that answers no promise says what it answers. */
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
 * Makes the operations of an area what hosts call: the arguments of each are checked by its list before anything is asked
 * of storage, of a hook or of a schema; calls are logged and traced; and every error is a usercore error.
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
  const run = (values: unknown[], args: readonly Argument[]): Result => {
    requireArguments(values, args, repository.idType)
    return operation(...values)
  }
  if ('items' in list) return (...values: unknown[]) => items(async () => run(values, list.items) as AsyncGenerator)
  if ('value' in list) {
    return (...values: unknown[]) => {
      try {
        return run(values, list.value)
      } catch (error) {
        throw reportedAs('internal_error', error)
      }
    }
  }
  return (...values: unknown[]) =>
    logged(host.logger, name, () => traced(name, () => reportingAs('internal_error', async () => run(values, list))))
}

/** The items of a generator that is made at the first one; errors leave as usercore errors. */
async function* items(make: () => Promise<AsyncGenerator>): AsyncGenerator {
  const made = await reportingAs('internal_error', make)
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
