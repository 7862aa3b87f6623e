import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkUsername } from '../../src/accounts/fields/username.ts'
import { suggestUsernames } from '../../src/accounts/suggest-usernames.ts'
import { resolveSettings } from '../../src/site/settings.ts'

const nothing = () => false

describe('suggestUsernames', () => {
  it.each([
    ['Ada Lovelace', ['ada_lovelace', 'adalovelace', 'ada']],
    ['Ada', ['ada', 'ada2', 'ada3']],
    ['José Núñez Łukaszewicz', ['jose_nunez_lukaszewicz', 'josenunezlukaszewicz', 'jose']],
    ['Ægir Straße', ['aegir_strasse', 'aegirstrasse', 'aegir']],
    ['Conan O’Brien', ['conan_obrien', 'conanobrien', 'conan']],
    ['X', ['x2', 'x3', 'x4']],
    ['a'.repeat(40), ['a'.repeat(30), `${'a'.repeat(28)}2`, `${'a'.repeat(28)}3`]],
    ['Иван Петров', []],
    ['  ', []],
    ['', []],
  ])('of %j suggests %j', (name, suggestions) => expect(suggestUsernames(name, nothing)).toEqual(suggestions))

  it('leaves out those that are taken', () => {
    const taken = new Set(['ada_lovelace', 'ada', 'alovelace', 'ada_lovelace3'])
    expect(suggestUsernames('Ada Lovelace', (username) => taken.has(username))).toEqual([
      'adalovelace',
      'ada_lovelace2',
      'ada_lovelace4',
    ])
  })

  it('gives up when all are taken', () => {
    let asked = 0
    const suggestions = suggestUsernames('Ada Lovelace', () => {
      asked++
      return true
    })
    expect(suggestions).toEqual([])
    expect(asked).toBeLessThanOrEqual(102)
  })

  it('suggests only usernames that every site takes, for any name', () => {
    const settings = resolveSettings()
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        const suggestions = suggestUsernames(name, nothing)
        expect(new Set(suggestions).size).toBe(suggestions.length)
        for (const username of suggestions) expect(checkUsername(username, '', settings)).toEqual({ value: username })
      }),
    )
  })
})
