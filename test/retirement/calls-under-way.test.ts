import { expect, it } from 'vitest'
import { hashKey, proofHash } from '../../src/accounts/fields/confirmation-key.ts'
import { createUserCore } from '../../src/create-user-core.ts'
import { memoryRepository } from '../../src/memory/index.ts'
import type { Repository } from '../../src/port/repository.ts'
import { type TableName, tables, type UserId } from '../../src/port/tables.ts'
import { system } from '../../src/site/actor.ts'
import { defineExtendedProfile } from '../../src/site/define-extended-profile.ts'
import { isUserCoreError } from '../../src/values/errors.ts'
import { drain, mailedKey } from '../support/host.ts'
import { type FoundOperation, operationsOf } from '../support/operations.ts'
import { onEachStore, type TestStore } from '../support/stores.ts'
import { bringTo, chief, keys, nextKey, openSite, type Site, support, worker } from './site.ts'

/** The call of an operation whose sample would write nothing about Ada. */
interface Call {
  /** Brings Ada into the state that the call needs. Returns an argument that comes from there. */
  readonly before?: (site: Site, id: UserId, repository: Repository) => Promise<unknown>
  /** Makes the arguments of the call. Default: those of the sample. */
  readonly values?: (found: unknown) => readonly unknown[]
}

const ada = { username: 'ada' }
const bob = { username: 'bob' }
const requested = (site: Site) => bringTo(site, 'ada', 'PENDING')
const inState = (state: string) => (site: Site) => bringTo(site, 'ada', state)
const calling = (...values: readonly unknown[]): Call => ({ values: () => values })

/** Asks for another address of Ada. Returns the key that was mailed for it. */
const wanted = (field: 'email' | 'secondary_email', mail: string) => async (site: Site) => {
  await site.users.accounts.update(ada, 'ada', { [field]: 'ada@example.org' })
  return mailedKey(site.users, mail)
}

/** Makes Ada's account wait for its activation. Returns the key. */
async function inactive(_: Site, user_id: UserId, repository: Repository): Promise<string> {
  const key = 'key'
  const proof = { key_hash: hashKey(key), proof_hash: proofHash(key, 'ada@example.com') }
  await repository.commit([
    { update: 'users', set: { is_active: false }, where: { id: user_id } },
    {
      insert: 'registrations',
      rows: [{ user_id, ...proof, expires_at: '2024-06-16T12:00:00.000000Z', activated_at: null }],
    },
  ])
  return key
}

/** Stores an extended profile of the earlier version. */
const outdated = async ({ users }: Site) => users.extendedProfile.update(ada, 'ada', { motto: 'x' })

/** Begins Ada's retirement. Returns the claim of a worker on it. */
async function claimed(site: Site): Promise<unknown> {
  await bringTo(site, 'ada', 'PENDING')
  return (await site.users.retirement.claim(worker))[0]
}

/** Makes a report of Ada that is in a batch. */
async function taken(site: Site): Promise<void> {
  await bringTo(site, 'ada', 'ADDING_TO_PARTNER_QUEUE')
  await site.users.retirement.runStep(worker, 'ada', 'partner_report')
  await site.users.retirement.partnerReports.take(worker, { batchId: 'b' })
}

/** The calls of operations whose samples would store nothing about Ada, or not all that they can store. */
const calls: Readonly<Record<string, readonly Call[]>> = {
  'accounts.update': [
    {},
    calling(ada, 'ada', { bio: 'secret' }),
    calling(ada, 'ada', { email: 'secret@example.org' }),
    calling(ada, 'ada', { secondary_email: 'secret@example.org' }),
    calling(bob, 'bob', { email: 'ada@example.com' }),
    { before: wanted('email', 'email_change_confirmation'), values: () => [ada, 'ada', { email: null }] },
  ],
  'accounts.patch': [{}, calling(ada, 'ada', [{ op: 'replace', path: '/email', value: 'secret@example.org' }])],
  'accounts.updateAsOperator': [
    {},
    calling(system, 'ada', { is_active: true, password: 'correct horse' }),
    calling(system, 'ada', { is_active: false }),
    calling(system, 'ada', { profile: { bio: 'secret' } }),
  ],
  'accounts.activate': [{ before: inactive, values: (key) => [system, key] }],
  'accounts.requestActivation': [{ before: inactive, values: () => [system, 'ada@example.com'] }],
  'accounts.confirmEmailChange': [{ before: wanted('email', 'email_change_confirmation'), values: (key) => [key] }],
  'accounts.confirmSecondaryEmail': [
    { before: wanted('secondary_email', 'secondary_email_confirmation'), values: (key) => [key] },
  ],
  'accounts.requestNameChange': [
    calling(ada, 'ada', 'secret'),
    { before: ({ users }) => users.accounts.requestNameChange(ada, ada, 'secret'), values: () => [ada, 'ada', null] },
  ],
  'accounts.confirmNameChange': [
    { before: ({ users }) => users.accounts.requestNameChange(ada, ada, 'secret'), values: () => [system, 'ada', {}] },
  ],
  'accounts.replaceUsernames': [calling(system, [{ whom: 'ada', username: 'secret' }])],
  'accounts.releaseUsername': [
    {
      before: ({ users }) =>
        users.accounts.replaceUsernames(system, [
          { whom: 'ada', username: 'lady' },
          { whom: 'lady', username: 'ada' },
        ]),
      values: () => [system, 'lady'],
    },
  ],
  'accounts.setProfileImage': [
    {},
    {
      before: ({ users }) => users.accounts.setProfileImage(system, 'ada', { uploaded: true }),
      values: () => [system, 'ada', { uploaded: false }],
    },
  ],
  'extendedProfile.migrate': [{ before: outdated, values: () => [system, {}] }],
  'preferences.delete': [{ before: ({ users }) => users.preferences.set(ada, 'ada', 'k', 'secret') }],
  'emailOptIns.optOutMany': [
    { before: async (_, id) => id, values: (id) => [system, [{ whom: { id }, org: 'OrgX' }], {}] },
  ],
  'retirement.setPipeline': [calling(system)],
  'retirement.request': [calling(ada, 'ada', { password: 'password of ada' })],
  'retirement.requestByOperator': [calling(system, { users: [{ ...ada, email: 'ada@example.com' }] })],
  'retirement.requestMany': [calling(system, ['ada'])],
  'retirement.cancel': [{ before: requested, values: () => [support, ada] }],
  'retirement.claim': [{ before: requested }],
  'retirement.move': [{ before: requested, values: () => [worker, 'ada', { state: 'ABORTED', note: 'secret' }] }],
  'retirement.moveMany': [
    {
      before: inState('ERRORED'),
      values: () => [chief, { from: '2024-06-01', to: '2024-06-29', state: 'ERRORED', newState: 'PENDING' }],
    },
  ],
  'retirement.release': [{ before: claimed, values: (claim) => [worker, claim] }],
  'retirement.runStep': [
    { before: inState('RETIRING_LMS_MISC'), values: () => [worker, 'ada', 'misc'] },
    { before: inState('RETIRING_LMS'), values: () => [worker, 'ada', 'account'] },
    { before: inState('ADDING_TO_PARTNER_QUEUE'), values: () => [worker, 'ada', 'partner_report'] },
  ],
  'retirement.cleanUp': [{ before: erase, values: () => [worker, ['ada'], {}] }],
  'retirement.partnerReports.take': [{ before: taken, values: () => [worker, { batchId: 'b' }] }],
  'retirement.partnerReports.finish': [{ before: taken, values: () => [worker, ['ada'], { batchId: 'b' }] }],
  'retired.rehash': [{ before: requested, values: () => [system, 'username', {}] }],
}

/** Operations that store nothing about a person, or nothing but another form of a retired name. */
const storingNothing = Object.entries({
  '': 'hasRight',
  'accounts.': 'get getMany getVersioned getByEmail me searchByEmail validate create checkPassword history',
  'extendedProfile.': 'get getMany sections history',
  'preferences.': 'get getAll getMany resolve resolveMany list usersByKey',
  'emailOptIns.': 'get export exportCsv',
  'courseTags.': 'get getAll',
  'retirement.': 'getPipeline get history list archive retiredUsers partnerReports.overdue',
  'retired.': 'current isRetired findUser rewrap releaseEmail',
  'outbox.': 'deliver',
}).flatMap(([area, names]) => names.split(' ').map((name) => area + name))

/**
 * The outcomes that an overtaken call may have: `ok` too, since calls about many people pass over those who are gone.
 */
const harmless: ReadonlySet<string> = new Set(['ok', 'user_not_found', 'not_found', 'conflict', 'bad_request'])

/** Takes Ada's account to the end of its retirement, from any state. */
async function erase({ users, clock }: Site): Promise<void> {
  const { retirement } = users
  await retirement.request(system, 'ada').catch(() => {})
  clock.advance(15 * 86_400_000)
  for (const state of ['RETIRING_LMS', 'COMPLETE']) {
    await retirement.move(chief, 'ada', { state, note: '', force: true })
    if (state === 'RETIRING_LMS') await retirement.runStep(chief, 'ada', 'account')
  }
}

/** Makes a repository that holds up every unit until `letGo` is called. */
function holding(repository: Repository) {
  const [arrival, gate] = [Promise.withResolvers<'held'>(), Promise.withResolvers<void>()]
  const held: Repository = {
    ...repository,
    async commit(...unit) {
      arrival.resolve('held')
      await gate.promise
      return repository.commit(...unit)
    },
  }
  return { repository: held, arrival: arrival.promise, letGo: gate.resolve }
}

/** Returns all rows that are about a person, as text. */
async function rowsOf(repository: Repository, id: UserId): Promise<string[]> {
  const isTheirs = (row: object, column: string) => String(Reflect.get(row, column)) === String(id)
  const rows = (Object.keys(tables) as TableName[]).map(async (name) => {
    const columns = name === 'users' ? ['id'] : ['user_id', 'subject']
    const found: readonly object[] = await repository.select(name, {})
    return found
      .filter((row) => columns.some((column) => isTheirs(row, column)))
      .map((row) => name + JSON.stringify(row))
  })
  return (await Promise.all(rows)).flat()
}

const next = defineExtendedProfile({}, { version: 2, upgrades: { 1: (document) => ({ ...document }) } })

/** The result of a call that was held while Ada was erased; empty when the call had nothing to store. */
interface Overtaken {
  /** `ok`, or the code of the error. */
  readonly outcome?: string
  /** The rows about Ada that were not there before the call was let go. */
  readonly stored?: readonly string[]
}

async function overtake(
  store: Pick<TestStore, 'repository' | 'second'>,
  { sample, call }: FoundOperation,
  { before, values }: Call,
  hasProfile: boolean,
): Promise<Overtaken> {
  const site = await openSite(store.repository)
  const [user] = await store.repository.select('users', { username: 'ada' })
  const id = user?.id ?? ''
  site.enrolled.push({ user_id: id, course_id: 'course-v1:OrgX+C+R' })
  const found = await before?.(site, id, store.repository)
  if (!hasProfile) await store.repository.commit([{ delete: 'profiles', where: { user_id: id } }])
  await drain(site.users)
  const { repository, arrival, letGo } = holding(store.repository)
  const settings = { retired_identifier_keys: [...keys, nextKey] }
  const running = call(site.another(repository, { extendedProfile: next, settings }), values?.(found) ?? sample).then(
    () => 'ok',
    (error: unknown) => (isUserCoreError(error) ? error.code : String(error)),
  )
  if ((await Promise.race([arrival, running])) !== 'held') return {}
  const others = { ...site, users: site.another(store.second) }
  await erase(others)
  await others.users.retirement.cleanUp(worker, ['ada'])
  const left = await rowsOf(store.repository, id)
  letGo()
  const outcome = await running
  return { outcome, stored: (await rowsOf(store.repository, id)).filter((row) => !left.includes(row)) }
}

const operations = operationsOf(createUserCore({ repository: memoryRepository() })).filter(
  ({ name }) => name !== 'with',
)
const storing = operations.filter(({ name }) => !storingNothing.includes(name))

onEachStore('a call that is under way while a person is erased and cleaned up', (open) => {
  it.each([
    ['', true, storing],
    [' who has no profile', false, storing.filter(({ name }) => !name.startsWith('retire'))],
  ] as const)(
    'stores nothing of a person%s',
    async (_, hasProfile, tried) => {
      const late: string[] = []
      const harmful: string[] = []
      for (const operation of tried) {
        for (const call of calls[operation.name] ?? [{}]) {
          await using store = await open()
          const { outcome, stored = [] } = await overtake(store, operation, call, hasProfile)
          late.push(...stored.map((row) => `${operation.name} ${row}`))
          const isHeld = outcome !== undefined || !hasProfile
          if (!isHeld || (outcome !== undefined && !harmless.has(outcome)))
            harmful.push(`${operation.name}: ${outcome}`)
        }
      }
      expect(late).toEqual([])
      expect(harmful).toEqual([])
    },
    300_000,
  )
})

it('operations in the list of those that store nothing do store nothing', async () => {
  const names = operations.map(({ name }) => name)
  expect(storingNothing.filter((name) => !names.includes(name))).toEqual([])
  for (const operation of operations.filter(({ name }) => storingNothing.includes(name))) {
    const repository: Repository = memoryRepository() as Repository
    const store = { repository, second: repository }
    expect([operation.name, await overtake(store, operation, {}, true)]).toEqual([operation.name, {}])
  }
})
