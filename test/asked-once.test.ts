import { afterEach, describe, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { createUserCore, defineExtendedProfile, definePreferences } from '../src/index.ts'
import { memoryRepository } from '../src/memory/index.ts'
import { defaultPipeline } from '../src/retirement/pipeline.ts'
import { system } from '../src/site/actor.ts'
import { isUserCoreError } from '../src/values/errors.ts'
import { withPeople } from './support/host.ts'
import { operationsOf } from './support/operations.ts'

/** Operations that look at the clock again, with the reason. */
const asksAgain: Readonly<Record<string, string>> = {
  'outbox.deliver': 'a handler takes time, and the lease can end meanwhile',
  'personalData.export': 'the manifest says from when to when it was read',
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

/** Operations that are not for holders: trusted code gets through, and the holder is refused. */
const notForHolders: readonly string[] = [
  'accounts.getByEmail',
  'accounts.searchByEmail',
  'accounts.list',
  'accounts.reindex',
  'accounts.create',
  'accounts.updateAsOperator',
  'accounts.disableLogIn',
  'accounts.deactivate',
  'accounts.reactivate',
  'accounts.recordLogin',
  'accounts.replaceUsernames',
  'extendedProfile.migrate',
  'preferences.getMany',
  'preferences.list',
  'preferences.usersByKey',
  'emailOptIns.optOutMany',
  'idempotency.expire',
  'retirement.setPipeline',
  'retirement.getPipeline',
  'retirement.requestMany',
  'retirement.list',
  'retirement.find',
  'retirement.claim',
  'retirement.moveMany',
  'retirement.cleanUp',
  'retirement.archive',
  'retirement.retiredUsers',
  'retirement.holds',
  'retirement.closeHolds',
  'retirement.receiptsOf',
  'retirement.sealReceipts',
  'retirement.verifyReceipts',
  'retirement.replay',
  'retirement.partnerReports.overdue',
  'retired.isRetired',
  'retired.rehash',
  'retired.rewrap',
  'outbox.dead',
  'outbox.redrive',
  'outbox.stats',
  'retirement.heartbeat',
  'retirement.reopen',
  'retirement.work',
  'retirement.stats',
]

/** Operations whose sample is refused by intent, with the code for trusted code and for the holder. */
const refused: Readonly<Record<string, readonly [bySystem: string, byHolder: string]>> = {
  'accounts.activate': ['not_found', 'not_found'],
  'accounts.confirmEmailChange': ['not_found', 'not_found'],
  'accounts.confirmSecondaryEmail': ['not_found', 'not_found'],
  'accounts.confirmNameChange': ['not_found', 'not_authorized'],
  'accounts.releaseUsername': ['not_found', 'not_authorized'],
  'emailOptIns.export': ['config_error', 'not_authorized'],
  'emailOptIns.exportCsv': ['config_error', 'not_authorized'],
  'retirement.request': ['user_not_found', 'not_authorized'],
  'retirement.requestByOperator': ['user_not_found', 'not_authorized'],
  'retirement.cancel': ['not_found', 'not_authorized'],
  'retirement.get': ['not_found', 'not_authorized'],
  'retirement.history': ['not_found', 'not_authorized'],
  'retirement.verify': ['not_found', 'not_authorized'],
  'retirement.release': ['not_found', 'not_authorized'],
  'retirement.move': ['not_found', 'not_authorized'],
  'retirement.advance': ['not_found', 'not_authorized'],
  'retirement.runStep': ['not_found', 'not_authorized'],
  'retirement.hold': ['user_not_found', 'not_authorized'],
  'retirement.releaseHold': ['not_found', 'not_authorized'],
  'retirement.partnerReports.take': ['config_error', 'not_authorized'],
  'retirement.partnerReports.finish': ['bad_request', 'not_authorized'],
  'retired.current': ['config_error', 'not_authorized'],
  'retired.findUser': ['user_not_found', 'not_authorized'],
  'retired.releaseEmail': ['retirement_state_error', 'not_authorized'],
}

const codeOf = (error: unknown) => (isUserCoreError(error) ? error.code : String(error))

describe('the clock and each hook are asked at most once a call, and each document is read once', () => {
  it.each(operations.map((operation) => [operation.name, operation] as const))('%s', async (name, operation) => {
    const outcomes: string[] = []
    // By trusted code, and by the holder.
    for (const actor of [system, ada]) {
      const { users, counts } = await countingSite()
      const values = operation.sample.map((value) => (value === system ? actor : anyVersion(value)))
      outcomes.push(await operation.call(users, values).then(() => 'ok', codeOf))
      vi.restoreAllMocks()
      const again = [...counts].filter(([, count]) => count > 1).map(([question, count]) => `${question}: ${count}`)
      if (!(name in asksAgain)) expect(again).toEqual([])
    }
    expect(outcomes).toEqual(refused[name] ?? ['ok', notForHolders.includes(name) ? 'not_authorized' : 'ok'])
  })
})
