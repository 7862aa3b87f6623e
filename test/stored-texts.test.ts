import { describe, expect, it } from 'vitest'
import { createUserCore, isUserCoreError, system } from '../src/index.ts'
import { memoryRepository } from '../src/memory/index.ts'
import { type TableName, tables } from '../src/port/tables.ts'

const ada = { username: 'ada' }

async function site() {
  const repository = memoryRepository()
  const users = createUserCore({
    repository,
    settings: {
      enable_unicode_usernames: true,
      retired_identifier_keys: [{ id: 'a', secret: 'x'.repeat(32) }],
      extended_profile_fields: ['motto'],
      email_change_rate_limit: '',
      secondary_email_rate_limit: '',
    },
    credentials: { verify: async () => true, set: async () => {}, disable: async () => {} },
  })
  await users.accounts.create(
    system,
    { username: 'ada', email: 'ada@example.com', name: 'Ada', profile: { year_of_birth: 1990 } },
    { active: true },
  )
  await users.retirement.setPipeline(system)
  return { users, repository }
}

type Users = Awaited<ReturnType<typeof site>>['users']

/** Every way in which a text of a client gets into a column. */
const waysIn: Readonly<Record<string, (users: Users, text: string) => Promise<unknown>>> = {
  'username of a new account': (users, text) =>
    users.accounts.create(system, { username: text, email: 'bob@example.com', name: 'Bob' }),
  'address of a new account, before the @': (users, text) =>
    users.accounts.create(system, { username: 'bob', email: `${text}@example.com`, name: 'Bob' }),
  'address of a new account, behind the @': (users, text) =>
    users.accounts.create(system, { username: 'bob', email: `bob@${text}.example`, name: 'Bob' }),
  'name of a new account': (users, name) =>
    users.accounts.create(system, { username: 'bob', email: 'bob@example.com', name }),
  'wanted address': (users, text) => users.accounts.update(ada, 'ada', { email: `ada@${text}.example` }),
  'wanted second address': (users, text) =>
    users.accounts.update(ada, 'ada', { secondary_email: `ada@${text}.example` }),
  'address from an operator': (users, text) =>
    users.accounts.updateAsOperator(system, 'ada', { email: `ada@${text}.example` }),
  name: (users, name) => users.accounts.update(ada, 'ada', { name }),
  'wanted name': (users, text) => users.accounts.requestNameChange(ada, ada, text),
  bio: (users, bio) => users.accounts.update(ada, 'ada', { bio }),
  goals: (users, goals) => users.accounts.update(ada, 'ada', { goals }),
  city: (users, city) => users.accounts.update(ada, 'ada', { city }),
  'mailing address': (users, mailing_address) => users.accounts.update(ada, 'ada', { mailing_address }),
  'JSON Patch': (users, value) => users.accounts.patch(ada, 'ada', [{ op: 'add', path: '/bio', value }]),
  'social link': (users, social_link) =>
    users.accounts.update(ada, 'ada', { social_links: [{ platform: 'x', social_link }] }),
  'extended field': (users, motto) => users.accounts.update(ada, 'ada', { extended_profile: { motto } }),
  'member of an extended field': (users, text) =>
    users.extendedProfile.update(ada, 'ada', { motto: { [text]: [text] } }),
  'name of an extended field': (users, text) => users.extendedProfile.update(ada, 'ada', { [text]: 1 }),
  'listed name of an extended field': (users, field_name) =>
    users.accounts.update(ada, 'ada', { extended_profile: [{ field_name, field_value: 1 }] }),
  'key of a preference': (users, text) => users.preferences.set(ada, 'ada', text, 'x'),
  'value of a preference': (users, text) => users.preferences.set(ada, 'ada', 'theme', text),
  'member of a preference': (users, text) => users.preferences.set(ada, 'ada', 'theme', { [text]: text }),
  'organisation of an opt-in': (users, org) => users.emailOptIns.set(ada, 'ada', { org, optIn: true }),
  'course of a tag': (users, course_id) => users.courseTags.set(system, 'ada', course_id, 'k', 'v'),
  'key of a tag': (users, key) => users.courseTags.set(system, 'ada', 'c', key, 'v'),
  'value of a tag': (users, value) => users.courseTags.set(system, 'ada', 'c', 'k', value),
  'replaced username': (users, text) => users.accounts.replaceUsernames(system, [{ whom: 'ada', username: text }]),
}

type Repository = ReturnType<typeof memoryRepository>

async function everything(repository: Repository): Promise<[TableName, object[]][]> {
  const names = Object.keys(tables) as TableName[]
  return Promise.all(names.map(async (table) => [table, await repository.select(table, {})] as [TableName, object[]]))
}

async function columnsWith(repository: Repository, text: string): Promise<string[]> {
  const cells = (await everything(repository)).flatMap(([table, rows]) =>
    rows.flatMap((row) => Object.entries(row).map(([column, cell]) => [`${table}.${column}`, JSON.stringify(cell)])),
  )
  return cells.flatMap(([column = '', cell]) => (cell?.includes(text) === true ? [column] : []))
}

/** Columns whose texts are made here, come from settings and hooks of the site, or are copied from the others. */
const ownTexts: readonly string[] = [
  'users.first_name',
  'users.last_name',
  'profiles.gender',
  'profiles.level_of_education',
  'profiles.country',
  'profiles.state',
  'profiles.location',
  'profiles.phone_number',
  'language_proficiencies.code',
  'search_values.field',
  'social_links.platform',
  'extended_profiles.owner',
  'org_tags.key',
  'org_tags.value',
  'pending_email_changes.kind',
  'pending_name_changes.request_id',
  'pending_name_changes.rationale',
  'outbox.id',
  'outbox.kind',
  'outbox.name',
  'outbox.lease',
]

/** Tables in which nothing is new: what they hold was stored elsewhere before, or is made here. */
const ownTables: ReadonlySet<string> = new Set([
  'account_history',
  'account_recoveries',
  // Reasons are codes.
  'deactivations',
  'extended_profile_history',
  'former_usernames',
  'idempotency_keys',
  'partner_reports',
  'profile_images',
  'rate_limits',
  'registrations',
  'retirement_history',
  'request_guards',
  'retired_identifiers',
  'retirement_holds',
  'retirement_receipts',
  'retirement_requests',
  'retirement_states',
  // The outcomes of steps are checked in `retirement/worker.test.ts`.
  'retirement_step_results',
  'retirement_work',
  'retirements',
])

describe.each(Object.entries(waysIn))('%s', (_, store) => {
  it('is stored', async () => {
    const { users, repository } = await site()
    await store(users, 'marker')
    expect(await columnsWith(repository, 'marker')).not.toEqual([])
  })

  it.each([
    ['the first half of a surrogate pair', 'mar\ud83dker'],
    ['the second half of a surrogate pair', 'marker\ude00'],
    ['NUL', 'mar\0ker'],
  ])('is refused with %s in it, and nothing is stored', async (_, text) => {
    const { users, repository } = await site()
    const before = await everything(repository)
    const error: unknown = await store(users, text).catch((thrown: unknown) => thrown)
    if (!isUserCoreError(error)) throw new Error('it was not refused', { cause: error })
    expect(error.code).toMatch(/_validation_error$|^bad_request$|^patch_error$/)
    expect(await everything(repository)).toEqual(before)
  })
})

it('reaches every column for texts that are not made here', async () => {
  const reached = new Set(ownTexts)
  for (const store of Object.values(waysIn)) {
    const { users, repository } = await site()
    await store(users, 'marker')
    for (const column of await columnsWith(repository, 'marker')) reached.add(column)
  }
  const texts = (Object.keys(tables) as TableName[])
    .filter((table) => !ownTables.has(table))
    .flatMap((table) =>
      Object.entries(tables[table].columns).flatMap(([column, type]) =>
        type === 'text' || type === 'json' ? [`${table}.${column}`] : [],
      ),
    )
  expect(texts.filter((column) => !reached.has(column) && !column.endsWith('_hash'))).toEqual([])
})
