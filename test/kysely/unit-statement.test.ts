import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { kyselyRepository } from '../../src/kysely/index.ts'
import type { Write } from '../../src/port/write.ts'
import { addUser, outboxRow, profileRow, userRow } from '../../src/testing/rows.ts'
import { databases } from '../stores/databases.ts'

const opened = databases.pglite?.()
const sent: string[] = []

async function open() {
  const database = await opened
  if (database === undefined) throw new TypeError('no PGlite')
  const db = database.connect({ log: (event) => void sent.push(event.query.sql) })
  return { database, db, repository: kyselyRepository(db, { dialect: 'pglite' }) }
}

/** Returns the statements of a unit, and whether it was stored. */
async function commit(writes: readonly Write[]) {
  const { repository } = await open()
  sent.length = 0
  const isStored = await repository.commit(writes)
  return { isStored, statements: [...sent] }
}

beforeEach(async () => {
  const { database, repository } = await open()
  await database.clean()
  for (const name of ['ada', 'bob']) await addUser(repository, name)
  await repository.commit([{ insert: 'language_proficiencies', rows: [{ user_id: 1, code: 'en' }] }])
})
afterAll(async () => (await opened)?.close())

const next: Write = {
  update: 'profiles',
  set: { bio: 'new', version: 2 },
  where: { user_id: 1, version: 1 },
  guarded: true,
}
const message: Write = { insert: 'outbox', rows: [outboxRow('01', 1)] }
const language = (code: string, user_id = 1) => ({ user_id, code })
const preference = (version: number) => ({ user_id: 1, key: 'theme', value: 'dark', version })

const apart: Readonly<Record<string, readonly Write[]>> = {
  'writes on several tables': [next, message],
  'rows that come and others that go': [
    next,
    { delete: 'language_proficiencies', where: { user_id: 1, code: ['en'] } },
    { insert: 'language_proficiencies', rows: [language('fr'), language('it')] },
  ],
  'rows that are put beside a person who is required': [
    { put: 'preferences', rows: [preference(1)] },
    message,
    {
      require: 'users',
      rows: [
        { id: 1, username: 'ada' },
        { id: 2, username: 'bob', email: 'bob@example.com' },
      ],
    },
  ],
}

const together: Readonly<Record<string, readonly Write[]>> = {
  'a row that is overwritten and then goes': [
    { update: 'language_proficiencies', set: { code: 'xx' }, where: { user_id: 1 } },
    { delete: 'language_proficiencies', where: { user_id: 1 } },
  ],
  'a row that goes and comes again': [
    { delete: 'language_proficiencies', where: { user_id: 1, code: 'en' } },
    { insert: 'language_proficiencies', rows: [language('en')] },
  ],
  'a row that gets the key of one that goes': [
    { delete: 'language_proficiencies', where: { user_id: 1, code: 'en' } },
    { update: 'language_proficiencies', set: { code: 'en' }, where: { user_id: 1, code: 'fr' } },
  ],
  'two changes of one row': [next, { update: 'profiles', set: { goals: 'more' }, where: { user_id: 1 } }],
  'rows of a table that has other keys': [
    { update: 'users', set: { email: 'x@example.com', email_key: 'x@example.com' }, where: { id: 1 } },
    { update: 'users', set: { email: 'ada@example.com', email_key: 'ada@example.com' }, where: { id: 2 } },
  ],
  'a person who gets another name, and rows of theirs that may come until then': [
    { update: 'users', set: { username: 'ida', username_key: 'ida' }, where: { id: 1 } },
    { delete: 'preferences', where: { user_id: 1 } },
  ],
  'a person who gets another name and is required': [
    { update: 'users', set: { username: 'ida', username_key: 'ida' }, where: { id: 1 } },
    { require: 'users', rows: [{ id: 1, username: 'ida' }] },
  ],
  'a person with a chosen id': [
    { insert: 'users', rows: [{ ...userRow('cy'), id: 3 }] },
    { insert: 'profiles', rows: [profileRow(3)] },
  ],
}

describe('a unit of work', () => {
  it.each(Object.entries(apart))('of %s is one statement', async (_, writes) => {
    const { isStored, statements } = await commit(writes)
    expect(isStored).toBe(true)
    expect(statements).toHaveLength(1)
  })

  it.each(Object.entries(together))('of %s is run write by write', async (_, writes) => {
    const { isStored, statements } = await commit(writes)
    expect(isStored).toBe(true)
    expect(statements.length).toBeGreaterThanOrEqual(writes.length)
    expect(statements.join()).not.toContain('step_0')
  })

  it.each([
    ['a version that moved on', { ...next, where: { user_id: 1, version: 7 } } as Write],
    ['a row that is put out of its turn', { put: 'preferences', rows: [preference(5)] } as Write],
    ['a person of another name', { require: 'users', rows: [{ id: 1, username: 'bob' }] } as Write],
    ['a key that is taken', { insert: 'language_proficiencies', rows: [language('en')] } as Write],
  ])('that %s stops leaves nothing, in one statement', async (_, stopping) => {
    const { repository } = await open()
    expect(await commit([message, stopping, { delete: 'profiles', where: { user_id: 2 } }])).toMatchObject({
      isStored: false,
      statements: [expect.stringContaining('with "step_0"')],
    })
    expect(await repository.select('outbox', {})).toEqual([])
    expect(await repository.select('profiles', {})).toHaveLength(2)
  })
})
