import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'

const root = join(import.meta.dirname, '..')

const forbidden = [
  ['src/accounts/a1.ts', '../repository.ts'],
  ['src/accounts/a2.ts', '../core.ts'],
  ['src/accounts/a3.ts', './operations.ts'],
  ['src/accounts/a4.ts', 'kysely'],
  ['src/accounts/a5.ts', 'fast-json-patch'],
  ['src/preferences/p1.ts', '../load-account.ts'],
  ['src/preferences/operations.ts', '../accounts/operations.ts'],
  ['src/preferences/operations/o1.ts', '../../accounts/operations/limit-rate.ts'],
  ['src/accounts/operations/o1.ts', '../../memory/index.ts'],
  ['src/accounts/operations/o2.ts', 'kysely'],
  ['src/accounts/operations.ts', '../create-user-core.ts'],
  ['src/create-user-core.ts', './kysely/index.ts'],
  ['src/memory/m1.ts', '../kysely/codecs.ts'],
  ['src/memory/m2.ts', '../accounts/operations.ts'],
  ['src/kysely/k1.ts', '../memory/index.ts'],
  ['src/kysely/k2.ts', '../core.ts'],
  ['src/kysely/k3.ts', 'json-merge-patch'],
  ['src/testing/t1.ts', '../memory/index.ts'],
  ['examples/e1.ts', '../src/index.ts'],
  ['examples/site/e1.ts', '../../src/accounts/name.ts'],
] as const

const allowed = [
  ['src/accounts/b1.ts', '../settings.ts'],
  ['src/preferences/b1.ts', '../accounts/visibility.ts'],
  ['src/accounts/operations/b1.ts', '../../core.ts'],
  ['src/accounts/operations/b2.ts', '../../load-account.ts'],
  ['src/kysely/b1.ts', '../repository.ts'],
  ['src/kysely/b2.ts', 'kysely'],
  ['examples/site/b1.ts', 'kysely'],
] as const

/** The planted files that the linter finds to break the rule. */
function findBreaches(planted: readonly (readonly [file: string, imported: string])[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'usercore-lint-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  cpSync(join(root, 'biome.json'), join(folder, 'biome.json'))
  for (const [file, imported] of planted) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), `import * as imported from '${imported}'\nvoid imported\n`)
  }
  const biome = join(root, 'node_modules', '.bin', 'biome')
  const { stdout } = spawnSync(biome, ['lint', '--reporter=github', '--max-diagnostics=none', '.'], {
    cwd: folder,
    encoding: 'utf8',
  })
  const breaches = stdout.split('\n').filter((line) => line.includes('noRestrictedImports'))
  return planted.map(([file]) => file).filter((file) => breaches.some((line) => line.includes(file)))
}

describe('the dependency rule', () => {
  it('is enforced by the linter', () => {
    expect(findBreaches(forbidden)).toEqual(forbidden.map(([file]) => file))
  })

  it('lets through what it allows', () => expect(findBreaches(allowed)).toEqual([]))
})
