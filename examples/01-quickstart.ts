/**
 * The main job in one program: people, profiles, visibility, refusals, and the retirement of a person.
 *
 * `npm run quickstart` runs it on a SQLite file of its own.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
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
const steps = await migrate(db, { dialect: 'sqlite' })
console.log(`${steps.length} migrations, ${steps.at(0)} to ${steps.at(-1)}`)
const users = createUserCore({
  repository: kyselyRepository(db, { dialect: 'sqlite' }),
  clock: () => now,
  settings: {
    site_url: 'https://learn.example',
    // The secret that hides retired names; yours comes from your secret store, and never changes.
    retired_identifier_keys: [{ id: 'k1', secret: randomBytes(32).toString('hex') }],
    // An erasure waits for messages about the person to be delivered; here no timer delivers any meanwhile.
    outbox_patience_hours: 0,
  },
  // Steps of a retirement in other systems of the site.
  steps: {
    forums: async ({ identifiers, fence }) => {
      console.log(`the forums forget ${identifiers.username}, in the attempt with the fence ${fence}`)
      return { outcome: 'done' }
    },
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
show('by merge patch', (await users.extendedProfile.get(ada, ada)).values)
await users.accounts.update(ada, 'ada', { extended_profile: clear })
await users.accounts.patch(ada, 'ada', [
  { op: 'test', path: '/extended_profile', value: {} },
  { op: 'add', path: '/extended_profile/occupation', value: { name: 'Organic Farmer' } },
  { op: 'add', path: '/extended_profile/conlangs_spoken', value: ["na'vi", 'klingon'] },
])
show('by JSON Patch ', (await users.extendedProfile.get(ada, ada)).values)
await showRefusal(() => users.accounts.update(ada, 'ada', { extended_profile: { occupation: { name: null } } }))

const bob = { username: 'bob' }
const staff = { username: 'grace', staff: true }
title('The same account, as Ada, as Bob and as staff see it; fields without a value are left out here')
show('Ada', await users.accounts.get(ada, 'ada'))
show('Bob', await users.accounts.get(bob, 'ada'))
const seenByStaff = await users.accounts.get(staff, 'ada')
console.log(`staff: ${Object.keys(seenByStaff).length} fields, among them email: ${seenByStaff.email}`)

title('Ada makes her account private; Bob looks again')
await users.accounts.update(ada, 'ada', { account_privacy: 'private' })
show('Bob', await users.accounts.get(bob, 'ada'))

title('Ada sets preferences; null deletes one; those that she did not choose have their default')
await users.preferences.update(ada, 'ada', { time_zone: 'Europe/London', theme: 'dark', draft: 'x' })
await users.preferences.update(ada, 'ada', { draft: null })
show('stored', await users.preferences.getAll(ada, 'ada'))
show('resolved', await users.preferences.resolve(ada, 'ada', ['theme', 'pageSize']))
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
await users.outbox.deliver(({ kind, name, payload }) => {
  const settings = 'changes' in payload ? payload.changes.map(({ setting }) => setting) : []
  console.log(kind, name, settings.join(', '))
})

title('Ada wants to be forgotten. Her account is locked at once; for two weeks she can change her mind')
const hers = [
  ...['ada', 'ada@example.com', 'Ada Lovelace', 'year_of_birth: 1976', 'GB', 'fr', 'I write notes on engines'],
  ...['x.com/ada', 'Organic Farmer', 'klingon', 'Europe/London', 'dark'],
]
const before = placesOf(hers)
await users.retirement.setPipeline(
  system,
  definePipeline([
    { step: 'forums', working: 'RETIRING_FORUMS', done: 'FORUMS_COMPLETE' },
    { step: 'misc', working: 'RETIRING_MISC', done: 'MISC_COMPLETE', action: 'misc' },
    { step: 'account', working: 'RETIRING_ACCOUNT', done: 'ACCOUNT_COMPLETE', action: 'account' },
  ]),
)
await users.retirement.request(ada, ada)
await showRefusal(() => users.retirement.move(system, 'ada', { state: 'RETIRING_MISC' }))
await users.outbox.deliver((message) => console.log(message.kind, message.name))

title('Two weeks later a worker takes her through the steps; those of the host are functions')
now = new Date(now.getTime() + 15 * 86_400_000)
const { complete } = await users.retirement.work(system, {
  idle: 'return', // a server leaves it out, and gives a signal
  onProgress: (piece) => console.log('moved to', 'state' in piece ? piece.state : piece.status),
})
if (complete !== 1) throw new Error('the retirement is not complete')
title('The host is told in the same transactions, so that it can do its part')
await users.outbox.deliver(({ kind, name, payload }) => console.log(kind, name, Object.keys(payload).join(', ')))

title('Late writes are refused, also to trusted code that knows the account; clean-up waits for calls under way')
const { user } = await users.retirement.get(system, 'ada')
await showRefusal(() => users.accounts.update(system, user.username, { bio: 'I write notes on engines.' }))
await showRefusal(() => users.preferences.update(system, { id: user.id }, { theme: 'dark' }))
await showRefusal(() => users.retirement.cleanUp(system, ['ada']))
now = new Date(now.getTime() + users.settings.settle_minutes * 60_000)
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
show('Bob', await users.accounts.get({ username: 'bob' }, 'bob', { view: 'shared' }))

title('A receipt says what was done, without her names; receipts are sealed in a chain, and the chain is whole')
const { head } = await users.retirement.sealReceipts(system)
for (const { kind, body } of await users.retirement.receiptsOf(system, 'ada')) {
  show(kind, { completed_at: body.completed_at, looked_at: body.looked_at, version: body.version })
}
for await (const { problem } of users.retirement.verifyReceipts(system, { heads: head === null ? [] : [head] })) {
  throw new Error(`a receipt is ${problem}`)
}
console.log('verified up to receipt', head?.sequence)

await db.destroy()
rmSync(folder, { recursive: true })

title('Read next, in examples/guides')
for (const [page, shows] of [
  ['ten-minutes.md', 'a route of yours'],
  ['your-user-table.md', 'on the user table that you have'],
  ['operating.md', 'what runs beside it, deployments and alarms'],
])
  console.log(`${page}: ${shows}`)

function title(text: string): void {
  console.log(`\n— ${text}`)
}

/** Prints a value on few lines, without members that are empty and the addresses of images. */
function show(name: string, value: object): void {
  const full = Object.entries(value).filter(([key, member]) => ![null, ''].includes(member) && key !== 'profile_image')
  const filled = Object.fromEntries(full.filter(([, member]) => !Array.isArray(member) || member.length > 0))
  const text = `${name}: ${inspect(filled, { breakLength: Number.POSITIVE_INFINITY, compact: true, depth: null })}`
  console.log(text.replaceAll(/(.{1,116})(?: |$)/g, '$1\n  ').trimEnd())
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
    for (const [field, { developer_message, user_message }] of Object.entries(error.field_errors))
      console.log(`  ${field}: ${developer_message}: ${user_message}`)
  }
}
