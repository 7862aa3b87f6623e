import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { kyselyJournal } from '../../../src/kysely/index.ts'
import type { Repository } from '../../../src/port/repository.ts'
import type { JournalEntry, RetirementJournal } from '../../../src/port/retirement-journal.ts'
import { fileJournal } from '../../../src/retirement/file-journal.ts'
import { definePipeline } from '../../../src/retirement/pipeline.ts'
import { system } from '../../../src/site/actor.ts'
import { addUser, profileRow, userRow } from '../../../src/testing/rows.ts'
import { databases } from '../../stores/databases.ts'
import { drain } from '../../support/host.ts'
import { spelled } from '../../support/spelled.ts'
import { onEveryStore } from '../../support/stores.ts'
import { bringTo, days, dump, move, openSite, outcomes, overtaken, type Site, support, worker } from '../site.ts'

const folder = mkdtempSync(join(tmpdir(), 'usercore-journal-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
const newJournal = () => fileJournal(join(folder, `${++files}.jsonl`))

const since = '2024-01-01T00:00:00Z'
const own = definePipeline([
  { step: 'misc', working: 'RETIRING_LMS_MISC', done: 'LMS_MISC_COMPLETE', action: 'misc' },
  { step: 'crm', working: 'RETIRING_CRM', done: 'CRM_COMPLETE' },
  { step: 'account', working: 'RETIRING_LMS', done: 'LMS_COMPLETE', action: 'account' },
])

async function listed<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = []
  for await (const item of items) list.push(item)
  return list
}

/** Opens a site that keeps a journal, whose steps the library and one function of the host do. */
async function openKeeping(repository: Repository, journal: RetirementJournal, people?: readonly string[]) {
  const replayed: boolean[] = []
  const site = await openSite(repository, people, {
    journal,
    steps: {
      crm: async ({ replay }) => {
        replayed.push(replay)
        return { outcome: 'done', counts: { removed: 2 } }
      },
    },
  })
  await site.users.retirement.setPipeline(system, own)
  return { site, users: site.users, clock: site.clock, replayed }
}

/** Erases people with the worker, and cleans up after them. */
async function erase({ users, clock }: Pick<Site, 'users' | 'clock'>, names: readonly string[]): Promise<void> {
  for (const name of names) await users.retirement.request(system, name)
  clock.advance(days(15))
  for (let summary = { complete: 0 }, done = 0; done < names.length; done += summary.complete) {
    summary = await users.retirement.work(system, { idle: 'return' })
    // The account is erased once mail and events are delivered.
    await drain(users)
    clock.advance(60_000)
  }
  await users.retirement.cleanUp(worker, names)
}

const entryOf = (entry: Partial<JournalEntry>): JournalEntry => ({
  kind: 'completed',
  receipt: 'r',
  user_id: 4711,
  username_form: 'retired__user_x',
  email_form: 'retired__user_x@retired.invalid',
  at: '2024-06-15T12:00:00.000000Z',
  plan: 'p',
  ...entry,
})

onEveryStore('a journal of erasures', (open) => {
  it('is told before an erasure begins, and once it is done', async () => {
    await using store = await open()
    const journal = newJournal()
    const { site, users } = await openKeeping(store.repository, journal)
    const [{ id = 0 } = {}] = await store.repository.select('users', { username: 'ada' })
    await users.retirement.request(system, 'ada')
    expect(await listed(journal.read(since))).toEqual([])
    site.clock.advance(days(15))
    await users.retirement.advance(worker, 'ada')
    const [intended] = await listed(journal.read(since))
    expect(intended).toMatchObject({ kind: 'intended', user_id: id, at: '2024-06-30T12:00:00.000000Z' })
    expect(JSON.stringify(intended)).not.toMatch(spelled('ada'))
    await move(users, 'ada', 'RETIRING_LMS')
    await users.retirement.runStep(worker, 'ada', 'account')
    await move(users, 'ada', 'COMPLETE')
    await users.retirement.cleanUp(worker, ['ada'])
    const entries = await listed(journal.read(since))
    expect(entries.map(({ kind }) => kind)).toEqual(['intended', 'completed'])
    const [receipt] = await users.retirement.receiptsOf(worker, { id })
    expect(new Set(entries.map((entry) => entry.receipt))).toEqual(new Set([receipt?.id]))
    expect(await listed(journal.read('2024-07-01T00:00:00.000000Z'))).toEqual([])
  })

  it('that takes no entry lets no erasure begin: a call fails, and the worker puts the person off', async () => {
    await using store = await open()
    let isBroken = true
    const kept = newJournal()
    const journal: RetirementJournal = {
      append: async (entry) => (isBroken ? Promise.reject(new Error('the disk is full')) : kept.append(entry)),
      read: (from) => kept.read(from),
    }
    const { users, clock } = await openKeeping(store.repository, journal)
    await bringTo({ users, clock } as Site, 'ada', 'PENDING')
    const before = await dump(store.repository)
    expect(await outcomes([move(users, 'ada', 'RETIRING_LMS')])).toEqual(['retirement_state_error journal_failed'])
    expect(await dump(store.repository)).toBe(before)
    const advanced = await users.retirement.advance(worker, 'ada')
    expect(advanced).toEqual({ status: 'waiting', until: '2024-06-30T12:01:00.000000Z' })
    const [row] = await store.repository.select('retirements', {})
    expect(row?.current_state).toBe('PENDING')
    isBroken = false
    clock.advance(60_000)
    expect((await users.retirement.advance(worker, 'ada')).status).toBe('progress')
    expect(await listed(kept.read(since))).toHaveLength(1)
  })

  it('holds no erasure that a cancellation was faster than', async () => {
    await using store = await open()
    const journal = newJournal()
    const { site } = await openKeeping(store.repository, journal)
    await bringTo(site, 'ada', 'PENDING')
    const second = site.another(store.second, { journal })
    const cancel = () => second.retirement.cancel(support, { username: 'ada' })
    const late = site.another(overtaken(store.repository, cancel), { journal })
    expect(await outcomes([move(late, 'ada', 'RETIRING_LMS')])).toEqual(['not_found'])
    expect(await listed(journal.read(since))).toEqual([])
  })
})

onEveryStore('a replay', (open) => {
  it('erases people again who are back, and leaves others alone', async () => {
    const journal = newJournal()
    const names = ['ada', 'bob', 'cy', 'di', 'ed']
    {
      await using store = await open()
      const kept = await openKeeping(store.repository, journal, names)
      await erase(kept, ['ada', 'bob', 'cy', 'di'])
    }
    // The restored database: Ada and Bob are back, Cy is absent, the number of Di was given to Dora; Ed is there.
    await using store = await open()
    const { site, users, clock, replayed } = await openKeeping(store.repository, journal, ['ada', 'bob'])
    const ids = [...new Set((await listed(journal.read(since))).map(({ user_id }) => user_id))].sort()
    const [ada, , , di = 0] = ids
    const dora = { ...userRow('dora'), id: di }
    await store.repository.commit([
      { insert: 'users', rows: [dora] },
      { insert: 'profiles', rows: [profileRow(di)] },
    ])
    await addUser(store.repository, 'ed')
    clock.advance(days(20))
    const others = async () =>
      (await store.repository.findAccounts({ username_keys: ['dora', 'ed'] })).map((account) => JSON.stringify(account))
    const before = await others()

    const run = async (dryRun: boolean) =>
      (await listed(users.retirement.replay(system, { since, dryRun })))
        .filter(({ user_id }, index, all) => all.findIndex((other) => other.user_id === user_id) === index)
        .sort((a, b) => (a.user_id < b.user_id ? -1 : 1))
        .map(({ result }) => result)
    const dumped = await dump(store.repository)
    expect(await run(true)).toEqual(['replayed', 'replayed', 'absent', 'mismatch'])
    expect(await dump(store.repository)).toBe(dumped)
    expect(await run(false)).toEqual(['replayed', 'replayed', 'absent', 'mismatch'])
    expect(replayed).toEqual([true, true])
    expect(await others()).toEqual(before)
    expect(await dump(store.repository)).not.toMatch(/"(ada|bob)(@|")/)
    expect((await users.retirement.receiptsOf(worker, { id: ada ?? 0 })).map(({ kind }) => kind)).toEqual(['replay'])
    const { username, email } = await users.accounts.validate({ username: 'cy', email: 'cy@example.com' })
    expect([username?.valid, email?.valid]).toEqual([false, false])
    // Again nothing is left to do.
    expect(await run(false)).toEqual(['present', 'present', 'absent', 'mismatch'])
    expect(await listed(site.users.retirement.replay(system, { since: '2030-01-01T00:00:00Z' }))).toEqual([])
  })

  it('takes up erasures that were begun, and respects holds of the restored database', async () => {
    const journal = newJournal()
    {
      await using store = await open()
      const { site, users } = await openKeeping(store.repository, journal, ['ada', 'bob'])
      for (const name of ['ada', 'bob']) await users.retirement.request(system, name)
      site.clock.advance(days(15))
      for (const name of ['ada', 'bob']) await users.retirement.advance(worker, name)
    }
    await using store = await open()
    const { users, clock } = await openKeeping(store.repository, journal, ['ada', 'bob'])
    await users.retirement.request(system, 'ada')
    const { id } = await users.retirement.hold(system, 'bob', { reason: 'court_order' })
    clock.advance(days(16))
    const run = async () => (await listed(users.retirement.replay(system, { since }))).map(({ result }) => result)
    expect((await run()).slice(0, 2)).toEqual(['replayed', 'held'])
    // It was not cleaned up before either.
    const [row, ...others] = await store.repository.select('retirements', { current_state: 'COMPLETE' })
    expect([row?.original_username, others]).toEqual(['ada', []])
    await users.retirement.releaseHold(system, id)
    expect((await run()).slice(0, 2)).toEqual(['replayed', 'replayed'])
  })

  it('needs the right to force, a journal and a moment', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    const journal = newJournal()
    const tried = (request: object, actor: typeof worker | typeof system = system) =>
      listed(users.retirement.replay(actor, request as never))
    expect(
      await outcomes([tried({ since }), tried({ journal, since: 'then' }), tried({ journal, since }, worker)]),
    ).toEqual(['bad_request', 'bad_request', 'not_authorized'])
    expect(await tried({ journal, since })).toEqual([])
  })
})

describe('a journal in a file', () => {
  it('passes over a line that was not written to its end, and what is no entry', async () => {
    const path = join(folder, 'torn.jsonl')
    const journal = fileJournal(path)
    expect(await listed(journal.read(since))).toEqual([])
    await journal.append(entryOf({ receipt: 'first' }))
    const [line = ''] = readFileSync(path, 'utf8').trim().split('\n')
    writeFileSync(path, `${line}\n{"kind":"other"}\n[]\n${line.slice(0, 40)}`)
    await journal.append(entryOf({ receipt: 'second' }))
    expect((await listed(journal.read(since))).map(({ receipt }) => receipt)).toEqual(['first', 'second'])
  })

  it('takes entries of many calls at once', async () => {
    const journal = newJournal()
    const receipts = Array.from({ length: 50 }, (_, index) => `r${index}`)
    await Promise.all(receipts.map((receipt) => journal.append(entryOf({ receipt }))))
    expect((await listed(journal.read(since))).map(({ receipt }) => receipt).sort()).toEqual(receipts.sort())
  })
})

describe.each(Object.entries(databases))('a journal in a table (%s)', (_, openDatabase) => {
  it('keeps entries in the order of their moments, of many calls at once', async () => {
    const database = await openDatabase('empty')
    try {
      const [one, two] = [database.connect(), database.connect()].map((db) => kyselyJournal(db, { table: 'erasures' }))
      if (one === undefined || two === undefined) throw new Error('a journal is missing')
      expect(await listed(one.read(since))).toEqual([])
      const entries = Array.from({ length: 12 }, (_, index) => {
        return entryOf({ receipt: `r${index}`, at: `2024-06-${String(28 - index)}T12:00:00.000000Z` })
      })
      await one.append(entryOf({ receipt: 'r', at: '2023-01-01T00:00:00.000000Z' }))
      await Promise.all(entries.map((entry, index) => (index % 2 === 0 ? one : two).append(entry)))
      expect(await listed(two.read(since))).toEqual(entries.toReversed())
    } finally {
      await database.close()
    }
  }, 120_000)
})
