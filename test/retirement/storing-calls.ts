import { hashKey, proofHash } from '../../src/accounts/fields/confirmation-key.ts'
import type { Repository } from '../../src/port/repository.ts'
import type { UserId } from '../../src/port/tables.ts'
import { system } from '../../src/site/actor.ts'
import { mailedKey } from '../support/host.ts'
import { bringTo, chief, type Site, support, worker } from './site.ts'

/** The call of an operation whose sample would write nothing about Ada. */
export interface Call {
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
export const calls: Readonly<Record<string, readonly Call[]>> = {
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
  'accounts.reactivate': [{ before: ({ users }) => users.accounts.deactivate(system, ada, { reason: 'spam' }) }],
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
  'preferences.update': [
    {},
    {
      before: ({ users }) => users.preferences.set(ada, 'ada', 'k', 'secret'),
      values: () => [system, 'ada', { k: null }],
    },
  ],
  'emailOptIns.set': [{}, calling(system, 'ada', { org: 'OrgX', optIn: false })],
  'preferences.delete': [{ before: ({ users }) => users.preferences.set(ada, 'ada', 'k', 'secret') }],
  'emailOptIns.optOutMany': [
    { before: async (_, id) => id, values: (id) => [system, [{ whom: { id }, org: 'OrgX' }], {}] },
  ],
  'retirement.setPipeline': [calling(system)],
  'retirement.hold': [calling(system, 'ada', { reason: 'audit' })],
  'retirement.request': [calling(ada, 'ada', { password: 'password of ada' })],
  'retirement.requestByOperator': [calling(system, { users: [{ ...ada, email: 'ada@example.com' }] })],
  'retirement.requestMany': [calling(system, ['ada'])],
  'retirement.cancel': [{ before: requested, values: () => [support, ada] }],
  'retirement.claim': [{ before: requested, values: () => [worker, {}] }],
  'retirement.move': [{ before: requested, values: () => [worker, 'ada', { state: 'ABORTED', note: 'secret' }] }],
  'retirement.moveMany': [
    {
      before: inState('ERRORED'),
      values: () => [chief, { from: '2024-06-01', to: '2024-06-29', state: 'ERRORED', newState: 'PENDING' }],
    },
  ],
  'retirement.advance': [{ before: inState('FORUMS_COMPLETE'), values: () => [worker, 'ada', {}] }],
  'retirement.work': [{ before: inState('FORUMS_COMPLETE'), values: () => [worker, { idle: 'return' }] }],
  'retirement.heartbeat': [{ before: claimed, values: (claim) => [worker, [claim], {}] }],
  'retirement.reopen': [{ before: inState('ERRORED'), values: () => [chief, ['ada']] }],
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
export const storingNothing = Object.entries({
  '': 'hasRight',
  'accounts.':
    'get getMany getVersioned getByEmail me searchByEmail list describe validate create checkPassword history loginStatus deactivations',
  'extendedProfile.': 'get getMany sections history',
  'preferences.': 'get getAll getMany resolve resolveMany list usersByKey',
  'emailOptIns.': 'get export exportCsv',
  'courseTags.': 'get getAll',
  'retirement.':
    'getPipeline plan get find history list archive retiredUsers stats verify partnerReports.overdue holds releaseHold closeHolds receiptsOf sealReceipts verifyReceipts replay',
  'retired.': 'current isRetired findUser rewrap releaseEmail',
  'personalData.': 'export',
  'outbox.': 'deliver dead redrive stats',
  'idempotency.': 'expire',
}).flatMap(([area, names]) => names.split(' ').map((name) => area + name))

/** Takes Ada's account to the end of its retirement, from any state. */
export async function erase({ users, clock }: Site): Promise<void> {
  const { retirement } = users
  await retirement.request(system, 'ada').catch(() => {})
  clock.advance(15 * 86_400_000)
  for (const state of ['RETIRING_LMS', 'COMPLETE']) {
    await retirement.move(chief, 'ada', { state, note: '', force: true })
    if (state === 'RETIRING_LMS') await retirement.runStep(chief, 'ada', 'account')
  }
}
