import { accountArguments } from '../../src/accounts/arguments.ts'
import { extendedProfileArguments } from '../../src/accounts/extended-profile/arguments.ts'
import { courseTagArguments, partitionArguments } from '../../src/course-tags/arguments.ts'
import { coreArguments } from '../../src/create-user-core.ts'
import { emailOptInArguments } from '../../src/email-opt-ins/arguments.ts'
import { outboxArguments } from '../../src/outbox/outbox.ts'
import { personalDataArguments } from '../../src/personal-data/arguments.ts'
import { preferenceArguments } from '../../src/preferences/arguments.ts'
import { partnerReportArguments, retiredArguments, retirementArguments } from '../../src/retirement/arguments.ts'
import { idempotencyArguments } from '../../src/runtime/idempotency.ts'
import type { Argument } from '../../src/values/kinds.ts'
import { coreSamples, samples } from './argument-samples.ts'

const tables = {
  ...coreArguments,
  accounts: accountArguments,
  extendedProfile: extendedProfileArguments,
  preferences: preferenceArguments,
  emailOptIns: emailOptInArguments,
  courseTags: courseTagArguments,
  partitions: partitionArguments,
  retirement: { ...retirementArguments, partnerReports: partnerReportArguments },
  personalData: personalDataArguments,
  retired: retiredArguments,
  outbox: outboxArguments,
  idempotency: idempotencyArguments,
}

/** An operation that was found in a user core, such as `accounts.get`, with its table and the sample of its arguments. */
export interface FoundOperation {
  readonly name: string
  readonly list: readonly Argument[]
  readonly sample: readonly unknown[]
  /** Calls it; generators are run to their end. */
  call(users: object, values: readonly unknown[]): Promise<unknown>
}

/** Every operation that a user core has, found by looking at the object. */
export function operationsOf(users: object): FoundOperation[] {
  return namesIn(users, '').map((name) => ({
    name,
    list: listOf(at(tables, name)),
    sample: (at({ ...samples, ...coreSamples }, name) ?? []) as readonly unknown[],
    async call(core, values) {
      const operation = at(core, name) as (...values: readonly unknown[]) => unknown
      const answer = await operation(...values)
      const isGenerator = typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer
      if (!isGenerator) return answer
      const items: unknown[] = []
      for await (const item of answer as AsyncIterable<unknown>) items.push(item)
      return items
    },
  }))
}

function namesIn(area: object, prefix: string): string[] {
  return Object.entries(area).flatMap(([name, member]) => {
    // A wrong transaction is one of the wrong options: see options.test.ts.
    if (name === 'with') return []
    if (typeof member === 'function') return [prefix + name]
    return name === 'settings' ? [] : namesIn(member, `${prefix}${name}.`)
  })
}

function at(root: object, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], root)
}

function listOf(entry: unknown): readonly Argument[] {
  if (Array.isArray(entry)) return entry
  const { items, value } = (entry ?? {}) as { items?: readonly Argument[]; value?: readonly Argument[] }
  return items ?? value ?? []
}
