import { createHash } from 'node:crypto'
import { parse } from 'csv-parse/sync'
import { type Kysely, sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { type Actor, defineExtendedProfile, type ExportManifest, type ExportOptions, system } from '../../src/index.ts'
import { databases, type TestDatabase } from '../stores/databases.ts'
import { createHostSchema, hostSources } from './host-schema.ts'
import { clearRows, plantRows, rowsOf } from './plant-rows.ts'
import { type HostSite, openHostSite, retireAda } from './site.ts'

const { 'node-sqlite': _, ...each } = databases

/** The files of an export, by path, as text. */
async function filesOf(site: HostSite, actor: Actor, whom?: string, options?: ExportOptions) {
  const files = new Map<string, string>()
  for await (const { path, content } of site.users.personalData.export(actor, whom, options)) {
    const pieces: Uint8Array[] = []
    for await (const piece of content) pieces.push(piece)
    files.set(path, Buffer.concat(pieces).toString())
  }
  return files
}

const linesOf = (text = '') =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
const manifestOf = (files: ReadonlyMap<string, string>) =>
  JSON.parse(files.get('manifest.json') ?? '') as ExportManifest

const extendedProfile = defineExtendedProfile({
  occupation: { schema: z.string(), history: true },
  rating: { schema: z.string(), exported: false, why: 'a secret of trade', history: true },
})

describe.each(Object.entries(each))('an export on %s', (_, create) => {
  let database: TestDatabase
  let db: Kysely<unknown>
  let site: HostSite
  beforeAll(async () => {
    database = await create()
    db = database.connect()
    await createHostSchema(db, database.dialect)
  }, 120_000)
  afterAll(() => database.close())
  beforeEach(async () => {
    site = await openHostSite(database, db, hostSources, { extendedProfile })
    const { ada, bob } = site
    await plantRows(db, database.dialect, rowsOf(ada, bob, 1, 'ada'))
    await plantRows(db, database.dialect, rowsOf(bob, ada, 11, 'bob'))
  })
  afterEach(async () => {
    await clearRows(db)
    await database.clean()
  })

  it('holds each row of the person, without columns about others, and nothing of others', async () => {
    const { users, ada, bob } = site
    await users.accounts.update(
      { id: ada },
      { id: ada },
      { bio: 'mathematician', language_proficiencies: [{ code: 'en' }] },
    )
    await users.extendedProfile.update({ system: true, name: 'crm' }, 'ada', { occupation: 'Countess', rating: 'A' })
    await users.preferences.set({ id: ada }, { id: ada }, 'theme', 'dark')
    await users.accounts.update({ id: bob }, { id: bob }, { bio: 'bob was here' })
    const files = await filesOf(site, { id: ada })
    const planted = rowsOf(ada, bob, 1, 'ada')
    for (const { source, table, columns } of hostSources) {
      const shown = Object.entries(columns).flatMap(([column, declared]) => (declared === 'others' ? [] : [column]))
      const rows = planted[table]?.map((row) => Object.fromEntries(shown.map((column) => [column, row[column]])))
      const found = linesOf(files.get(`${source}.ndjson`))
      // Text of JSON where the database has no type for it.
      const isText = typeof found[0]?.content === 'string'
      expect
        .soft(isText ? found.map((row) => ({ ...row, content: JSON.parse(row.content) })) : found, source)
        .toEqual(rows)
    }
    expect(linesOf(files.get('usercore_users.ndjson'))).toEqual([
      expect.objectContaining({ id: ada, username: 'ada', email: 'ada@example.com' }),
    ])
    expect(linesOf(files.get('usercore_profiles.ndjson'))[0]).toMatchObject({ bio: 'mathematician' })
    expect(linesOf(files.get('usercore_profiles.ndjson'))[0]).not.toHaveProperty('version')
    expect(linesOf(files.get('usercore_preferences.ndjson'))).toContainEqual({
      user_id: ada,
      key: 'theme',
      value: 'dark',
    })
    expect(linesOf(files.get('usercore_language_proficiencies.ndjson'))).toEqual([{ user_id: ada, code: 'en' }])
    // What systems wrote is in it, but for what is declared not to be.
    expect(linesOf(files.get('usercore_extended_profiles.ndjson'))).toEqual([
      { user_id: ada, owner: 'system:crm', document: { occupation: 'Countess' } },
    ])
    expect(linesOf(files.get('usercore_extended_profile_history.ndjson')).map(({ field_name }) => field_name)).toEqual([
      'occupation',
    ])
    expect([...files.keys()].at(-1)).toBe('manifest.json')
    for (const [path, text] of files) if (path !== 'manifest.json') expect.soft(text, path).not.toMatch(/bob/i)
  })

  it('ends with a manifest of its files', async () => {
    const { ada } = site
    for (const format of ['json', 'csv'] as const) {
      const files = await filesOf(site, { id: ada }, undefined, { format })
      const manifest = manifestOf(files)
      expect(manifest).toMatchObject({
        version: 1,
        person: { user_id: ada, username: 'ada' },
        format,
        from: '2024-06-15T12:00:00.000000Z',
        not_exported: [{ source: 'usercore_extended_profiles', field: 'rating', why: 'a secret of trade' }],
      })
      expect(manifest.registry).toMatch(/^[0-9a-f]{64}$/)
      expect(manifest.files.map(({ path }) => path)).toEqual([...files.keys()].slice(0, -1))
      for (const { path, bytes, sha256, rows, source } of manifest.files) {
        const text = files.get(path) ?? ''
        expect.soft(Buffer.byteLength(text), path).toBe(bytes)
        expect.soft(createHash('sha256').update(text).digest('hex'), path).toBe(sha256)
        const records = format === 'csv' ? parse(text, { columns: true }) : linesOf(text)
        expect.soft(records.length, path).toBe(rows)
        if (source === 'orders') expect(records[0]).toMatchObject({ phone: 'ada phone' })
      }
      const orders = manifest.files.find(({ source }) => source === 'orders')
      expect(Object.keys(orders?.schema.properties ?? {})).toEqual(Object.keys(hostSources[0]?.columns ?? {}))
      expect(manifest.retained).toContainEqual({
        source: 'orders',
        column: 'recipient',
        why: 'tax law',
        days: 3650,
        since: 'ordered_at',
      })
    }
  })

  it('knows the whole of a file that is not taken', async () => {
    const { ada } = site
    const whole = manifestOf(await filesOf(site, { id: ada }))
    let last = ''
    for await (const { path, content } of site.users.personalData.export({ id: ada })) {
      if (path !== 'manifest.json') continue
      for await (const piece of content) last += Buffer.from(piece).toString()
    }
    expect((JSON.parse(last) as ExportManifest).files).toEqual(whole.files)
  })

  it('goes on over pages', async () => {
    const { ada } = site
    const rows = Array.from({ length: 1201 }, (_, index) => sql`(${1000 + index}, ${ada}, ${`note ${index}`})`)
    await sql`insert into support_notes (id, user_id, note) values ${sql.join(rows)}`.execute(db)
    const notes = linesOf((await filesOf(site, { id: ada })).get('support_notes.ndjson'))
    expect(notes.map(({ id }) => id)).toEqual([1, ...rows.map((_, index) => 1000 + index)])
  })

  it('holds what is retained alone, once the person is retired', async () => {
    const { users, ada } = site
    await retireAda(site)
    const files = await filesOf(site, system, undefined, {}).catch(() => undefined)
    expect(files, 'trusted code has to say whom').toBeUndefined()
    const found = new Map<string, unknown[]>()
    for await (const { path, content } of users.personalData.export(system, { id: ada })) {
      let text = ''
      for await (const piece of content) text += Buffer.from(piece).toString()
      if (path !== 'manifest.json') found.set(path, linesOf(text))
    }
    expect([...found.keys()]).toEqual([
      'usercore_retirement_requests.ndjson',
      'usercore_retirement_holds.ndjson',
      'orders.ndjson',
    ])
    expect(found.get('orders.ndjson')?.[0]).toEqual({
      id: 1,
      customer_id: ada,
      ordered_at: '2024-06-15T12:00:00.000000Z',
      recipient: 'ada recipient',
      total: 100,
    })
    await users.retirement.cleanUp(system, [{ id: ada }])
    const again: string[] = []
    for await (const { path } of users.personalData.export(system, { id: ada })) again.push(path)
    const evidence = ['usercore_retirement_requests.ndjson', 'usercore_retirement_holds.ndjson']
    expect(again).toEqual([...evidence, 'orders.ndjson', 'manifest.json'])
  })

  it('is for the person, and for staff with the right', async () => {
    const outcome = async (actor: Actor, whom?: string) => {
      try {
        return (await filesOf(site, actor, whom)).size > 1
      } catch (error) {
        return (error as { code: string }).code
      }
    }
    expect(await outcome({ username: 'ada' }, 'ada')).toBe(true)
    expect(await outcome({ username: 'ada' })).toBe(true)
    expect(await outcome({ username: 'sue', staff: true, permissions: ['export_data'] }, 'ada')).toBe(true)
    expect(await outcome({ username: 'sue', staff: true }, 'ada')).toBe('not_authorized')
    expect(await outcome({ username: 'sue', permissions: ['export_data'] }, 'ada')).toBe('not_authorized')
    expect(await outcome({ username: 'bob' }, 'ada')).toBe('not_authorized')
    expect(await outcome({ anonymous: true }, 'ada')).toBe('not_authenticated')
    expect(await outcome(system, 'unknown')).toBe('user_not_found')
    expect(await outcome(system)).toBe('bad_request')
  })

  it('holds no rows of an address that the person did not confirm', async () => {
    const { users } = site
    await users.accounts.create(system, { username: 'eve', email: 'ADA@example.com.', name: 'Eve' }).catch(() => {})
    await plantRows(db, database.dialect, { subscriptions: [{ id: 90, email: 'dan@example.com', topic: 'of dan' }] })
    await users.accounts.create(system, { username: 'mallory', email: 'dan@example.com', name: 'Mallory' })
    const waiting = await filesOf(site, system, 'mallory')
    expect(linesOf(waiting.get('subscriptions.ndjson'))).toEqual([])
    await users.accounts.updateAsOperator(system, 'mallory', { is_active: true })
  })

  it('ends with the signal', async () => {
    const { ada } = site
    const stop = new AbortController()
    const paths: string[] = []
    const run = async () => {
      for await (const { path } of site.users.personalData.export({ id: ada }, undefined, { signal: stop.signal })) {
        paths.push(path)
        stop.abort(new Error('enough'))
      }
    }
    await expect(run()).rejects.toMatchObject({ code: 'internal_error', cause: { message: 'enough' } })
    expect(paths).toHaveLength(1)
  })
})
