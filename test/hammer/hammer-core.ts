import { AsyncLocalStorage } from 'node:async_hooks'
import { v7 as uuid7 } from 'uuid'
import * as z from 'zod'
import { createUserCore } from '../../src/create-user-core.ts'
import type { OutboxMessage } from '../../src/outbox/messages.ts'
import type { Repository } from '../../src/port/repository.ts'
import { definePipeline } from '../../src/retirement/pipeline.ts'
import { defineExtendedProfile } from '../../src/site/define-extended-profile.ts'
import { type Message, ownName, sharedName } from './journal.ts'

/** Whose account is hammered, and who works on retirements. */
export const ada = { username: 'ada' }
export const driver = { username: 'RETIREMENT_SERVICE_USER' }

/** So many steps that no retirement comes to its end. */
export const pipeline = definePipeline(
  Array.from({ length: 80 }, (_, step) => ({ step: `s${step}`, working: `WORKING_${step}`, done: `DONE_${step}` })),
)

/** What a call got from the clock and the ids first: its lease begins with the one and is named by the other. */
interface Call {
  from?: number
  lease?: string
}
const calls = new AsyncLocalStorage<Call>()

/** Runs a call of a hammer's user core; `call` is filled in as it goes. */
export function watched<Result>(call: Call, run: () => Promise<Result>): Promise<Result> {
  return calls.run(call, run)
}

/** The user core of a hammer with so many clients. Events and history tell all that clients write. */
export function hammerCore(repository: Repository<unknown>, clients: number) {
  const own = Array.from({ length: clients }, (_, client) => [ownName(client), z.number()] as const)
  const fields = [...own, [sharedName, z.string()] as const]
  return createUserCore({
    repository,
    settings: {
      event_value_fields: ['bio', ...fields.map(([name]) => name)],
      minimum_cool_off_days: 0,
      retirement_service_worker_username: driver.username,
      retired_identifier_keys: [{ id: 'k1', secret: 'a secret that only the hammer knows of' }],
    },
    extendedProfile: defineExtendedProfile(
      Object.fromEntries(fields.map(([name, schema]) => [name, { schema, history: true }])),
    ),
    clock() {
      const now = new Date()
      const call = calls.getStore()
      if (call !== undefined) call.from ??= now.getTime()
      return now
    },
    ids() {
      const id = uuid7()
      const call = calls.getStore()
      if (call !== undefined) call.lease ??= id
      return id
    },
  })
}
export type HammerCore = ReturnType<typeof hammerCore>

export function messageOf({ id, name, payload }: OutboxMessage): Message {
  const changes = 'changes' in payload ? payload.changes : []
  return { id, name, changes: changes.flatMap((change) => ('redacted' in change ? [] : [change])) }
}
