/**
 * The main job in one program: people, profiles, visibility, refusals, and the retirement of a person.
 *
 * `npm run quickstart` runs it on a SQLite file of its own.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect, sql } from 'kysely'
import { createUserCore, definePipeline, definePreferences, errorStatus, isUserCoreError, system } from 'usercore'
import { keptStatements, kyselyRepository, migrate } from 'usercore/kysely'
import * as z from 'zod'

const folder = mkdtempSync(join(tmpdir(), 'usercore-'))
const path = join(folder, 'users.sqlite')
const database = new Database(path)
// `keptStatements` parses each statement once; so it does for a pool of pg or mysql2.
const db = new Kysely({ dialect: new SqliteDialect({ database: keptStatements(database) }) })
// A clock of its own, so that two weeks can pass at once.
let now = new Date()

title('Make the tables, and the user domain on top of them')
console.log('migrated:', await migrate(db, { dialect: 'sqlite' }))
const users = createUserCore({
  repository: kyselyRepository(db, { dialect: 'sqlite' }),
  clock: () => now,
  settings: {
    site_url: 'https://learn.example',
    // The secret that hides retired names; yours comes from your secret store, and never changes.
    retired_identifier_keys: [{ id: 'k1', secret: randomBytes(32).toString('hex') }],
  },
  // Fields that the site adds to accounts: any schema library that speaks Standard Schema will do.
  extendedProfile: {
    occupation: { schema: z.object({ name: z.string(), salary: z.string().optional() }), tellsIssues: true },
    conlangs_spoken: { schema: z.array(z.string()), visibility: 'shared' },
  },
  // Preferences with types, defaults and scopes.
  preferences: definePreferences({
    theme: { schema: z.enum(['light', 'dark']), default: 'light', scopes: ['org'] },
    pageSize: { schema: z.number().int().positive(), default: 25 },
  }),
})

title('Two people register; a third one cannot have the same name')
for (const [username, name, profile] of [
  ['ada', 'Ada Lovelace', { year_of_birth: 1976, country: 'GB' }],
  ['bob', 'Bob Frankston', { year_of_birth: 1980, country: 'US' }],
] as const) {
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
console.log('by merge patch:', (await users.extendedProfile.get(ada, ada)).values)
await users.accounts.update(ada, 'ada', { extended_profile: clear })
await users.accounts.patch(ada, 'ada', [
  { op: 'test', path: '/extended_profile', value: {} },
  { op: 'add', path: '/extended_profile/occupation', value: { name: 'Organic Farmer' } },
  { op: 'add', path: '/extended_profile/conlangs_spoken', value: ["na'vi", 'klingon'] },
])
console.log('by JSON Patch: ', (await users.extendedProfile.get(ada, ada)).values)
await showRefusal(() => users.accounts.update(ada, 'ada', { extended_profile: { occupation: { name: null } } }))

const bob = { username: 'bob' }
const staff = { username: 'grace', staff: true }
title('The same account, as Ada sees it')
show(await users.accounts.get(ada, 'ada'))
title('… as Bob sees it')
show(await users.accounts.get(bob, 'ada'))
title('… and as staff see it: which fields?')
const seenByStaff = await users.accounts.get(staff, 'ada')
console.log(Object.keys(seenByStaff ?? {}).length, 'fields, among them e-mail:', seenByStaff?.email)

title('Ada makes her account private; Bob looks again')
await users.accounts.update(ada, 'ada', { account_privacy: 'private' })
show(await users.accounts.get(bob, 'ada'))

title('Ada sets preferences; null deletes one; those that she did not choose have their default')
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

title('The outbox has a message for each change, recorded with it')
await users.outbox.deliver((message) => console.log(message.kind, message.name, JSON.stringify(message.payload)))

title('Ada wants to be forgotten. Her account is locked at once; for two weeks she can change her mind')
const hers = [
  ...['ada', 'ada@example.com', 'Ada Lovelace', 'year_of_birth: 1976', 'GB', 'fr', 'I write notes on engines'],
  ...['x.com/ada', 'Organic Farmer', 'klingon', 'Europe/London', 'dark'],
]
const before = placesOf(hers)
await users.retirement.setPipeline(
  system,
  definePipeline([
    // Steps in systems of your own go in between.
    { step: 'misc', working: 'RETIRING_MISC', done: 'MISC_COMPLETE', action: 'misc' },
    { step: 'account', working: 'RETIRING_ACCOUNT', done: 'ACCOUNT_COMPLETE', action: 'account' },
  ]),
)
await users.retirement.request(ada, ada)
await showRefusal(() => users.retirement.move(system, 'ada', { state: 'RETIRING_MISC' }))

title('Two weeks later a worker claims the retirements that have cooled off, and takes them through the steps')
now = new Date(now.getTime() + 15 * 86_400_000)
for (const claim of await users.retirement.claim(system)) {
  const moveTo = async (state: string) => {
    await users.retirement.move(system, claim, { state, note: 'done by the quickstart' })
    console.log('moved to', state)
  }
  await moveTo('RETIRING_MISC')
  await users.retirement.runStep(system, claim, 'misc')
  await moveTo('MISC_COMPLETE')
  await moveTo('RETIRING_ACCOUNT')
  await users.retirement.runStep(system, claim, 'account')
  await moveTo('ACCOUNT_COMPLETE')
  await moveTo('COMPLETE')
}
title('The host is told in the same transactions, so that it can do its part')
await users.outbox.deliver((message) => console.log(message.kind, message.name, JSON.stringify(message.payload)))
await users.retirement.cleanUp(system, ['ada'])

title('The traces of her in every column of every table, before and now')
const after = placesOf(hers)
for (const word of hers) {
  const was = before.get(word) ?? []
  const is = after.get(word) ?? []
  console.log(
    `${word}: ${was.length === 0 ? 'NOWHERE' : was.join(', ')} → ${is.length === 0 ? 'nowhere' : is.join(', ')}`,
  )
}
// SQLite keeps the pages of deleted rows until they are used again; vacuum makes the file anew.
await sql`vacuum`.execute(db)
const bytes = readFileSync(path, 'latin1')
const inFile = hers.filter((word) => word.length > 4 && bytes.includes(word))
console.log('in the bytes of the file:', inFile.length === 0 ? 'nothing' : inFile.join(', '))
if ([...before.values()].some((places) => places.length === 0)) throw new Error('there was nothing to forget')
if ([...after.values()].some((places) => places.length > 0) || inFile.length > 0) throw new Error('something is left')

title('No other person can be Ada, though no row says who she was; Bob is as he was')
await showRefusal(() => users.accounts.create(system, { username: 'Ada', email: 'ada@example.com', name: 'Mallory' }))
show(await users.accounts.get({ username: 'bob' }, 'bob', { view: 'shared' }))

await db.destroy()
rmSync(folder, { recursive: true })

function title(text: string): void {
  console.log(`\n— ${text}`)
}

function show(value: unknown): void {
  console.log(JSON.stringify(value, null, 2))
}

/** Returns the columns that hold words, as `table.column`: every cell of every table of the file is searched. */
function placesOf(words: readonly string[]): Map<string, string[]> {
  const tables = database.prepare<[], { name: string }>(`select name from sqlite_schema where type = 'table'`).all()
  const cells = tables.flatMap(({ name }) =>
    database
      .prepare<[], Record<string, unknown>>(`select * from "${name}"`)
      .all()
      .flatMap((row) =>
        Object.entries(row).map(([column, cell]) => ({
          place: `${name.replace('usercore_', '')}.${column}`,
          text: `${column}: ${cell}`,
        })),
      ),
  )
  return new Map(
    words.map((word) => {
      // As a word of its own: three letters stand by chance in many a hash.
      const pattern = new RegExp(`(?<!\\w)${word}(?!\\w)`, 'i')
      return [word, [...new Set(cells.filter(({ text }) => pattern.test(text)).map(({ place }) => place))]]
    }),
  )
}

/** Runs a call that is to be refused, and shows what a client would get. */
async function showRefusal(call: () => Promise<unknown>): Promise<void> {
  try {
    await call()
    throw new Error('this call should have been refused')
  } catch (error) {
    if (!isUserCoreError(error)) throw error
    console.log(errorStatus(error), error.message)
    if (error.issues.length > 0) show(error.field_errors)
  }
}
