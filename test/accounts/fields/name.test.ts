import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkName, isMinorNameEdit } from '../../../src/accounts/fields/name.ts'

describe('checkName', () => {
  const check = (value: unknown) => {
    const checked = checkName(value, '/name')
    return 'issues' in checked ? checked.issues[0]?.code : checked
  }

  it('drops white space around', () => expect(check('  Al ')).toEqual({ value: 'Al' }))
  it('takes 255 characters, counted as code points', () =>
    expect(check('𝒳'.repeat(255))).toMatchObject({ value: '𝒳'.repeat(255) }))

  it.each([
    ['', 'required'],
    ['   ', 'required'],
    [null, 'required'],
    [42, 'not_text'],
    [{}, 'not_text'],
    ['z'.repeat(256), 'too_long'],
    ['<b>', 'name_has_html'],
    ['a > b', 'name_has_html'],
    ['https://x.example', 'name_has_url'],
    ['ftp://x', 'name_has_url'],
    ['a\0b', 'bad_text'],
    ['a\nb', 'bad_text'],
    ['a\u202eb', 'bad_text'],
    ['a\ud800', 'bad_text'],
    ['\u200b', 'required'],
    ['\u3164', 'required'],
    ['\u2060 \u2060', 'required'],
    ['\u2800\ufe0f', 'required'],
    ['\u{e0020}', 'required'],
    ['Ada'.padEnd(3000), 'too_long'],
  ])('refuses %j', (value, code) => expect(check(value)).toBe(code))

  it.each(['\u0639\u0644\u06cc\u200c\u0631\u0636\u0627', 'Zo\u00eb \u{1f469}\u200d\u{1f52c}', '李', '\u05d0\u05b0'])(
    'takes %s',
    (name) => expect(check(name)).toEqual({ value: name }),
  )

  it('takes addresses that are no links', () => expect(check('www.example.com')).toEqual({ value: 'www.example.com' }))
})

describe('isMinorNameEdit', () => {
  it.each(['Jonathan Q Adams', 'Jonathan Adam', 'Jo nathan Adams', 'Jonathan Adams', 'Jonathon Adams'])(
    'lets Jonathan Adams become %s',
    (name) => expect(isMinorNameEdit('Jonathan Adams', name)).toBe(true),
  )
  it.each(['Jon Adams', 'Jonathan Adens', 'Jonathan  Adams', 'Konathan Adamz', ''])(
    'does not let Jonathan Adams become %s',
    (name) => expect(isMinorNameEdit('Jonathan Adams', name)).toBe(false),
  )
  it('has no hole at the end of the name', () => expect(isMinorNameEdit('abcdef', 'xbcdex')).toBe(false))

  it('lets any one character be added, removed or replaced', () => {
    const letters = fc.array(fc.constantFrom(...'abcé𝒳'), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(letters, fc.nat(), fc.constantFrom(...'abz'), (name, at, letter) => {
        const index = at % name.length
        const added = name.toSpliced(index, 0, letter)
        const replaced = name.with(index, letter)
        for (const edited of [added, replaced]) {
          expect(isMinorNameEdit(name.join(''), edited.join(''))).toBe(true)
          expect(isMinorNameEdit(edited.join(''), name.join(''))).toBe(true)
        }
      }),
    )
  })
})
