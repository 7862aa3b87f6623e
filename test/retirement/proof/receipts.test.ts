import { describe, expect, it } from 'vitest'
import packageJson from '../../../package.json' with { type: 'json' }
import type { UserCore } from '../../../src/create-user-core.ts'
import type { Repository } from '../../../src/port/repository.ts'
import type { RetirementReceiptRow } from '../../../src/port/tables.ts'
import { type ReceiptHead, receiptHash } from '../../../src/retirement/receipt-chain.ts'
import { system } from '../../../src/site/actor.ts'
import { version } from '../../../src/values/version.ts'
import { drain } from '../../support/host.ts'
import { spelled } from '../../support/spelled.ts'
import { onEveryStore } from '../../support/stores.ts'
import { days, keys, move, nextKey, openSite, type Site, worker } from '../site.ts'

const names = ['ada', 'bob', 'cy', 'di', 'ed', 'flo']

/** Erases people wholly, each in a clean-up of its own. */
async function erase(site: Site, people: readonly string[]): Promise<void> {
  const { users, clock } = site
  for (const name of people) await users.retirement.request(system, name)
  clock.advance(days(15))
  for (const name of people) {
    await move(users, name, 'RETIRING_LMS')
    await users.retirement.runStep(worker, name, 'account')
    await move(users, name, 'COMPLETE')
    await users.retirement.cleanUp(worker, [name])
  }
}

async function problems(users: UserCore<unknown>, heads?: readonly ReceiptHead[]): Promise<string[]> {
  const found: string[] = []
  for await (const { problem, sequence, count } of users.retirement.verifyReceipts(worker, heads && { heads }))
    found.push(`${problem} ${sequence}${count === 1 ? '' : ` x${count}`}`)
  return found
}

const sorted = (rows: readonly RetirementReceiptRow[]) => rows.toSorted((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0))
const rowsOf = async (repository: Repository) => sorted(await repository.select('retirement_receipts', {}))

/** Puts other rows in the place of all receipts, as a person could who may write to the database. */
async function replaceAll(repository: Repository, rows: readonly RetirementReceiptRow[]): Promise<void> {
  const replaced = await repository.commit([
    { delete: 'retirement_receipts', where: {} },
    { insert: 'retirement_receipts', rows },
  ])
  expect(replaced).toBe(true)
}

/** Makes the chain of some receipts anew, from a number on. */
function chained(rows: readonly RetirementReceiptRow[], from: number, key: string | null): RetirementReceiptRow[] {
  const made: RetirementReceiptRow[] = []
  for (const row of rows) {
    const place = { sequence: made.length + 1, previous: made.at(-1)?.hash ?? null }
    made.push(made.length + 1 < from ? row : { ...row, ...place, hash: receiptHash(row, place, key) })
  }
  return made
}

type Rows = readonly RetirementReceiptRow[]
const changed = (rows: Rows, at: number, change: Partial<RetirementReceiptRow>) =>
  rows.map((row, index) => (index === at ? { ...row, ...change } : row))

/** Ways to tamper with six receipts, with the problems that show without a head from outside. */
const tampering: Readonly<Record<string, readonly [(rows: Rows) => Rows, readonly string[]]>> = {
  'a body is changed': [(rows) => changed(rows, 2, { body: { steps: [] } }), ['broken 3']],
  'a subject is changed': [(rows) => changed(rows, 0, { subject: 's1_k1_00' }), ['broken 1']],
  'a kind is changed': [(rows) => changed(rows, 5, { kind: 'refused' }), ['broken 6']],
  'a moment is changed': [(rows) => changed(rows, 3, { created_at: '2020-01-01T00:00:00.000000Z' }), ['broken 4']],
  'an id is changed': [(rows) => changed(rows, 3, { id: 'another' }), ['broken 4']],
  'a hash is changed': [(rows) => changed(rows, 1, { hash: 'sha256:00' }), ['broken 2', 'broken 3']],
  'a hash is removed': [(rows) => changed(rows, 5, { hash: null }), ['broken 6']],
  'a link is changed': [(rows) => changed(rows, 1, { previous: 'sha256:00' }), ['broken 2']],
  'one is removed': [(rows) => rows.toSpliced(2, 1), ['missing 3']],
  'the first two are removed': [(rows) => rows.slice(2), ['missing 1 x2']],
  'one is unsealed': [
    (rows) => changed(rows, 2, { sequence: null, previous: null, hash: null }),
    ['missing 3', 'unsealed null'],
  ],
  'two are swapped': [
    (rows) => rows.map((row) => ({ ...row, sequence: [1, 3, 2, 4, 5, 6][(row.sequence ?? 0) - 1] ?? 0 })),
    ['broken 2', 'broken 3', 'broken 4'],
  ],
  'one is changed with its hash': [
    (rows) => chained(changed(rows, 2, { body: {} }), 3, null).map((row, at) => (at === 2 ? row : (rows[at] ?? row))),
    ['broken 4'],
  ],
  'the last is removed': [(rows) => rows.slice(0, -1), []],
  'all are written anew to the end': [(rows) => chained(changed(rows, 2, { body: {} }), 3, null), []],
}

onEveryStore('receipts', (open) => {
  it('tell of each erasure what was done, and nothing of the person; they outlive the row of the person', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const { users } = site
    const [ada] = await store.repository.select('users', { username: 'ada' })
    const whom = { id: ada?.id ?? 0 }
    expect(await users.retirement.receiptsOf(worker, whom)).toEqual([])
    await erase(site, ['ada'])
    await store.repository.commit([{ delete: 'users', where: { id: whom.id } }])
    const [receipt, ...others] = await users.retirement.receiptsOf(worker, whom)
    expect(others).toEqual([])
    expect(receipt).toMatchObject({
      kind: 'erasure',
      sequence: null,
      subject: expect.stringMatching(/^s1_k1_[0-9a-f]{64}$/),
      body: {
        requested_at: '2024-06-15T12:00:00.000000Z',
        started_at: '2024-06-30T12:00:00.000000Z',
        completed_at: '2024-06-30T12:00:00.000000Z',
        retained: [],
        fingerprints: {
          registry: expect.stringMatching(/^[0-9a-f]{64}$/),
          pipeline: expect.stringMatching(/^[0-9a-f]{64}$/),
          schema: expect.stringMatching(/^[0-9a-f]{64}$/),
        },
        plan: expect.stringMatching(/^[0-9a-f]{64}$/),
        version: packageJson.version,
      },
    })
    const steps = (receipt?.body.steps ?? []) as { step: string; outcome: string; attempts: number }[]
    expect(steps.map(({ step, outcome, attempts }) => `${step} ${outcome} ${attempts}`)).toEqual([
      'forums skipped 0',
      'partners skipped 0',
      'misc skipped 0',
      'account done 1',
    ])
    expect(JSON.stringify(receipt)).not.toMatch(spelled('ada'))
    // Receipts are found under later keys too, and another person has none.
    const retired_identifier_keys = [...keys, nextKey]
    const later = site.another(store.repository, { settings: { retired_identifier_keys } })
    expect(await later.retirement.receiptsOf(worker, whom)).toEqual([receipt])
    expect(await users.retirement.receiptsOf(worker, 'bob')).toEqual([])
    await later.retirement.sealReceipts(worker)
    expect(await problems(later)).toEqual([])
  })

  it('are chained by any number of sealers at once, and each head leaves as an event', async () => {
    await using store = await open()
    const site = await openSite(store.repository, names)
    const second = site.another(store.second)
    await erase(site, names)
    await drain(site.users)
    expect((await problems(site.users)).length).toBe(6)
    const results = await Promise.all(
      [site.users, second, site.users, second].map((users) => users.retirement.sealReceipts(worker)),
    )
    expect(results.reduce((sum, { sealed }) => sum + sealed, 0)).toBe(6)
    expect(await problems(second)).toEqual([])
    const told = await drain(site.users)
    const rows = await rowsOf(store.repository)
    expect(told.map(({ name, payload }) => ({ name, ...payload }))).toContainEqual({
      name: 'retirement.receipt',
      sequence: 6,
      hash: rows.at(-1)?.hash,
    })
    const heads = told.map(({ payload }) => payload as unknown as ReceiptHead)
    expect(await problems(site.users, heads)).toEqual([])
    expect(await site.users.retirement.sealReceipts(worker)).toEqual({
      sealed: 0,
      head: { sequence: 6, hash: rows.at(-1)?.hash },
    })
    expect(await drain(site.users)).toEqual([])
  })

  it('show whatever is changed, removed, swapped or written anew', async () => {
    await using store = await open()
    const site = await openSite(store.repository, names)
    await erase(site, names)
    const { head } = await site.users.retirement.sealReceipts(worker)
    const heads = head === null ? [] : [head]
    const rows = await rowsOf(store.repository)
    expect(rows.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6])
    for (const [way, [tamper, found]] of Object.entries(tampering)) {
      await replaceAll(store.repository, tamper(rows))
      expect.soft(await problems(site.users), way).toEqual(found)
      // With a copy of the head from outside no way is left.
      expect.soft(await problems(site.users, heads), way).not.toEqual([])
    }
    await replaceAll(store.repository, rows)
    expect(await problems(site.users, heads)).toEqual([])
  })

  it('cannot be written anew without the key, where the site has one', async () => {
    await using store = await open()
    const receipt_key = 'a key that the database does not hold'
    const site = await openSite(store.repository, names, { settings: { receipt_key } })
    await erase(site, names)
    await site.users.retirement.sealReceipts(worker)
    expect(await problems(site.users)).toEqual([])
    const rows = await rowsOf(store.repository)
    for (const key of [null, 'another key, which is long enough too']) {
      await replaceAll(store.repository, chained(changed(rows, 2, { body: {} }), 1, key))
      expect(await problems(site.users)).toHaveLength(6)
    }
  })
})

describe('the version in receipts', () => {
  it('is that of the package', () => {
    expect(version).toBe(packageJson.version)
  })
})
