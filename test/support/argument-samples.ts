import type { UserCore } from '../../src/create-user-core.ts'
import type { Claim } from '../../src/retirement/operations/load-retirement.ts'
import { defaultPipeline } from '../../src/retirement/pipeline.ts'
import { planFrame } from '../../src/retirement/retirement-plan.ts'
import { cursorOf } from '../../src/runtime/pages.ts'
import { anonymous, system } from '../../src/site/actor.ts'

/** An example of arguments for each operation of an interface, and for those within it. */
type Samples<Operations> = {
  readonly [Name in keyof Operations]: Operations[Name] extends (...values: infer Values) => unknown
    ? Readonly<Required<Values>>
    : Samples<Operations[Name]>
}
type Areas = Pick<
  UserCore<unknown>,
  | 'accounts'
  | 'extendedProfile'
  | 'preferences'
  | 'emailOptIns'
  | 'courseTags'
  | 'partitions'
  | 'retirement'
  | 'personalData'
  | 'retired'
  | 'outbox'
  | 'idempotency'
>

/** The hash of the plan of a site with the default pipeline. */
const plan = planFrame(defaultPipeline.states, [], []).hash
const ada = { username: 'ada' }
const scope = { org: 'OrgX', courseId: 'course-v1:OrgX+C+R' }
const page = { after: cursorOf([0]), limit: 10 }
const days = { from: '2024-06-15', to: '2024-06-15' }
const nobody = 'nobody'
/** A claim on the retirement of a person who has none. */
const claim: Claim = {
  lease: 'l',
  retirement: {
    id: 4711,
    user: { id: 4711, username: nobody, email: 'nobody@example.com', profile: null },
    current_state: { id: 1, state_name: 'PENDING', state_execution_order: 1 },
    last_state: { id: 1, state_name: 'PENDING', state_execution_order: 1 },
    original_username: nobody,
    original_email: 'nobody@example.com',
    original_name: '',
    retired_username: 'r',
    retired_email: 'r',
    created: '2024-06-15T12:00:00Z',
    modified: '2024-06-15T12:00:00Z',
  },
}
const patch = {
  name: 'Ada King',
  email: 'ada@example.org',
  secondary_email: 'ada@example.net',
  gender: 'f',
  year_of_birth: 1990,
  level_of_education: 'p',
  goals: 'x',
  bio: 'x',
  country: 'GB',
  state: '',
  city: 'London',
  mailing_address: 'x',
  phone_number: '+123',
  language_proficiencies: [{ code: 'en' }],
  social_links: [{ platform: 'facebook', social_link: 'ada' }],
  extended_profile: [{ field_name: 'occupation', field_value: 'x' }],
  account_privacy: 'private',
} as const
const registration = {
  username: 'ada',
  email: 'ada@example.com',
  confirm_email: 'ada@example.com',
  name: 'Ada',
  password: 'correct horse',
  country: 'GB',
  phone_number: '123',
}

/**
 * Arguments that are right, with every option that there is: the tests replace one of them at a time. Where an operation
 * would leave nothing for the ones after it, it is about a person who is not there.
 */
export const samples: { readonly [Area in keyof Areas]: Samples<Areas[Area]> } = {
  accounts: {
    get: [
      system,
      'ada',
      {
        view: 'shared',
        configuration: {
          default_visibility: 'private',
          public_fields: ['username'],
          bulk_shareable_fields: ['username'],
          custom_shareable_fields: ['username'],
          admin_fields: ['username'],
        },
      },
    ],
    getVersioned: [system, 'ada', { view: 'shared', configuration: { public_fields: [] } }],
    getByEmail: [system, 'ada@example.com', { view: 'shared', configuration: { public_fields: [] } }],
    getMany: [system, ['ada', { id: 1 }], { view: 'shared', configuration: { public_fields: [] } }],
    me: [ada],
    searchByEmail: [system, ['ada@example.com']],
    describe: [ada, 'ada'],
    list: [
      system,
      {
        where: {
          username: 'ad',
          email: 'ada@',
          name: 'ada',
          is_active: true,
          date_joined: { from: '2024-06-15T12:00:00Z', before: '2124-06-15T12:00:00Z' },
          country: 'GB',
          extended_profile: {},
        },
        order: 'name',
        descending: true,
        after: cursorOf(['name', 1, 'ada', 0]),
        limit: 10,
      },
    ],
    reindex: [system, { batchSize: 10, after: cursorOf([0]), onProgress: () => {} }],
    update: [system, 'ada', patch, { expectedVersion: 1, unknownFields: 'reject' }],
    patch: [system, 'ada', [{ op: 'replace', path: '/bio', value: 'Mathematician' }], { expectedVersion: 1 }],
    validate: [registration, { only: 'username' }],
    create: [
      system,
      { username: 'cy', email: 'cy@example.com', name: 'Cy', password: 'correct horse', profile: { bio: 'x' } },
      { active: true },
    ],
    updateAsOperator: [
      system,
      'ada',
      { email: 'ada@example.org', is_active: true, password: 'correct horse', profile: { bio: 'x', name: 'Ada' } },
      {},
    ],
    activate: [system, 'k'],
    requestActivation: [anonymous, 'ada@example.com'],
    dropPendingChanges: [system, 'ada'],
    disableLogIn: [system, 'ada'],
    deactivate: [system, 'ada', { reason: 'spam', until: '2999-01-01T00:00:00Z' }],
    reactivate: [system, 'ada', { reason: 'appeal' }],
    deactivations: [system, 'ada', { limit: 10, after: cursorOf([1]) }],
    loginStatus: [system, 'ada', { purpose: 'reset_password' }],
    recordLogin: [system, 'ada'],
    checkPassword: [system, 'ada', 'secret'],
    confirmEmailChange: ['k'],
    confirmSecondaryEmail: ['k'],
    requestNameChange: [ada, 'ada', 'Ada King'],
    confirmNameChange: [system, 'ada', { requestId: 'r' }],
    replaceUsernames: [system, [{ whom: 'bob', username: 'rob' }]],
    releaseUsername: [system, 'nobody'],
    profileImageNames: [system, 'ada'],
    setProfileImage: [system, 'ada', { uploaded: true, uploadedAt: '2024-06-15T12:00:00Z' }],
    history: [system, 'ada', { limit: 10, after: cursorOf(['2024-06-15T12:00:00.000000Z', 'h']) }],
  },
  extendedProfile: {
    get: [system, 'ada'],
    getMany: [system, ['ada']],
    sections: [system, 'ada'],
    update: [system, 'ada', { occupation: 'Mathematician' }, { expectedVersion: 1 }],
    history: [system, 'ada', { field: 'occupation' }],
    migrate: [system, { dryRun: true, batchSize: 10, after: cursorOf([0]), onProgress: () => {} }],
  },
  preferences: {
    get: [system, 'ada', 'k'],
    getAll: [system, 'ada'],
    getMany: [system, ['ada'], ['k']],
    set: [system, 'ada', 'k', 'v', { pin: true }],
    update: [system, 'ada', { k: 'v' }, { pin: true }],
    delete: [system, 'ada', 'k', {}],
    resolve: [system, 'ada', ['k'], scope],
    resolveMany: [system, ['ada'], ['k'], scope],
    list: [system, { ...page, key: 'k', whom: 'ada' }],
    usersByKey: [system, 'k', page],
  },
  emailOptIns: {
    get: [system, 'ada', 'OrgX'],
    set: [system, 'ada', { org: 'OrgX', optIn: true }],
    export: [system, { orgs: ['OrgX'], courses: ['c'] }],
    exportCsv: [system, { orgs: ['OrgX'], courses: ['c'] }],
    optOutMany: [system, [{ whom: { id: 1 }, org: 'OrgX' }], { dryRun: true, batchSize: 10, onProgress: () => {} }],
  },
  courseTags: {
    get: [system, 'ada', 'c', 'k'],
    getAll: [system, 'ada', 'c'],
    set: [system, 'ada', 'c', 'k', 'v'],
  },
  partitions: {
    assign: [
      system,
      'ada',
      'c',
      { id: 1, name: 'P', scheme: 'random', groups: [{ id: 1, name: 'A' }] },
      { assign: true },
    ],
  },
  retirement: {
    setPipeline: [system, defaultPipeline, { dryRun: true }],
    getPipeline: [system],
    plan: [system, 'ada'],
    request: [system, nobody, { password: 'secret', plan, again: true }],
    requestMany: [system, [nobody]],
    requestByOperator: [system, { users: [{ username: nobody, email: 'nobody@example.com' }] }],
    cancel: [system, { id: 1 }],
    get: [system, nobody],
    history: [system, nobody],
    find: [system, 'ada'],
    list: [
      system,
      { ...days, coolOffDays: 0, states: ['PENDING'], limit: 10, after: cursorOf(['2024-06-15T12:00:00Z', 1]) },
    ],
    claim: [system, { limit: 10, leaseSeconds: 60, plan }],
    release: [system, claim],
    move: [system, nobody, { state: 'ABORTED', note: { code: 'E_1' }, force: false }],
    moveMany: [system, { ...days, state: 'PENDING', newState: 'ABORTED', rewind: false }],
    advance: [system, claim, { leaseSeconds: 60, signal: new AbortController().signal }],
    heartbeat: [system, [claim], { leaseSeconds: 60 }],
    reopen: [system, [nobody]],
    work: [
      system,
      {
        concurrency: 2,
        leaseSeconds: 60,
        stepSeconds: 60,
        signal: new AbortController().signal,
        graceSeconds: 1,
        idle: 'return',
        pollSeconds: 1,
        onProgress: () => {},
      },
    ],
    stats: [system],
    runStep: [system, claim, 'account', { plan }],
    verify: [system, nobody, { deep: true, signal: new AbortController().signal }],
    cleanUp: [system, [], { redactedUsername: 'r', redactedEmail: 'r', redactedName: 'r' }],
    archive: [system, days],
    retiredUsers: [system, { after: cursorOf([0]), limit: 10 }],
    hold: [system, nobody, { reason: 'audit', until: '2100-01-01T00:00:00Z', sources: ['usercore_preferences'] }],
    releaseHold: [system, 'h'],
    holds: [system, { after: cursorOf(['h']), limit: 10 }],
    closeHolds: [system],
    receiptsOf: [system, { id: 4711 }],
    sealReceipts: [system],
    verifyReceipts: [system, { heads: [] }],
    replay: [
      system,
      { journal: { append: async () => {}, async *read() {} }, since: '2024-06-15T12:00:00Z', dryRun: true },
    ],
    partnerReports: {
      take: [system, { limit: 10, leaseHours: 1, batchId: 'b' }],
      finish: [system, [nobody], { batchId: 'b' }],
      overdue: [system],
    },
  },
  personalData: {
    export: [system, 'ada', { format: 'json', signal: new AbortController().signal }],
  },
  retired: {
    current: [system, 'username', 'ada'],
    isRetired: [system, 'username', 'ada'],
    findUser: [system, nobody, {}],
    rehash: [system, 'username', { dryRun: true }],
    rewrap: [system, { dryRun: true }],
    releaseEmail: [system, { id: 2 }],
  },
  outbox: {
    deliver: [
      () => {},
      { limit: 10, leaseSeconds: 60, kinds: ['mail'], maxAttempts: 3, signal: new AbortController().signal },
    ],
    dead: [system, { after: cursorOf(['2024-06-15T12:00:00.000000Z', 'm']), limit: 10 }],
    redrive: [system, ['m']],
    stats: [system],
  },
  idempotency: {
    expire: [system, { limit: 10 }],
  },
}

/** The same for the core itself. What a transaction is differs from store to store: this is one of none. */
export const coreSamples = { hasRight: [system, 'retire_user'] } as const
