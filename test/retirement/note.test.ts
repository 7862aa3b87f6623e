import { describe, expect, it } from 'vitest'
import { cleanNote } from '../../src/retirement/note.ts'

const ada = {
  original_username: 'ada',
  original_email: 'countess@example.com',
  original_name: 'Augusta Ada King-Noel of Zoë',
}

describe('the note of a move', () => {
  it.each([
    ['codes and ids', 'step 12 failed: E_TIMEOUT (503)', 'step 12 failed: E_TIMEOUT (503)'],
    ['a username, in any letter case', 'no such user ADA!', 'no such user [removed]!'],
    ['a username within another word', 'adamant', 'adamant'],
    ['an address', 'mail to Countess@Example.com bounced', 'mail to [removed] bounced'],
    ['the address of another person', 'cc: <bob@example.org>', 'cc: <[removed]>'],
    ['an address in a link', 'GET /x?email=countess%40example.com', 'GET [removed]'],
    ['a whole name', 'augusta ada king-noel of zoë', '[removed]'],
    ['parts of a name', 'King, Noel and Augusta of 3', '[removed], [removed] and [removed] of 3'],
    ['a name in its other Unicode form', 'Zoe\u0308', '[removed]'],
    ['a value that is no text', { user: 'ada', status: 404 }, '{"user":"[removed]","status":404}'],
    ['nothing', undefined, ''],
    ['a zero character', 'a\0b', 'ab'],
    ['half a character', 'x\ud800', 'x\ufffd'],
  ])('has the cleaned form of %s', (_, text, kept) => {
    expect(cleanNote(text, ada)).toBe(kept)
  })

  it('is cut to a thousand characters, after the names were taken out', () => {
    expect(cleanNote(`${'x'.repeat(995)} Augusta`, ada)).toBe(`${'x'.repeat(995)} [rem`)
  })

  it('keeps no half of an address at the place where a long text was cut', () => {
    for (let length = 3950; length < 4010; length++) {
      const note = cleanNote(`${'Ada '.repeat(900)}${'x'.repeat(length - 3600)}countess@example.com and more`, ada)
      expect(note).not.toContain('count')
    }
  })

  it('takes names out letter by letter, not as patterns', () => {
    expect(cleanNote('a+b (x) axxb', { original_username: 'a+b' })).toBe('[removed] (x) axxb')
    expect(cleanNote('any.thing', { original_username: '.' })).toBe('any.thing')
  })
})
