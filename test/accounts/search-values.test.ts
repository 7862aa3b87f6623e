import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import {
  fieldValues,
  foldedBeginning,
  nameValues,
  searchedValue,
  searchWrites,
} from '../../src/accounts/search-values.ts'
import { defineExtendedProfile } from '../../src/site/define-extended-profile.ts'
import { isStorableText } from '../../src/values/json.ts'
import { context } from '../support/context.ts'
import { record } from '../support/record.ts'

describe('search values', () => {
  it('of names have no letter case, and at most 255 characters', () => {
    expect(foldedBeginning('  ADA Löve')).toBe('ada löve')
    expect(foldedBeginning('ﬁ')).toBe('fi')
    expect([...foldedBeginning('\u{1f600}'.repeat(255))]).toHaveLength(255)
    expect(foldedBeginning('ﷺ'.repeat(255))).toHaveLength(255)
    expect(foldedBeginning('a'.repeat(1_000_000))).toBe('')
    expect([...nameValues(record({ name: 'Ada' }))]).toEqual([['name', 'ada']])
    expect([...nameValues(record({}, { profile: undefined }))]).toEqual([])
  })

  it('of declared fields are JSON of texts, numbers and truth values, which tells them apart', () => {
    expect(searchedValue('Maths ')).toBe('"maths"')
    expect(searchedValue('5')).toBe('"5"')
    expect(searchedValue(5)).toBe('5')
    expect(searchedValue(-0.5)).toBe('-0.5')
    expect(searchedValue(true)).toBe('true')
    for (const value of [null, undefined, {}, ['maths'], 'a'.repeat(256), 'a'.repeat(1_000_000)])
      expect(searchedValue(value)).toBeUndefined()
    for (const odd of ['\0', '\ud800']) expect(isStorableText(searchedValue(odd) ?? odd)).toBe(true)
  })

  it('are those of the values that count, of fields that are marked', () => {
    const extendedProfile = defineExtendedProfile({
      team: { schema: z.string(), searchable: true },
      floor: { schema: z.number(), searchable: true },
      note: z.string(),
    })
    const part = (owner: string, document: object) => {
      return { user_id: 7, owner, document: JSON.stringify(document), schema_version: 1 }
    }
    const extended_profiles = [part('user', { team: 'Red', floor: 1, note: 'x' }), part('staff', { team: 'Blue' })]
    const values = fieldValues(record({}, { extended_profiles }), context({}, undefined, extendedProfile))
    expect([...values]).toEqual([
      ['extended_profile.team', '"blue"'],
      ['extended_profile.floor', '1'],
    ])
    expect([...fieldValues(record({}, { extended_profiles }), context())]).toEqual([])
  })

  it('are written as far as they differ', () => {
    const before = new Map([
      ['name', 'ada'],
      ['extended_profile.team', '"red"'],
    ])
    expect(searchWrites(7, before, before)).toEqual([])
    expect(searchWrites(7, before, new Map([['name', 'eve']]))).toEqual([
      { delete: 'search_values', where: { user_id: 7, field: ['extended_profile.team'] } },
      { upsert: 'search_values', rows: [{ user_id: 7, field: 'name', value: 'eve' }] },
    ])
  })

  it('are refused for fields whose names do not fit', () => {
    const name = (length: number) => ({ ['n'.repeat(length)]: { schema: z.string(), searchable: true } })
    expect(() => defineExtendedProfile(name(200))).not.toThrow()
    expect(() => defineExtendedProfile(name(201))).toThrow('config_error')
  })
})
