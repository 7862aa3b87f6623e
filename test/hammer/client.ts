import { setTimeout as sleep } from 'node:timers/promises'
import { StorageError } from '../../src/port/repository.ts'
import { complete } from '../../src/retirement/pipeline.ts'
import { isUserCoreError, type UserCoreError } from '../../src/values/errors.ts'
import { ada, driver, type HammerCore, messageOf, pipeline, watched } from './hammer-core.ts'
import { type Entry, type Outcome, ownName, sharedName } from './journal.ts'

/** A client: a number, a way in, and where it writes down what it does. */
export interface Client {
  readonly number: number
  readonly users: HammerCore
  readonly leaseSeconds: number
  note(entry: Entry): void
}

/** Does one thing after the other until it is told to stop. */
export async function runClient(client: Client, isOver: () => boolean): Promise<void> {
  const count = { update: 0, preference: 0 }
  const actions: readonly [doing: string, act: () => Promise<void>][] = [
    ['update', () => update(client, ++count.update)],
    ['update', () => update(client, ++count.update)],
    ['update of a version', () => updateVersion(client, ++count.update)],
    ['update of preferences', () => updatePreference(client, ++count.preference)],
    ['look', () => look(client)],
    ['deliver', () => deliver(client)],
    ['deliver', () => deliver(client)],
    ['claim', () => claim(client)],
  ]
  while (!isOver()) {
    const action = actions[Math.floor(Math.random() * actions.length)]
    if (action === undefined) return
    const [doing, act] = action
    try {
      await act()
    } catch (error) {
      if (!isDeadConnection(error)) client.note({ what: 'error', doing, error: describe(error) })
    }
  }
}

/** A value that no other write has, for some of the writes. */
const tokenOf = (client: Client, count: number) => (Math.random() < 0.5 ? `${client.number}:${count}` : null)

async function update(client: Client, value: number, expectedVersion?: number): Promise<void> {
  const { number, users } = client
  const token = tokenOf(client, value)
  const fields = { [ownName(number)]: value, ...(token === null ? {} : { [sharedName]: token }) }
  const patch = { extended_profile: fields, ...(token === null ? {} : { bio: token }) }
  let version: number | undefined
  const outcome = await outcomeOf(expectedVersion !== undefined, async () => {
    const options = expectedVersion === undefined ? {} : { expectedVersion }
    version = (await users.accounts.update(ada, 'ada', patch, options)).version
  })
  const entry = { what: 'update', client: number, value, token, outcome } as const
  client.note(version === undefined ? entry : { ...entry, version })
}

async function updateVersion(client: Client, value: number): Promise<void> {
  const { version } = await client.users.accounts.getVersioned(ada, ada)
  await update(client, value, version)
}

async function updatePreference(client: Client, value: number): Promise<void> {
  const token = tokenOf(client, value)
  const patch = { [ownName(client.number)]: String(value), ...(token === null ? {} : { [sharedName]: token }) }
  const outcome = await outcomeOf(false, () => client.users.preferences.update(ada, 'ada', patch))
  client.note({ what: 'preference', client: client.number, value, token, outcome })
}

/** Two fields that are always written together are seen together. */
async function look(client: Client): Promise<void> {
  const { account } = await client.users.accounts.getVersioned(ada, ada)
  const { values } = await client.users.extendedProfile.get(ada, ada)
  const isSame = (account.bio ?? undefined) === values[sharedName]
  // They come in two reads: somebody may have written between them.
  const again = await client.users.accounts.getVersioned(ada, ada)
  if (!isSame && again.account.bio === account.bio) client.note({ what: 'torn', client: client.number })
}

/** Delivers some messages, each under a lease of its own: a person has one message out at a time. */
async function deliver(client: Client): Promise<void> {
  const most = 1 + Math.floor(Math.random() * 20)
  for (let count = 0; count < most; count++) if (!(await deliverOne(client))) return
}

/** Returns whether there was a message to deliver. */
async function deliverOne(client: Client): Promise<boolean> {
  const call: { from?: number; lease?: string } = {}
  const hold = () => {
    const from = call.from ?? 0
    return { lease: call.lease ?? '', from, until: from + client.leaseSeconds * 1000 }
  }
  const ids: string[] = []
  const { failed } = await watched(call, () =>
    client.users.outbox.deliver(
      async (message) => {
        client.note({ what: 'message', ...hold(), message: messageOf(message), at: Date.now() })
        ids.push(message.id)
        // A few take longer than their lease, and a few fail.
        if (Math.random() < 0.01) await sleep(client.leaseSeconds * 1200)
        if (Math.random() < 0.03) throw new Error('mail server is away')
      },
      { limit: 1, leaseSeconds: client.leaseSeconds },
    ),
  )
  const gone = new Set(failed.map(({ id }) => id))
  client.note({ what: 'delivered', ...hold(), ids: ids.filter((id) => !gone.has(id)), at: Date.now() })
  return ids.length > 0
}

async function claim(client: Client): Promise<void> {
  const { users, leaseSeconds } = client
  const call: { from?: number } = {}
  const limit = 3
  const claimed = await watched(call, () => users.retirement.claim(driver, { limit, leaseSeconds })).catch((error) => {
    if (isDeadConnection(error)) client.note({ what: 'lost claim', limit })
    throw error
  })
  const [from, at] = [call.from ?? 0, Date.now()]
  const all = claimed.map(({ lease, retirement }) => ({ lease, username: retirement.original_username, retirement }))
  for (const { lease, username } of all)
    client.note({ what: 'claim', lease, from, until: from + leaseSeconds * 1000, username, at })
  for (const { username, ...claim } of all) {
    const { lease, retirement } = claim
    // Some come back when another worker may have it.
    if (Math.random() < 0.3) await sleep(leaseSeconds * 1200)
    const to = stateAfter(retirement.current_state.state_name)
    const began = Date.now()
    const outcome = await outcomeOf(true, () => users.retirement.move(driver, claim, { state: to, note: '' }))
    client.note({ what: 'move', lease, username, to, at: began, outcome })
  }
}

function stateAfter(state: string): string {
  const index = pipeline.states.findIndex(({ state_name }) => state_name === state)
  return pipeline.states[index + 1]?.state_name ?? complete
}

/** What became of a write. A rule may turn it away only where `mayConflict`. */
async function outcomeOf(mayConflict: boolean, write: () => Promise<unknown>): Promise<Outcome> {
  try {
    await write()
    return 'stored'
  } catch (error) {
    if (isDeadConnection(error)) return 'unknown'
    if (isUserCoreError(error, 'conflict') && error.params.reason === 'too_many_writers') return 'gave up'
    if (mayConflict && isUserCoreError(error) && refusals.has(error.code)) return 'refused'
    throw error
  }
}

const refusals: ReadonlySet<string> = new Set<UserCoreError['code']>(['conflict', 'retirement_state_error'])

/** Codes of drivers that say that a connection is gone. */
const deadConnections: ReadonlySet<string> = new Set([
  '57P01',
  '08006',
  '1927',
  'PROTOCOL_CONNECTION_LOST',
  'ECONNRESET',
  'EPIPE',
])

function isDeadConnection(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof StorageError && deadConnections.has(cause.driver_code)
}

function describe(error: unknown): string {
  return isUserCoreError(error)
    ? `${error.code} ${JSON.stringify(error.params)} ${String(error.cause ?? '')}`
    : String(error)
}
