import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  hasDocument,
  withDocument,
  withHistory,
  withoutDocument,
  withoutHistory,
} from '../../../src/kysely/open-edx/meta.ts'

const kept = { old_names: [['Ada B', 'asked for', '2020-01-02T03:04:05+00:00']], session_id: 'abc' }
const entry = {
  id: '1',
  user_id: 7,
  field: 'name',
  old_value: 'Ada',
  reason: 'name_changed',
  changed_by: null,
  changed_at: '2024-06-15T12:00:00.000000Z',
} as const

describe('meta', () => {
  it('takes another document and keeps the platform’s own data', () => {
    const meta = JSON.stringify({ ...kept, a: 1, b: 2 })
    expect(JSON.parse(withDocument(meta, '{"b":3,"c":null}'))).toEqual({ ...kept, b: 3, c: null })
  })

  it('drops members of a document that have names of the platform’s data', () => {
    expect(withDocument('{"session_id":"abc"}', '{"session_id":"mine","old_names":[],"a":1}')).toBe(
      '{"session_id":"abc","a":1}',
    )
  })

  it('leaves members that did not change as they were written', () => {
    const meta = '{"id": 12345678901234567890, "share": 1.0, "list": [1e2, 0.10], "a": 1}'
    const document = JSON.stringify({ ...JSON.parse(meta), a: 2 })
    expect(withDocument(meta, document)).toBe('{"id":12345678901234567890,"share":1.0,"list":[1e2,0.10],"a":2}')
  })

  it('is ASCII, as the platform writes it', () => {
    expect(withDocument('', '{"é":"👩‍🚀"}')).toBe('{"\\u00e9":"\\ud83d\\udc69\\u200d\\ud83d\\ude80"}')
  })

  it('is empty text without members', () => {
    expect(withDocument('{"a":1}', '{}')).toBe('')
    expect(withoutDocument('{"a":1,"session_id":"abc"}')).toBe('')
    expect(withoutDocument('not JSON')).toBe('')
    expect(withoutHistory('{"old_names":[],"old_emails":[]}')).toBe('')
  })

  it('stores an unreadable text as it is, and replaces such a text by a document', () => {
    expect(withDocument('{"a":1}', '{broken')).toBe('{broken')
    expect(withDocument('[1]', '{"a":1}')).toBe('{"a":1}')
    expect(withoutHistory('{broken')).toBe('{broken')
    expect(withHistory('{broken', entry)).toBe('{broken')
  })

  it('keeps earlier names and addresses in the form of the platform', () => {
    const named = withHistory(JSON.stringify(kept), entry)
    const both = withHistory(named, { ...entry, field: 'email', changed_at: '2024-06-15T12:00:00.123456Z' })
    expect(JSON.parse(both)).toEqual({
      old_names: [...kept.old_names, ['Ada', 'name_changed', '2024-06-15T12:00:00+00:00']],
      session_id: 'abc',
      old_emails: [['Ada', '2024-06-15T12:00:00.123456+00:00']],
    })
    expect(withoutHistory(both)).toBe('{"session_id":"abc"}')
    expect(withoutDocument(both)).toBe(JSON.stringify({ ...JSON.parse(both), session_id: undefined }))
  })

  it('tells whether it holds data of the person', () => {
    expect(['', '{}', JSON.stringify(kept)].map(hasDocument)).toEqual([false, false, false])
    expect(['{"a":null}', '[]', '{broken'].map(hasDocument)).toEqual([true, true, true])
  })

  it('returns every document that was stored', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const document = JSON.parse(JSON.stringify(value))
        const meta = withDocument(JSON.stringify(kept), JSON.stringify(document))
        expect(JSON.parse(meta)).toEqual({ ...document, ...kept })
        expect(meta).toMatch(/^[ -~]*$/)
        expect(withDocument(meta, JSON.stringify(document))).toBe(meta)
      }),
    )
  })
})
