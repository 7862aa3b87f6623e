import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { retiredForm } from '../../src/accounts/retired-identifier.ts'
import { mayHold } from '../../src/port/text-search.ts'
import { plainTexts, searchTermsOf } from '../../src/retirement/search-terms.ts'
import { traceMatcher } from '../../src/retirement/trace-matcher.ts'
import { ruleContext } from '../../src/rules/index.ts'
import { keys } from './site.ts'

const { settings } = ruleContext({ now: new Date(0), settings: { retired_identifier_keys: keys } })

const person = {
  usernames: ['Ada', 'al', 'адам'],
  emails: ['Ada@Büro.example'],
  phone_numbers: ['+49 30-1'],
  names: ['José Ó Lovelace', '李小龙'],
  external: ['cus_77'],
}
const terms = searchTermsOf(person)
const { isTrace, isIdentifier } = traceMatcher(terms, settings)

describe('a trace', () => {
  it.each([
    ['a word', 'to Lovelace.'],
    ['a word between signs', '_ada_'],
    ['capital letters of another script', 'АДАМ'],
    ['letters apart from their marks', 'JOSE\u0301'],
    ['wide letters', 'Ｊｏｓé'],
    ['letters with soft hyphens', 'Love\u00adlace'],
    ['percent-encoding', 'q=Jos%C3%A9&x'],
    ['percent-encoding, twice', 'q=Jos%25C3%25A9'],
    ['escapes of JSON', 'Jos\\u00e9'],
    ['a line that begins in a text with escapes', 'x\\nada'],
    ['the other spelling of a domain', 'ada@xn--bro-hoa.example'],
    ['digits of a phone number', 'tel:+49301'],
    ['a script without blanks', '我见过李小龙了'],
    ['the name in another system', 'customer cus_77'],
    ['JSON', { a: [{ b: 'for ada' }] }],
    ['a name of a member', { 'ADA@büro.example': 1 }],
    ['JSON in a text', ' {"a":["lovelace"]}'],
    ['broken JSON in a text', '{"a": ada'],
  ])('is found in %s', (_, value) => {
    expect(isTrace(value)).toBe(true)
  })

  it.each([
    ['a longer word', 'Canada lovelaces'],
    ['a letter with a mark', 'adá'],
    ['a short name', 'al, Ó'],
    ['part of a name of a member', { ada_count: 1 }],
    ['patterns', 'a_a %'],
    ['another address of the domain', 'bob@büro.example'],
    ['a retired name', retiredForm('username', 'ada', settings)],
    ['a pseudonym', retiredForm('external_key', 'ada', settings, { format: 'redacted_{}' })],
    ['nothing', null],
    ['a truth value', true],
    ['numbers', { a: [1, 4930] }],
  ])('is not found in %s', (_, value) => {
    expect(isTrace(value)).toBe(false)
  })

  it('is not found in retired names whatever the person is called', () => {
    const named = traceMatcher(searchTermsOf({ ...person, names: ['Retired User', 'Invalid'] }), settings)
    for (const value of ['ada', 'retired', 'user'].flatMap((name) => [
      retiredForm('username', name, settings),
      `see ${retiredForm('email', name, settings)}!`,
    ]))
      expect(named.isTrace(value)).toBe(false)
    expect(named.isTrace('a retired teacher')).toBe(true)
  })

  it('is an identifier as a whole, short ones too, and no name of a person is one', () => {
    for (const value of ['AL', ' ada ', 'ada@XN--BRO-HOA.example', '+49 30-1']) expect(isIdentifier(value)).toBe(true)
    for (const value of ['to ada', 'Lovelace', '李小龙', '', null, 1]) expect(isIdentifier(value)).toBe(false)
  })

  it('is in no text that a database may leave out', () => {
    const texts = plainTexts(terms.words)
    const parts = [
      'ada',
      'ADA',
      'José',
      'jose\u0301',
      '李小龙',
      '%41da',
      '\\u0041da',
      'Canada',
      ' ',
      '_',
      '-',
      'x',
      'é',
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 6 }), (chosen) => {
        const text = chosen.join('')
        expect(mayHold(text, texts) || !isTrace(text)).toBe(true)
      }),
    )
  })

  it('takes time that grows with the text and no faster', () => {
    const long = 200_000
    const pieces = ['a', '\u0301', '%41', '\\', '\\u0041', '{', '[', '[{"a":', 'ada', 'é ', '\u00ad', 'h1_a_', '0a']
    for (const piece of pieces) {
      const text = piece.repeat(long / piece.length)
      const begin = performance.now()
      isTrace(text)
      expect.soft(performance.now() - begin, piece).toBeLessThan(3000)
    }
  })
})
