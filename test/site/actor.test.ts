import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { partWrittenBy } from '../../src/accounts/extended-profile/owners.ts'
import {
  type Actor,
  anonymous,
  hasRight,
  isSelf,
  isStaff,
  isSystem,
  mayLookUp,
  personOf,
  type Right,
  requireAuthenticated,
  system,
} from '../../src/site/actor.ts'
import { resolveSettings } from '../../src/site/settings.ts'

const settings = resolveSettings({ retirement_service_worker_username: 'RETIREMENT_SERVICE_USER' })

describe('an actor', () => {
  it.each<[string, Actor]>([
    ['anonymous', anonymous],
    ['without a username', { username: '' }],
    ['with a username that is no text', { username: 7 } as unknown as Actor],
    ['without anything', {} as Actor],
  ])('%s is not authenticated', (_, actor) => {
    expect(() => requireAuthenticated(actor)).toThrow('not_authenticated')
    expect(isStaff(actor)).toBe(false)
    expect(isSelf(actor, { id: 1, username: '' })).toBe(false)
  })

  it('that is trusted code holds every right and is no person', () => {
    expect(() => requireAuthenticated(system)).not.toThrow()
    expect(isStaff(system)).toBe(true)
    expect(isSelf(system, { id: 1, username: 'ada' })).toBe(false)
    expect(hasRight(system, 'retire_user', settings)).toBe(true)
  })

  it('is the account holder whatever the letter case', () => {
    expect(isSelf({ username: 'Ada' }, { id: 1, username: 'ada' })).toBe(true)
    expect(isSelf({ username: 'ada' }, { id: 1, username: 'adam' })).toBe(false)
  })

  it('may look accounts up as staff or superuser', () => {
    expect(mayLookUp({ username: 'a' })).toBe(false)
    expect(mayLookUp({ username: 'a', staff: true })).toBe(true)
    expect(mayLookUp({ username: 'a', superuser: true })).toBe(true)
    expect(isStaff({ username: 'a', superuser: true })).toBe(false)
  })
})

describe('hasRight', () => {
  const worker = { username: 'retirement_service_user' }
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
    ['a person with request_retirement', { username: 'a', permissions: ['request_retirement'] }, false, false, false],
    ['a person with deactivate_user', { username: 'a', permissions: ['deactivate_user'] }, true, false, false],
    [
      'staff with cancel_retirement',
      { username: 'a', staff: true, permissions: ['cancel_retirement'] },
      false,
      false,
      true,
    ],
    ['the retirement worker', worker, false, true, false],
    ['an anonymous visitor', anonymous, false, false, false],
  ])('of %s', (_, actor, deactivate, retire, cancel) => {
    expect(hasRight(actor, 'deactivate_user', settings)).toBe(deactivate)
    expect(hasRight(actor, 'retire_user', settings)).toBe(retire)
    expect(hasRight(actor, 'cancel_retirement', settings)).toBe(cancel)
  })
})

describe('members of an actor that give no right', () => {
  const rights: readonly Right[] = [
    'deactivate_user',
    'retire_user',
    'cancel_retirement',
    'force_retirement',
    'manage_outbox',
    'export_data',
    'hold_data',
  ]
  const everything = [
    'deactivate_user',
    'cancel_retirement',
    'request_retirement',
    'force_retirement',
    'manage_outbox',
    'export_data',
    'hold_data',
  ]
  const as = (actor: unknown) => actor as Actor
  class Session {
    username = 'ada'
    get system() {
      return true
    }
    get staff() {
      return true
    }
    get superuser() {
      return true
    }
    get permissions() {
      return everything
    }
  }
  const inherited = { staff: true, superuser: true, permissions: everything }

  it.each<[string, Actor]>([
    ['an inherited system', as(Object.create({ system: true }))],
    ['an inherited username', as(Object.create({ username: 'ada', ...inherited }))],
    ['inherited flags and permissions', as(Object.assign(Object.create(inherited), { username: 'ada' }))],
    ['an inherited system of a person', as(Object.assign(Object.create({ system: true }), { username: 'ada' }))],
    ['getters of a class', as(new Session())],
    ...[1, 'true', {}, [], null, new Boolean(true)].flatMap((value): [string, Actor][] => [
      [`system: ${JSON.stringify(value)}`, as({ username: 'ada', system: value })],
      [`flags: ${JSON.stringify(value)}`, as({ username: 'ada', staff: value, superuser: value })],
    ]),
    ...everything.flatMap((permission): [string, Actor][] => [
      [`permissions as the text ${permission}`, as({ username: 'ada', permissions: permission })],
      [`permissions as text that ends in ${permission}`, as({ username: 'ada', permissions: `no_${permission}` })],
      [`permissions as the set of ${permission}`, as({ username: 'ada', permissions: new Set([permission]) })],
      [`permissions as a list of the list of ${permission}`, as({ username: 'ada', permissions: [[permission]] })],
      [
        `permissions with a method of their own for ${permission}`,
        as({ username: 'ada', permissions: { includes: () => true, filter: () => [permission] } }),
      ],
    ]),
    ['permissions as null', as({ username: 'ada', permissions: null })],
    ['permissions with holes', as({ username: 'ada', permissions: new Array(3) })],
    ['a person who says to be anonymous', as({ anonymous: true, username: 'ada', ...inherited })],
    ['no object', as('system')],
    ['nothing', as(undefined)],
    ['null', as(null)],
  ])('%s', (_, actor) => {
    expect(isSystem(actor)).toBe(false)
    expect(isStaff(actor)).toBe(false)
    expect(mayLookUp(actor)).toBe(false)
    for (const right of rights) expect(hasRight(actor, right, settings), right).toBe(false)
  })

  it('are those of a polluted prototype', () => {
    const prototype = Object.prototype as { system?: true; staff?: true }
    try {
      Object.assign(prototype, { system: true, ...inherited })
      expect(isSystem({ username: 'ada' })).toBe(false)
      expect(isStaff({ username: 'ada' })).toBe(false)
      expect(personOf({ username: 'ada' })).toMatchObject({ staff: false, superuser: false, permissions: [] })
    } finally {
      for (const name of ['system', ...Object.keys(inherited)]) Reflect.deleteProperty(prototype, name)
    }
  })

  it('name no code, and neither does a value that is no text', () => {
    const holder = { id: 1, username: 'ada' }
    expect(partWrittenBy(system, holder)).toBe('user')
    expect(partWrittenBy(as(Object.assign(Object.create({ name: 'crm' }), system)), holder)).toBe('user')
    expect(partWrittenBy({ system: true, name: 'crm' }, holder)).toBe('system:crm')
    for (const name of ['', 'a b', 5, ['crm'], null, { toString: () => 'crm' }]) {
      expect(() => partWrittenBy(as({ system: true, name }), holder)).toThrow('bad_request')
    }
  })

  it('are read in one place', () => {
    const folder = join(import.meta.dirname, '..', '..', 'src')
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
    const readers = files.filter((name) => {
      const code = readFileSync(join(folder, name), 'utf8').replaceAll(/^\s*(\*|\/[/*]).*$/gm, '')
      return /\bactor\??\.(?!ts\b)|\bin actor\b|\bactor\[|\} = actor\b/.test(code)
    })
    expect(readers).toEqual([])
  })
})
