import { describe, expect, it } from 'vitest'
import {
  type Actor,
  anonymous,
  hasRight,
  isSelf,
  isStaff,
  mayLookUp,
  requireAuthenticated,
  system,
} from '../src/actor.ts'
import { resolveSettings } from '../src/settings.ts'

const settings = resolveSettings()

describe('an actor', () => {
  it.each<[string, Actor]>([
    ['anonymous', anonymous],
    ['without a username', { username: '' }],
    ['with a username that is no text', { username: 7 } as unknown as Actor],
    ['without anything', {} as Actor],
  ])('%s is not authenticated', (_, actor) => {
    expect(() => requireAuthenticated(actor)).toThrow('not_authenticated')
    expect(isStaff(actor)).toBe(false)
    expect(isSelf(actor, '')).toBe(false)
  })

  it('that is trusted code holds every right and is nobody', () => {
    expect(() => requireAuthenticated(system)).not.toThrow()
    expect(isStaff(system)).toBe(true)
    expect(isSelf(system, 'ada')).toBe(false)
    expect(hasRight(system, 'retire_user', settings)).toBe(true)
  })

  it('is the account holder whatever the letter case', () => {
    expect(isSelf({ username: 'Ada' }, 'ada')).toBe(true)
    expect(isSelf({ username: 'ada' }, 'adam')).toBe(false)
  })

  it('may look accounts up as staff or superuser', () => {
    expect(mayLookUp({ username: 'a' })).toBe(false)
    expect(mayLookUp({ username: 'a', staff: true })).toBe(true)
    expect(mayLookUp({ username: 'a', superuser: true })).toBe(true)
    expect(isStaff({ username: 'a', superuser: true })).toBe(false)
  })
})

describe('hasRight', () => {
  const worker = { username: settings.retirement_service_worker_username }
  it.each<[string, Actor, boolean, boolean, boolean]>([
    ['a superuser', { username: 'a', superuser: true }, true, true, true],
    ['staff', { username: 'a', staff: true }, false, false, false],
    [
      'staff with request_retirement',
      { username: 'a', staff: true, permissions: ['request_retirement'] },
      false,
      true,
      false,
    ],
    ['somebody with request_retirement', { username: 'a', permissions: ['request_retirement'] }, false, false, false],
    ['somebody with deactivate_user', { username: 'a', permissions: ['deactivate_user'] }, true, false, false],
    [
      'staff with cancel_retirement',
      { username: 'a', staff: true, permissions: ['cancel_retirement'] },
      false,
      false,
      true,
    ],
    ['the retirement worker', worker, false, true, false],
    ['nobody', anonymous, false, false, false],
  ])('of %s', (_, actor, deactivate, retire, cancel) => {
    expect(hasRight(actor, 'deactivate_user', settings)).toBe(deactivate)
    expect(hasRight(actor, 'retire_user', settings)).toBe(retire)
    expect(hasRight(actor, 'cancel_retirement', settings)).toBe(cancel)
  })
})
