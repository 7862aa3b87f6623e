import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'

const src = join(import.meta.dirname, '..', 'src')

/** The folders of src from the ground up: a file imports from its own floor and those below. CONTRIBUTING.md tells what each holds. */
const floors = [
  'values',
  'port',
  'site',
  'patch',
  'runtime',
  'outbox',
  'accounts',
  'preferences',
  'email-opt-ins',
  'course-tags',
  'retirement',
  'personal-data',
  'rules',
]

/** Each stands on the port alone, so that none imports another; a third party's adapter has no more. */
const adapters = ['memory', 'kysely', 'testing']

/** The command line, a host like any other: it imports entries alone, and none imports it. */
const command = 'command'

/** The packages that one folder alone imports. */
const packages: Readonly<Record<string, string>> = {
  kysely: 'kysely',
  'fast-json-patch': 'patch',
  'json-merge-patch': 'patch',
  uuid: 'runtime',
  zod: 'site',
}

/** The files of src with their text, by path. */
const sources = new Map(
  globSync('**/*.ts', { cwd: src }).map((file) => [file, readFileSync(join(src, file), 'utf8')] as const),
)

/** The imports of a file, types included: files of src by path, and packages by name. */
function importsOf(file: string, text: string): string[] {
  const named = text.matchAll(/(?:\bfrom|\bimport\(?)\s*'([^']+)'/g)
  return [...named].map(([, name = '']) => (name.startsWith('.') ? normalize(join(dirname(file), name)) : name))
}

/** The folder at the top of src that a file is in; none for the files of the root, which join everything. */
const roomOf = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : undefined)

/** Tells whether a file may import another file or a package. Only the root imports an index.ts: it names what hosts get. */
function isAllowed(file: string, imported: string): boolean {
  const from = roomOf(file)
  if (!imported.endsWith('.ts')) {
    const owner = packages[imported.split('/')[0] ?? '']
    return owner === undefined || owner === from || (from === command && owner === 'kysely')
  }
  const to = roomOf(imported)
  if (from === command) return to === command || ['index.ts', 'kysely/index.ts'].includes(imported)
  if (to === command) return false
  if (to === undefined) return from === undefined && imported !== 'index.ts'
  if (from === undefined) return !adapters.includes(to)
  if (imported.endsWith('/index.ts')) return false
  if (from === to) return true
  const highest = adapters.includes(from) ? floors.indexOf('port') : floors.indexOf(from) - 1
  return floors.includes(to) && floors.indexOf(to) <= highest
}

function breachesOf(files: Iterable<readonly [file: string, text: string]>): string[] {
  return [...files].flatMap(([file, text]) =>
    importsOf(file, text)
      .filter((imported) => !isAllowed(file, imported))
      .map((imported) => `${file} imports ${imported}`),
  )
}

/** The arrows between two rooms, each once. */
const arrows = new Set(
  [...sources].flatMap(([file, text]) => {
    const from = roomOf(file)
    const to = importsOf(file, text).flatMap((imported) => (imported.endsWith('.ts') ? (roomOf(imported) ?? []) : []))
    return from === undefined ? [] : to.filter((room) => room !== from).map((room) => `${from} -> ${room}`)
  }),
)

describe('the floors of src', () => {
  it('are kept by every import', () => expect(breachesOf(sources)).toEqual([]))

  it('are few, and so are the arrows between them', () => {
    const rooms = new Set([...sources.keys()].flatMap((file) => roomOf(file) ?? []))
    expect([...rooms].toSorted()).toEqual([...floors, ...adapters, command].toSorted())
    expect(rooms.size).toBeLessThanOrEqual(17)
    expect(arrows.size).toBeLessThanOrEqual(63)
    expect([...sources.keys()].filter((file) => roomOf(file) === undefined)).toEqual([
      'create-user-core.ts',
      'index.ts',
    ])
  })

  it.each([
    ['a value that knows the port', 'values/text.ts', "import type { UserRow } from '../port/tables.ts'"],
    ['the port that knows settings', 'port/write.ts', "import { resolveSettings } from '../site/settings.ts'"],
    ['settings that load', 'site/actor.ts', "import { loadAccount } from '../runtime/load-account.ts'"],
    ['the core that knows a rule', 'runtime/core.ts', "import { age } from '../accounts/age.ts'"],
    ['an account that knows retirement', 'accounts/age.ts', "export * from '../retirement/move.ts'"],
    ['a lower area that knows a higher', 'accounts/x.ts', "type Key = import('../preferences/preference-key.ts').Key"],
    [
      'a folder that knows the entry',
      'accounts/accounts.ts',
      "import { createUserCore } from '../create-user-core.ts'",
    ],
    ['an area that knows its index', 'accounts/accounts.ts', "import type { AccountPatch } from './index.ts'"],
    [
      'a higher area that knows the index of a lower',
      'retirement/move.ts',
      "import type { Whom } from '../site/index.ts'",
    ],
    ['an adapter that knows settings', 'memory/memory-store.ts', "import type { Settings } from '../site/settings.ts'"],
    ['an adapter that knows another', 'memory/index.ts', "import { codecs } from '../kysely/codecs.ts'"],
    ['an adapter that knows the outbox', 'kysely/lease-outbox.ts', "export { outbox } from '../outbox/outbox.ts'"],
    ['a core that knows an adapter', 'create-user-core.ts', "const kysely = await import('./kysely/index.ts')"],
    ['a rule that knows a database', 'accounts/age.ts', "import { sql } from 'kysely'"],
    ['a rule that knows a patch library', 'accounts/age.ts', "import jsonpatch from 'fast-json-patch'"],
    ['a command line that knows a table', 'command/run.ts', "import { tables } from '../port/tables.ts'"],
    ['an adapter that knows the command line', 'kysely/index.ts', "export { run } from '../command/run.ts'"],
    ['a rule that pulls zod', 'values/json.ts', "import * as z from 'zod'"],
  ])('refuse %s', (_, file, breach) => {
    expect(breachesOf([[file, `${sources.get(file) ?? ''}\n${breach}\n`]])).toHaveLength(1)
  })
})
