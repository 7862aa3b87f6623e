/**
 * The main job in one program: people, profiles, who sees what, and what is refused.
 *
 * `npm run quickstart` runs it on a SQLite file of its own.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { createUserCore, definePreferences, errorStatus, isUserCoreError, system } from 'usercore'
import { kyselyRepository, migrate } from 'usercore/kysely'
import * as z from 'zod'

const folder = mkdtempSync(join(tmpdir(), 'usercore-'))
const db = new Kysely({ dialect: new SqliteDialect({ database: new Database(join(folder, 'users.sqlite')) }) })

title('Make the tables, and the user domain on top of them')
console.log('migrated:', await migrate(db, { dialect: 'sqlite' }))
const users = createUserCore({
  repository: kyselyRepository(db, { dialect: 'sqlite' }),
  settings: { site_url: 'https://learn.example' },
  // Fields that the site adds to accounts: any schema library that speaks Standard Schema will do.
  extendedProfile: {
    occupation: z.object({ name: z.string(), salary: z.string().optional() }),
    conlangs_spoken: { schema: z.array(z.string()), visibility: 'shared' },
  },
  // Preferences with types, defaults and places.
  preferences: definePreferences({
    theme: { schema: z.enum(['light', 'dark']), default: 'light', scopes: ['org'] },
    pageSize: { schema: z.number().int().positive(), default: 25 },
  }),
})

title('Two people register; a third one cannot have the same name')
for (const [username, name] of [
  ['ada', 'Ada Lovelace'],
  ['bob', 'Bob Frankston'],
] as const) {
  const profile = { year_of_birth: 1980, country: 'GB' }
  await users.accounts.create(system, { username, email: `${username}@example.com`, name, profile }, { active: true })
}
await showRefusal(() =>
  users.accounts.create(system, { username: 'Ada', email: 'another@example.com', name: 'Another Ada' }),
)

title('Ada changes her profile by a merge patch, with a nested value in the extended profile')
const ada = { username: 'ada' }
const { changes, version } = await users.accounts.update(ada, 'ada', {
  bio: 'I write notes on engines.',
  level_of_education: 'p',
  language_proficiencies: [{ code: 'en' }, { code: 'fr' }],
  social_links: [{ platform: 'x', social_link: 'x.com/ada' }],
  extended_profile: [
    { field_name: 'occupation', field_value: { name: 'Organic Farmer' } },
    { field_name: 'conlangs_spoken', field_value: ["na'vi", 'klingon'] },
  ],
})
console.log('changed:', changes.map((change) => change.setting).join(', '))
console.log('version:', version)

title('The extended profile of that patch, written in the two other ways: as a merge patch, and by a JSON Patch')
const clear = { occupation: null, conlangs_spoken: null }
await users.accounts.update(ada, 'ada', { extended_profile: clear })
await users.accounts.update(ada, 'ada', {
  extended_profile: { occupation: { name: 'Organic Farmer' }, conlangs_spoken: ["na'vi", 'klingon'] },
})
console.log('by merge patch:', (await users.extendedProfile.get(ada)).values)
await users.accounts.update(ada, 'ada', { extended_profile: clear })
await users.accounts.patch(ada, 'ada', [
  { op: 'test', path: '/extended_profile', value: {} },
  { op: 'add', path: '/extended_profile/occupation', value: { name: 'Organic Farmer' } },
  { op: 'add', path: '/extended_profile/conlangs_spoken', value: ["na'vi", 'klingon'] },
])
console.log('by JSON Patch: ', (await users.extendedProfile.get(ada)).values)
await showRefusal(() => users.accounts.update(ada, 'ada', { extended_profile: { occupation: { name: null } } }))

const bob = { username: 'bob' }
const staff = { username: 'grace', staff: true }
title('The same account, as Ada sees it')
show(await users.accounts.get(ada, ['ada']))
title('… as Bob sees it')
show(await users.accounts.get(bob, ['ada']))
title('… and as staff see it: which fields?')
const [seenByStaff] = await users.accounts.get(staff, ['ada'])
console.log(Object.keys(seenByStaff ?? {}).length, 'fields, among them e-mail:', seenByStaff?.email)

title('Ada makes her account private; Bob looks again')
await users.accounts.update(ada, 'ada', { account_privacy: 'private' })
show(await users.accounts.get(bob, ['ada']))

title('Ada sets preferences; null deletes one; what she did not choose has its default')
await users.preferences.update(ada, 'ada', { time_zone: 'Europe/London', theme: 'dark', draft: 'x' })
await users.preferences.update(ada, 'ada', { draft: null })
console.log('stored:', await users.preferences.getAll(ada, 'ada'))
console.log('resolved:', await users.preferences.resolve(ada, 'ada', ['theme', 'pageSize']))
await showRefusal(() =>
  users.preferences.update(ada, 'ada', { time_zone: 'Mars/Olympus', pageSize: 0, theme: 'light' }),
)

title('A patch with mistakes: nothing of it is stored, and every field says why')
await showRefusal(() =>
  users.accounts.update(ada, 'ada', {
    name: '<b>Ada</b>',
    country: 'XY',
    bio: 'stays out',
    social_links: [{ platform: 'x', social_link: 'evil.example/ada' }],
  }),
)

title('What happened is in the outbox, recorded with each change')
await users.outbox.deliver((message) => console.log(message.kind, message.name, JSON.stringify(message.payload)))

await db.destroy()
rmSync(folder, { recursive: true })

function title(text: string): void {
  console.log(`\n— ${text}`)
}

function show(value: unknown): void {
  console.log(JSON.stringify(value, null, 2))
}

/** Runs a call that is to be refused, and shows what a client would get. */
async function showRefusal(call: () => Promise<unknown>): Promise<void> {
  try {
    await call()
    throw new Error('this call should have been refused')
  } catch (error) {
    if (!isUserCoreError(error)) throw error
    console.log(errorStatus(error), error.code)
    show(error.field_errors)
  }
}
