import { describe, expect, it } from 'vitest'
import { isUserCoreError, type Verification } from '../../../src/index.ts'
import type { Repository } from '../../../src/port/repository.ts'
import { tables, type UserId } from '../../../src/port/tables.ts'
import { subjectColumnOf } from '../../../src/retirement/own-sources.ts'
import { searchedOwnColumns, workItems } from '../../../src/retirement/searched-columns.ts'
import { system } from '../../../src/site/actor.ts'
import { drain } from '../../support/host.ts'
import { onEveryStore } from '../../support/stores.ts'
import { bringTo, days, move, openSite, type Site, worker } from '../site.ts'
import { ownPlaces, type Place, plantCopy } from './own-places.ts'

/** A site on which ada was erased, and her names are known still. */
async function openErased(repository: Repository): Promise<Site & { readonly ada: UserId; readonly bob: UserId }> {
  const site = await openSite(repository)
  const [ada, bob] = await Promise.all(
    ['ada', 'bob'].map(async (name) => (await repository.select('users', { username_key: name }))[0]?.id ?? 0),
  )
  await bringTo(site, 'ada', 'RETIRING_LMS')
  await drain(site.users)
  await site.users.retirement.runStep(worker, 'ada', 'account')
  await move(site.users, 'ada', 'COMPLETE')
  return { ...site, ada: ada as UserId, bob: bob as UserId }
}

/** Columns of a few characters in some databases. */
const narrow = ['gender', 'level_of_education']

const shown = ({ traces }: Verification) => traces.map(({ source, column, rows }) => `${source}.${column} ${rows}`)

/** Returns the names under which a copy in a place may be found: a name is found by its key. */
function namesOf({ table, column }: Place): string[] {
  const key = `${column.replace(/_key$/, '')}_key`
  return [column, ...(key in tables[table].columns ? [key, key.replace(/_key$/, '')] : [])].map(
    (name) => `usercore_${table}.${name}`,
  )
}

onEveryStore('a verification', (open) => {
  it('finds nothing of a person who was erased, and says where it did not look', async () => {
    await using store = await open()
    const { users } = await openErased(store.repository)
    for (const deep of [false, true]) {
      const found = await users.retirement.verify(worker, 'ada', { deep })
      expect(found).toMatchObject({ passed: true, traces: [] })
      expect(found.lookedAt.columns).toBeGreaterThan(20)
      const notSeen = found.notLookedAt.map(({ source, column }) => `${source} ${column}`)
      expect(notSeen).toContain('usercore_retirements null')
      expect(notSeen.includes('usercore_profiles bio')).toBe(!deep)
      for (const { why } of found.notLookedAt) expect(why).toMatch(/^\w.+/)
    }
    const [shallow, deep] = [
      await users.retirement.verify(worker, 'ada'),
      await users.retirement.verify(worker, 'ada', { deep: true }),
    ]
    expect(deep.lookedAt.rows).toBeGreaterThan(shallow.lookedAt.rows)
  })

  it('finds a copy in every column of the own rows of the person that can hold one, and nothing else', async () => {
    await using store = await open()
    const { users, ada } = await openErased(store.repository)
    const own = ownPlaces.filter(({ table }) => !workItems.includes(table) && subjectColumnOf(table) !== undefined)
    expect(own.length).toBeGreaterThan(30)
    for (const place of own) {
      const undo = await plantCopy(store.repository, place, ada, 'ADA')
      const { passed, traces } = await users.retirement.verify(worker, { id: ada })
      const found = traces.map(({ source, column }) => `${source}.${column}`)
      expect.soft(passed, namesOf(place)[0]).toBe(false)
      expect.soft(found, namesOf(place)[0]).toContain(namesOf(place)[0])
      expect.soft(found.filter((name) => !namesOf(place).includes(name))).toEqual([])
      expect(await undo()).toBe(true)
    }
    expect(shown(await users.retirement.verify(worker, { id: ada }))).toEqual([])
  })

  it('finds identifiers in rows of other people, and their free text and JSON when it is deep', async () => {
    await using store = await open()
    const { users, ada, bob } = await openErased(store.repository)
    for (const place of ownPlaces) {
      const [name] = namesOf(place)
      const isNamed = place.meaning === 'identifier'
      const texts = narrow.includes(place.column)
        ? ['ada']
        : ['ada@example.com', ...(isNamed ? ['Ada@Example.COM'] : [])]
      for (const text of texts) {
        const undo = await plantCopy(store.repository, place, bob, text)
        const shallow = await users.retirement.verify(worker, { id: ada })
        const deep = await users.retirement.verify(worker, { id: ada }, { deep: true })
        const found = ({ traces }: Verification) =>
          traces.some(({ source, column }) => namesOf(place).includes(`${source}.${column}`))
        expect.soft(found(deep), name).toBe(place.meaning !== 'personal')
        // A column that has no key beside it is looked up in some spellings alone.
        const isLookedUp = isNamed && (text === 'ada@example.com' || namesOf(place).length > 1)
        expect.soft([found(shallow), !shallow.passed], name).toEqual([isLookedUp, isLookedUp])
        expect(await undo()).toBe(true)
      }
    }
    expect(shown(await users.retirement.verify(worker, { id: ada }, { deep: true }))).toEqual([])
  })

  it('finds a name in whatever form a text has it, and takes no other text for it', async () => {
    await using store = await open()
    const { users, ada, bob } = await openErased(store.repository)
    const place: Place = { table: 'profiles', column: 'goals', meaning: 'free_text' }
    const verify = () => users.retirement.verify(worker, { id: ada }, { deep: true })
    const copies = [
      'ask ADA.',
      'ada@example.com',
      'https://example.org/?to=ada%40example.com',
      '%2561da',
      '%41da and others',
      'a\\u0064a',
      'line\\nada',
      'ａｄａ',
      'a\u00adda',
      '{"to":["Ada"]}',
      '{"ada@example.com":true}',
      'cc:ada;bob',
    ]
    for (const copy of copies) {
      const undo = await plantCopy(store.repository, place, bob, copy)
      expect.soft(shown(await verify()), copy).toEqual(['usercore_profiles.goals 1'])
      await undo()
    }
    const [retired] = await store.repository.select('users', { id: ada })
    const others = [
      'Canada',
      'adá',
      'ad a',
      '100 % a_a a%',
      `gone: ${retired?.username} ${retired?.email}`,
      `${ada}`,
      'canada@example.com',
      '{"adapter":1}',
    ]
    for (const other of others) {
      const undo = await plantCopy(store.repository, place, bob, other)
      expect.soft(shown(await verify()), other).toEqual([])
      await undo()
    }
  })

  it('takes a partner report and a message that wait for traces, and finds all of a person before the erasure', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const { retirement } = site.users
    const [user] = await store.repository.select('users', { username_key: 'ada' })
    site.enrolled.push({ user_id: user?.id ?? 0, course_id: 'course-v1:OrgX+C+R' })
    await site.users.retirement.request({ username: 'ada' }, 'ada', { password: 'password of ada' })
    site.clock.advance(days(15))
    await move(site.users, 'ada', 'ADDING_TO_PARTNER_QUEUE')
    await retirement.runStep(worker, 'ada', 'partner_report')
    const before = shown(await retirement.verify(worker, 'ada'))
    expect(before).toContain('usercore_users.username 1')
    expect(before).toContain('usercore_profiles.name 1')
    expect(before).toContain('usercore_partner_reports.original_name 1')
    expect(before).toContain('usercore_outbox.payload 1')
    await move(site.users, 'ada', 'RETIRING_LMS')
    await retirement.runStep(worker, 'ada', 'account')
    await move(site.users, 'ada', 'COMPLETE')
    const reports = ['original_username', 'original_email', 'original_name']
    expect(shown(await retirement.verify(worker, 'ada'))).toEqual(
      reports.map((column) => `usercore_partner_reports.${column} 1`),
    )
    const { batchId } = await retirement.partnerReports.take(worker)
    await retirement.partnerReports.finish(worker, ['ada'], { batchId })
    expect((await retirement.verify(worker, 'ada', { deep: true })).passed).toBe(true)
  })

  it('knows former usernames, the second address and the phone number while the account has them', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const [ada, bob] = await Promise.all(
      ['ada', 'bob'].map(async (username_key) => (await store.repository.select('users', { username_key }))[0]),
    )
    const user_id = ada?.id ?? 0
    await bringTo(site, 'ada', 'PENDING')
    const replaced_at = '2024-06-15T12:00:00.000000Z'
    const second = { secondary_email: 'Al@Büro.example', secondary_email_key: 'al@büro.example', is_active: true }
    await store.repository.commit([
      { insert: 'former_usernames', rows: [{ user_id, username: 'Al', username_key: 'al', replaced_at }] },
      { insert: 'account_recoveries', rows: [{ user_id, ...second }] },
      { update: 'profiles', set: { phone_number: '+49 30 1' }, where: { user_id } },
    ])
    const place: Place = { table: 'profiles', column: 'bio', meaning: 'free_text' }
    const foundIn = async (at: Place, text: string) => {
      const undo = await plantCopy(store.repository, at, bob?.id ?? 0, text)
      const found = await site.users.retirement.verify(worker, 'ada', { deep: true })
      await undo()
      return found.traces.filter(({ column }) => column === at.column).reduce((sum, { rows }) => sum + rows, 0)
    }
    expect(await foundIn(place, 'call +49 30 1!')).toBe(1)
    expect(await foundIn(place, 'call +49301!')).toBe(1)
    expect(await foundIn(place, 'al@xn--bro-hoa.example')).toBe(1)
    // A name of two letters is a word of too many texts.
    expect(await foundIn(place, 'al')).toBe(0)
    const column: Place = { table: 'account_history', column: 'old_value', meaning: 'identifier' }
    expect(await foundIn(column, 'al')).toBe(1)
    expect(await foundIn(column, 'AL@BÜRO.example')).toBe(1)
  })

  it('is for trusted code and workers, of a retirement that is not forgotten', async () => {
    await using store = await open()
    const { users, ada } = await openErased(store.repository)
    const code = async (call: Promise<unknown>) =>
      call.then(
        () => 'ok',
        (error) => (isUserCoreError(error) ? error.code : error),
      )
    const { verify, cleanUp } = users.retirement
    expect(await code(verify({ username: 'bob' }, 'ada'))).toBe('not_authorized')
    expect(await code(verify(system, 'bob'))).toBe('not_found')
    expect(await code(verify(system, 'ada'))).toBe('ok')
    expect(await code(verify(system, { id: ada }))).toBe('ok')
    const reason = new Error('enough')
    const broken = await verify(system, 'ada', { signal: AbortSignal.abort(reason) }).catch((error) => error)
    expect([broken.code, broken.cause]).toEqual(['internal_error', reason])
    await cleanUp(worker, ['ada'])
    expect(await code(verify(system, { id: ada }))).toBe('not_found')
  })
})

describe('the columns of the library', () => {
  it('are all looked at by a deep verification, as far as they can hold a name', () => {
    for (const { table, column, meaning } of ownPlaces) {
      const { own, all } = searchedOwnColumns(table, true)
      if (!workItems.includes(table)) expect.soft(own, `${table}.${column}`).toContain(column)
      if (meaning !== 'personal') expect.soft(all, `${table}.${column}`).toContain(column)
    }
  })
})
