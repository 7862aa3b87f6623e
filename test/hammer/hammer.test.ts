import { describe, expect, it } from 'vitest'
import { hammer } from './hammer.ts'
import type { Entry, Message, Stored } from './journal.ts'
import { servers } from './servers.ts'
import { violationsIn } from './violations.ts'

/** Two clients who write an account and preferences, and move a retirement; everything is delivered. */
function goodRun(): { journal: Entry[]; stored: Stored } {
  const message = (id: string, name: string, changes: Message['changes'] = []): Entry => ({
    what: 'message',
    lease: 'd1',
    from: 0,
    until: 1000,
    at: 10,
    message: { id, name, changes },
  })
  const bio = (from: string | null, to: string) => ({ setting: 'bio', old: from, new: to })
  const set = (setting: string, from: string | null, to: string) => ({ setting, old: from, new: to })
  const field = (field_name: string, from: unknown, to: unknown) => ({ field_name, old: from, new: to })
  return {
    journal: [
      { what: 'update', client: 0, value: 1, token: '0:1', outcome: 'stored', version: 2 },
      { what: 'update', client: 0, value: 2, token: '0:2', outcome: 'unknown' },
      { what: 'update', client: 0, value: 3, token: '0:3', outcome: 'refused' },
      { what: 'update', client: 1, value: 1, token: '1:1', outcome: 'unknown' },
      { what: 'update', client: 1, value: 2, token: '1:2', outcome: 'stored', version: 4 },
      { what: 'preference', client: 0, value: 1, token: '0:1', outcome: 'stored' },
      { what: 'preference', client: 1, value: 1, token: '1:1', outcome: 'stored' },
      { what: 'claim', lease: 'c1', username: 'gone', from: 0, until: 1000, at: 5 },
      { what: 'move', lease: 'c1', username: 'gone', to: 'A', at: 6, outcome: 'stored' },
      { what: 'lost claim', limit: 1 },
      { what: 'claim', lease: 'c3', username: 'gone', from: 2000, until: 3000, at: 2005 },
      { what: 'move', lease: 'c1', username: 'gone', to: 'B', at: 2010, outcome: 'refused' },
      { what: 'move', lease: 'c3', username: 'gone', to: 'B', at: 2015, outcome: 'stored' },
      message('a1', 'account.changed', [bio(null, '0:1')]),
      message('a2', 'account.changed', [bio('0:1', '0:2')]),
      message('a3', 'account.changed', [bio('0:2', '1:2')]),
      message('p1', 'preferences.changed', [set('client_0', null, '1'), set('shared', null, '0:1')]),
      message('p2', 'preferences.changed', [set('client_1', null, '1'), set('shared', '0:1', '1:1')]),
      message('m1', 'retirement.moved'),
      message('m2', 'retirement.moved'),
      { what: 'delivered', lease: 'd1', from: 0, until: 1000, at: 20, ids: ['a1', 'a2', 'p1', 'p2', 'm1', 'm2'] },
      // The third was not delivered in time.
      {
        ...message('a3', 'account.changed', [bio('0:2', '1:2')]),
        lease: 'd2',
        from: 1000,
        until: 2000,
        at: 1010,
      } as Entry,
      { what: 'quiet', broken: 0 },
    ],
    stored: {
      version: 4,
      bio: '1:2',
      fields: { client_0: 2, client_1: 2, shared: '1:2' },
      fieldHistory: [
        field('client_0', null, 1),
        field('shared', null, '0:1'),
        field('client_0', 1, 2),
        field('shared', '0:1', '0:2'),
        field('client_1', null, 2),
        field('shared', '0:2', '1:2'),
      ],
      preferences: [
        { key: 'client_0', value: '1', version: 1 },
        { key: 'client_1', value: '1', version: 1 },
        { key: 'shared', value: '1:1', version: 2 },
      ],
      // Once more than the two claims that were answered.
      retirements: [{ username: 'gone', version: 1 + 3 + 2, state: 'B' }],
      moves: [
        { username: 'gone', from: null, to: 'PENDING' },
        { username: 'gone', from: 'PENDING', to: 'A' },
        { username: 'gone', from: 'A', to: 'B' },
      ],
      undelivered: 0,
      claimable: { gone: 1 },
      openTransactions: 0,
    },
  }
}

/** Changes the entries that match. */
function change(journal: readonly Entry[], isIt: (entry: Entry) => boolean, to: object): Entry[] {
  return journal.map((entry) => (isIt(entry) ? ({ ...entry, ...to } as Entry) : entry))
}

type Run = ReturnType<typeof goodRun>
const isUpdate = (client: number, value: number) => (entry: Entry) =>
  entry.what === 'update' && entry.client === client && entry.value === value
const isMove = (lease: string) => (entry: Entry) => entry.what === 'move' && entry.lease === lease
const add = ({ journal, stored }: Run, ...entries: Entry[]) => ({ journal: [...journal, ...entries], stored })
const store = ({ journal, stored }: Run, change: Partial<Stored>) => ({ journal, stored: { ...stored, ...change } })

/** What can go wrong, and how it is told. */
const faults: readonly [told: RegExp, spoil: (run: Run) => Run][] = [
  [
    /shared field: two changes were built on the same value/,
    (run) =>
      store(run, {
        fieldHistory: run.stored.fieldHistory.map((row) => (row.new === '1:2' ? { ...row, old: '0:1' } : row)),
      }),
  ],
  [/client_0: ends with 2, but 1 is stored/, (run) => store(run, { fields: { ...run.stored.fields, client_0: 1 } })],
  [
    /field client_1: 1 was lost/,
    ({ journal, stored }) => ({
      journal: change(journal, isUpdate(1, 1), { outcome: 'stored' }),
      stored,
    }),
  ],
  [
    /field client_0: 2 was refused and stored/,
    ({ journal, stored }) => ({
      journal: change(journal, isUpdate(0, 2), { outcome: 'refused' }),
      stored,
    }),
  ],
  [
    /field client_0: 2 was given up and stored/,
    ({ journal, stored }) => ({
      journal: change(journal, isUpdate(0, 2), { outcome: 'gave up' }),
      stored,
    }),
  ],
  [
    /field client_0: nobody wrote 2/,
    ({ journal, stored }) => ({
      journal: journal.filter((entry) => !isUpdate(0, 2)(entry)),
      stored,
    }),
  ],
  [
    /a value was stored twice/,
    (run) =>
      store(run, {
        fieldHistory: [...run.stored.fieldHistory, { field_name: 'client_0', old: 2, new: 2 }],
        version: 5,
      }),
  ],
  [
    /1 of 2 changes lead nowhere/,
    (run) =>
      store(run, {
        fieldHistory: run.stored.fieldHistory.map((row) =>
          row.field_name === 'client_0' && row.new === 2 ? { ...row, old: 7 } : row,
        ),
      }),
  ],
  [/bio: ends with 1:2, but 0:2 is stored/, (run) => store(run, { bio: '0:2' })],
  [/the account has version 5 after 3 changes/, (run) => store(run, { version: 5 })],
  [
    /two updates were told the same version/,
    ({ journal, stored }) => ({
      journal: change(journal, isUpdate(1, 2), { version: 2 }),
      stored,
    }),
  ],
  [
    /3 changes of the account, 4 events/,
    (run) =>
      add(run, {
        what: 'message',
        lease: 'd3',
        from: 0,
        until: 9,
        at: 1,
        message: { id: 'a4', name: 'account.changed', changes: [] },
      }),
  ],
  [
    /preference shared: ends with 1:1, but 0:1 is stored/,
    (run) =>
      store(run, {
        preferences: run.stored.preferences.map((row) => (row.key === 'shared' ? { ...row, value: '0:1' } : row)),
      }),
  ],
  [
    /preference shared has version 3 after 2 changes/,
    (run) =>
      store(run, {
        preferences: run.stored.preferences.map((row) => (row.key === 'shared' ? { ...row, version: 3 } : row)),
      }),
  ],
  [
    /preference client_1: 2 was lost/,
    (run) => add(run, { what: 'preference', client: 1, value: 2, token: null, outcome: 'stored' }),
  ],
  [
    /message a3 had two holders for 1 ms/,
    ({ journal, stored }) => ({
      journal: change(journal, (entry) => entry.what === 'message' && entry.lease === 'd2', { from: 999 }),
      stored,
    }),
  ],
  [
    /message a3 was handed out 10 ms after its lease/,
    ({ journal, stored }) => ({
      journal: change(journal, (entry) => entry.what === 'message' && entry.lease === 'd2', { at: 2010 }),
      stored,
    }),
  ],
  [
    /message a3 came again after it was delivered/,
    ({ journal, stored }) => ({
      journal: change(journal, (entry) => entry.what === 'delivered', { ids: ['a3'] }),
      stored,
    }),
  ],
  [/2 messages are stuck/, (run) => store(run, { undelivered: 2 })],
  [
    /retirement gone had two holders for 500 ms/,
    ({ journal, stored }) => ({
      journal: change(journal, (entry) => entry.what === 'claim' && entry.lease === 'c3', { from: 500 }),
      stored,
    }),
  ],
  [
    /retirement gone was moved with a token that was no longer good/,
    ({ journal, stored }) => ({
      journal: change(journal, isMove('c3'), { lease: 'c1' }),
      stored,
    }),
  ],
  [
    /2 clients were told that they had moved retirement gone to B/,
    ({ journal, stored }) => ({
      journal: change(journal, (entry) => entry.what === 'move' && entry.outcome === 'refused', {
        outcome: 'stored',
        at: 7,
      }),
      stored,
    }),
  ],
  [
    /retirement gone: A was lost/,
    (run) =>
      store(run, {
        moves: [
          { username: 'gone', from: null, to: 'PENDING' },
          { username: 'gone', from: 'PENDING', to: 'B' },
        ],
      }),
  ],
  [
    /2 moves, 1 events/,
    ({ journal, stored }) => ({
      journal: journal.filter((entry) => !(entry.what === 'message' && entry.message.id === 'm2')),
      stored,
    }),
  ],
  [
    /counts 1 claims, but 2 got it/,
    (run) => store(run, { retirements: [{ username: 'gone', version: 4, state: 'B' }] }),
  ],
  [
    /2 claims are stored that nobody got, of 1 lost/,
    (run) => store(run, { retirements: [{ username: 'gone', version: 7, state: 'B' }] }),
  ],
  [/retirement gone could be claimed 0 times/, (run) => store(run, { claimable: {} })],
  [/1 transactions were left open/, (run) => store(run, { openTransactions: 1 })],
  [
    /3 connections of a pool do not work/,
    ({ journal, stored }) => ({
      journal: change(journal, (entry) => entry.what === 'quiet', { broken: 3 }),
      stored,
    }),
  ],
  [/client 1 saw half of an update/, (run) => add(run, { what: 'torn', client: 1 })],
  [/deliver failed: no such table/, (run) => add(run, { what: 'error', doing: 'deliver', error: 'no such table' })],
]

describe('the invariants of a hammer', () => {
  it('find nothing where every promise was kept', () => {
    const { journal, stored } = goodRun()
    expect(violationsIn(journal, stored)).toEqual([])
  })

  it.each(faults)('find that %s', (told, spoil) => {
    const { journal, stored } = spoil(goodRun())
    expect(violationsIn(journal, stored)).toContainEqual(expect.stringMatching(told))
  })
})

/** The short form of test/long/hammer.long.ts. */
for (const [name, server] of servers) {
  it(`16 clients whose connections are killed break no promise on ${name}`, async () => {
    const { violations, counts, kills } = await hammer({ ...server, clients: 16, seconds: 5, kills: 5 })
    expect(violations).toEqual([])
    expect(kills).toBeGreaterThan(5)
    for (const what of ['update stored', 'preference stored', 'delivered', 'claim', 'move stored'])
      expect(counts, what).toHaveProperty([what])
  }, 120_000)
}
