import { describe, expect, it } from 'vitest'
import { tellChange } from '../../src/outbox/told-change.ts'

describe('tellChange', () => {
  const change = { setting: 'bio', old: 'a', new: 'b' }

  it('has the values where the site allows it', () => expect(tellChange(change, true)).toEqual(change))

  it('has the name alone elsewhere', () =>
    expect(tellChange(change, false)).toEqual({ setting: 'bio', redacted: true }))

  it('cuts long texts and names them', () => {
    const long = 'x'.repeat(12_501)
    expect(tellChange({ ...change, new: long }, true)).toEqual({ ...change, new: long.slice(1), truncated: ['new'] })
    expect(tellChange({ ...change, new: long.slice(1) }, true)).toEqual({ ...change, new: long.slice(1) })
    expect(tellChange({ setting: 'bio', old: long, new: long }, true)).toMatchObject({ truncated: ['old', 'new'] })
  })

  it('never cuts a character in two', () => {
    const told = tellChange({ ...change, new: `${'x'.repeat(12_499)}👩` }, true)
    expect('new' in told && (told.new as string).isWellFormed()).toBe(true)
  })

  it('leaves lists whole', () => {
    const list = Array(20_000).fill('x')
    expect(tellChange({ ...change, new: list }, true)).toEqual({ ...change, new: list })
  })
})
