import { sql } from 'kysely'
import type { UserId } from '../../src/port/tables.ts'
import type { JsonObject } from '../../src/values/json.ts'
import { readAccounts } from './by-hand.ts'
import { type PreferenceByHand, readPreferences } from './by-hand-preferences.ts'
import type { Executor, Statement } from './executor.ts'
import type { Place } from './places.ts'

const saveProfile: Statement<[bio: string, id: UserId, version: number], unknown> = {
  name: 'save profile',
  build: (db, bio, id, version) =>
    db
      .updateTable('usercore_profiles')
      .set({ bio, version: version + 1 })
      .where('user_id', '=', id)
      .where('version', '=', version),
  values: (bio, id, version) => [bio, version + 1, id, version],
}

const removeLanguage: Statement<[id: UserId, code: string], unknown> = {
  name: 'remove language',
  build: (db, id, code) =>
    db.deleteFrom('usercore_language_proficiencies').where('user_id', '=', id).where('code', '=', code),
  values: (id, code) => [id, code],
}

const addLanguage: Statement<[id: UserId, code: string], unknown> = {
  name: 'add language',
  build: (db, user_id, code) => db.insertInto('usercore_language_proficiencies').values({ user_id, code }),
  values: (id, code) => [id, code],
}

const saveDocument: Statement<[id: UserId, document: string], unknown> = {
  name: 'save document',
  build: (db, id, document) =>
    db
      .updateTable('usercore_extended_profiles')
      .set({ document })
      .where('user_id', '=', id)
      .where('owner', '=', 'user'),
  values: (id, document) => [document, id, 'user'],
}

const addMessage: Statement<[id: string, user: UserId, payload: string, at: string], unknown> = {
  name: 'add message',
  build: (db, id, user_id, payload, created_at) =>
    db.insertInto('usercore_outbox').values({
      id,
      kind: 'event',
      name: 'settings_changed',
      user_id,
      payload: sql<JsonObject>`${payload}`,
      created_at,
      leased_until: null,
      lease: null,
      attempts: 0,
      next_attempt_at: null,
      dead_at: null,
    }),
  values: (id, user, payload, at) => [id, 'event', 'settings_changed', user, payload, at, null, null, 0, null, null],
}

/** A change of an account, as the job makes it. */
export interface ChangeByHand {
  readonly bio: string
  readonly language: string
  readonly fields: JsonObject
}

/** Reads an account, then stores what differs, guarded by the version, with an event. Throws for a lost race. */
export async function updateAccount(on: Executor, place: Place, name: string, change: ChangeByHand): Promise<void> {
  const [account] = await readAccounts(on, place, [name])
  if (account === undefined) throw new Error('the account is missing')
  const { id, version } = account
  const codes = account.languages.map((language) => String(Reflect.get(Object(language), 'code')))
  const stored = account.documents.find(({ owner }) => owner === 'user')?.document
  const document = JSON.stringify({ ...stored, ...change.fields })
  await on.transaction(async (unit) => {
    const { affected } = await unit.run(saveProfile, change.bio, id, version)
    if (affected !== 1) throw new Error('lost the race')
    for (const code of codes.filter((code) => !['en', change.language].includes(code))) {
      await unit.run(removeLanguage, id, code)
    }
    if (!codes.includes(change.language)) await unit.run(addLanguage, id, change.language)
    await unit.run(saveDocument, id, document)
    await addEvent(unit, place, id, ['bio', 'language_proficiencies', 'extended_profile'])
  })
}

/** Makes the statement that stores preferences, whether or not they are there. */
function putPreferences(isMysql: boolean): Statement<[id: UserId, rows: readonly PreferenceByHand[]], unknown> {
  return {
    name: 'put preferences',
    build(db, user_id, rows) {
      const insert = db.insertInto('usercore_preferences').values(rows.map((row) => ({ user_id, ...row })))
      return isMysql
        ? insert.onDuplicateKeyUpdate({ value: sql<string>`values(value)`, version: sql<number>`values(version)` })
        : insert.onConflict((conflict) =>
            conflict.columns(['user_id', 'key']).doUpdateSet((eb) => ({
              value: eb.ref('excluded.value'),
              version: eb.ref('excluded.version'),
            })),
          )
    },
    values: (id, rows) => rows.flatMap(({ key, value, version }) => [id, key, value, version]),
  }
}

const put = { mysql: putPreferences(true), others: putPreferences(false) }

/** Reads the preferences of a person, then stores some, with an event. */
export async function setPreferences(
  on: Executor,
  place: Place,
  name: string,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const { id, preferences } = await readPreferences(on, name)
  const versions = new Map(preferences.map(({ key, version }) => [key, version]))
  const rows = Object.entries(values).map(([key, value]) => ({ key, value, version: (versions.get(key) ?? 0) + 1 }))
  await on.transaction(async (unit) => {
    await unit.run(place.dialect === 'mysql' ? put.mysql : put.others, id, rows)
    await addEvent(unit, place, id, Object.keys(values))
  })
}

async function addEvent(on: Executor, place: Place, user: UserId, fields: readonly string[]): Promise<void> {
  const payload = JSON.stringify({ user_id: user, changes: fields.map((setting) => ({ setting })) })
  await on.run(addMessage, `${Date.now()}-${crypto.randomUUID()}`, user, payload, momentOf(place, new Date()))
}

/** Returns a moment as the columns of a database take it. */
export function momentOf({ dialect }: Place, moment: Date): string {
  const text = moment.toISOString().replace('Z', '000Z')
  return dialect === 'mysql' ? text.replace('T', ' ').replace('Z', '') : text
}
