import { DatabaseSync } from 'node:sqlite'
import { Kysely, SqliteDialect } from 'kysely'
import { expect, it } from 'vitest'
import { definePersonalData } from '../../src/index.ts'
import { kyselyPersonalData, nodeSqlite } from '../../src/kysely/index.ts'

it('rows are overwritten before they are deleted: their last state holds nothing of the person', async () => {
  const raw = new DatabaseSync(':memory:')
  raw.exec(`create table notes (id integer primary key, user_id integer, note text, code text unique);
    create table last_states (note text, code text);
    create trigger keep before delete on notes begin insert into last_states values (old.note, old.code); end;
    insert into notes values (1, 7, 'of ada', 'ada-1'), (2, 7, 'of ada too', 'ada-2'), (3, 8, 'of bob', 'bob-1')`)
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: nodeSqlite(raw) }) })
  const notes = definePersonalData({
    source: 'notes',
    table: 'notes',
    subject: { user_id: 'user_id' },
    columns: { id: 'key', user_id: 'key', note: 'free_text', code: 'identifier' },
    treatment: { erase: 'rows', redacted: { note: '', code: { perRow: 'gone-' } } },
  })
  const store = kyselyPersonalData(db, { dialect: 'sqlite', sources: [notes] })
  const ada = { user_id: 7, usernames: [], emails: [] }
  expect(await store.erase('notes', ada, { pseudonym: (value) => value })).toEqual({ rows: 2, next: null })
  const states = raw.prepare('select note, code from last_states').all()
  expect(states).toEqual([
    { note: '', code: expect.stringMatching(/^gone-[0-9a-f]{24}$/) },
    { note: '', code: expect.stringMatching(/^gone-[0-9a-f]{24}$/) },
  ])
  expect(raw.prepare('select note from notes').all()).toEqual([{ note: 'of bob' }])
})
