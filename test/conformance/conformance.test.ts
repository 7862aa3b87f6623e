import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memoryRepository } from '../../src/memory/index.ts'
import { stoppingFirst } from './faults.ts'
import { runVector, type Verdict } from './run-vector.ts'
import { type ConformanceStore, stores } from './stores.ts'
import { readVectors, type Vector } from './vector.ts'

/** Areas that are finished: no case of theirs may be skipped, but for a stated difference. */
const finished = [
  'accounts-visibility',
  'accounts-update',
  'accounts-validation',
  'activation',
  'profile-images',
  'preferences',
  'email-opt-in',
  'course-tags',
  'partitions',
  'retirement-states',
  'retirement-queue',
  'retirement-erasure',
  'retired-hashes',
]

const vectors = readVectors(join(import.meta.dirname, 'vectors'))
const areaOf = (vector: Vector) => vector.id.split('/')[0] ?? ''
const isDifference = (verdict: Verdict) => verdict.outcome === 'skipped' && verdict.reason.startsWith('design.md: ')

describe.each(Object.entries(stores))('the vectors on %s', (_, open) => {
  let store: ConformanceStore
  beforeAll(async () => {
    store = await open()
  }, 120_000)
  afterAll(() => store.close())

  it.each(finished)('hold in %s', async (area) => {
    const cases = vectors.filter((vector) => areaOf(vector) === area)
    expect(cases.length).toBeGreaterThan(0)
    for (const vector of cases) {
      const verdict = await runVector(vector, await store.fresh())
      expect(isDifference(verdict) ? { outcome: 'passed' } : verdict, vector.id).toEqual({ outcome: 'passed' })
      expect(isDifference(verdict) && !vector.tags?.includes('fault'), vector.id).toBe(false)
    }
  })
})

describe('the vectors, with every unit of work stopped once', () => {
  it.each(finished)('hold in %s', async (area) => {
    for (const vector of vectors.filter((candidate) => areaOf(candidate) === area)) {
      const verdict = await runVector(vector, memoryRepository(), stoppingFirst)
      expect(isDifference(verdict) ? { outcome: 'passed' } : verdict, vector.id).toEqual({ outcome: 'passed' })
    }
  })
})

describe('the runner', () => {
  const given = { now: '2024-06-15T12:00:00Z', users: [{ username: 'ada', email: 'ada@example.com' }] }
  const me = { op: 'account.me', actor: 'ada', args: {} }
  const run = (vector: Partial<Vector>) =>
    runVector({ id: 'x/y', source: '', given, when: me, then: { ok: { $any: true } }, ...vector }, memoryRepository())

  it('passes a case that holds', async () => expect(await run({})).toEqual({ outcome: 'passed' }))

  it.each<[string, Partial<Vector>]>([
    ['another result', { then: { ok: { username: 'bob' }, match: 'exact' } }],
    ['success where an error is due', { then: { error: 'not_authorized' } }],
    ['an error where success is due', { when: { ...me, actor: 'anonymous' } }],
    ['another error', { when: { ...me, actor: 'anonymous' }, then: { error: ['not_found', 'conflict'] } }],
    [
      'other fields of an error',
      {
        when: { op: 'account.update', actor: 'ada', args: { patch: { gender: 'x', name: '' } } },
        then: { error: 'account_validation_error', fields: ['gender'] },
      },
    ],
    [
      'other details of an error',
      {
        when: { op: 'account.get', actor: 'system', args: { user_id: 'x' } },
        then: { error: 'bad_request', details: { argument: 'email' } },
      },
    ],
    ['a later call', { after: [{ ...me, ok: { username: 'bob' }, match: 'exact' }] }],
    ['a call before', { given: { ...given, before: [{ ...me, actor: 'anonymous' }] as never } }],
  ])('fails for %s', async (_, vector) => expect(await run(vector)).toMatchObject({ outcome: 'failed' }))

  it('skips a case about an operation that usercore does not have, and names it', async () => {
    expect(await run({ when: { ...me, op: 'account.fly' } })).toEqual({
      outcome: 'skipped',
      reason: 'usercore has no account.fly yet',
    })
    expect(await run({ given: { ...given, wings: [] } })).toMatchObject({ reason: 'usercore has no given.wings yet' })
  })
})
