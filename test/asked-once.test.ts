import { afterEach, describe, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { createUserCore, defineExtendedProfile, definePreferences } from '../src/index.ts'
import { memoryRepository } from '../src/memory/index.ts'
import { defaultPipeline } from '../src/retirement/pipeline.ts'
import { system } from '../src/site/actor.ts'
import { withPeople } from './support/host.ts'
import { operationsOf } from './support/operations.ts'

/** Operations that look at the clock again, with the reason. */
const asksAgain: Readonly<Record<string, string>> = {
  'outbox.deliver': 'a handler takes time, and the lease can end meanwhile',
}

const ada = { username: 'ada' }

/** A site with two people that counts the questions to its clock and its hooks, by hook and arguments, and the reading of documents. */
async function countingSite() {
  const counts = new Map<string, number>()
  const counted =
    <Values extends unknown[], Answer>(name: string, answer: (...values: Values) => Answer) =>
    (...values: Values): Answer => {
      const key = `${name}(${JSON.stringify(values.filter((value) => !(value instanceof AbortSignal)))})`
      counts.set(key, (counts.get(key) ?? 0) + 1)
      return answer(...values)
    }
  const users = await withPeople(memoryRepository(), {
    clock: counted('clock', () => new Date()),
    derivedFields: counted('derivedFields', async () => new Map()),
    isReadOnly: counted('isReadOnly', () => false),
    isCountryRestricted: counted('isCountryRestricted', () => false),
    nameNeedsVerification: counted('nameNeedsVerification', () => false),
    extendedProfile: defineExtendedProfile({ occupation: { schema: z.string(), history: true } }),
    preferences: definePreferences({}),
    credentials: {
      verify: counted('verify', async () => true),
      set: async () => {},
      disable: async () => {},
    },
    settings: { enable_secondary_email: true },
  })
  await users.retirement.setPipeline(system, defaultPipeline, {})
  await users.extendedProfile.update(ada, 'ada', { occupation: 'Mathematician' })
  const parse = JSON.parse
  vi.spyOn(JSON, 'parse').mockImplementation((text, reviver) =>
    String(text).includes('occupation') ? counted('JSON.parse', parse)(text) : parse(text, reviver),
  )
  counts.clear()
  return { users, counts }
}

const operations = operationsOf(createUserCore({ repository: memoryRepository() }))

/** Options without the version that the account is expected to have. */
function anyVersion(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('expectedVersion' in value)) return value
  const { expectedVersion: _, ...options } = value
  return options
}

afterEach(() => void vi.restoreAllMocks())

describe('the clock and each hook are asked at most once a call, and each document is read once', () => {
  it.each(operations.map((operation) => [operation.name, operation] as const))('%s', async (name, operation) => {
    // By trusted code, and by the holder.
    for (const actor of [system, ada]) {
      const { users, counts } = await countingSite()
      const values = operation.sample.map((value) => (value === system ? actor : anyVersion(value)))
      await operation.call(users, values).catch(() => {})
      vi.restoreAllMocks()
      const again = [...counts].filter(([, count]) => count > 1).map(([question, count]) => `${question}: ${count}`)
      if (!(name in asksAgain)) expect(again).toEqual([])
    }
  })
})
