import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createUserCore } from '../src/index.ts'
import { memoryRepository } from '../src/memory/index.ts'
import { exportedNames, sourceFiles } from './support/doc-comments.ts'
import { namesBefore, operationsBefore } from './support/names-before.ts'
import { operationsOf } from './support/operations.ts'

const root = join(import.meta.dirname, '..')
const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** The rows of the table "Renamed and removed": the old names of each, and the text on what takes their place. */
const rows = (/^### Renamed and removed\n(.*?)^##/ms.exec(changelog)?.[1] ?? '')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| old name') && !line.startsWith('| ---'))
  .map((line) => {
    const [, old = '', replacement = ''] = line.split('|')
    return { old: namesIn(old), replacement }
  })

/** The names in code font, without the arguments behind them. */
function namesIn(text: string): string[] {
  return [...text.matchAll(/`([\w.]+)[^`]*`/g)].map(([, name = '']) => name)
}

function exportedNow(entry: string): string[] {
  const file = entry === 'usercore' ? 'src/index.ts' : `src/${entry.replace('usercore/', '')}/index.ts`
  return exportedNames(sourceFiles(), [file]).map(({ name }) => name)
}

const operationsNow = operationsOf(createUserCore({ repository: memoryRepository() })).map(({ name }) => name)
const told = rows.flatMap(({ old }) => old)

describe('the changelog', () => {
  it('has a dated section for the version of the package, below an unreleased one', () => {
    expect(changelog).toMatch(
      new RegExp(`^## \\[Unreleased\\]$.*^## \\[${version.replaceAll('.', '\\.')}\\] - \\d{4}-\\d\\d-\\d\\d$`, 'ms'),
    )
  })

  it.each(Object.entries(namesBefore))('names every export of %s that is gone', (entry, before) => {
    const now = exportedNow(entry)
    expect(now.length).toBeGreaterThan(0)
    expect(before.filter((name) => !now.includes(name) && !told.includes(name))).toEqual([])
  })

  it('names every operation that is gone', () => {
    expect(operationsNow.length).toBeGreaterThan(70)
    expect(operationsBefore.filter((name) => !operationsNow.includes(name) && !told.includes(name))).toEqual([])
  })

  it('gives each old name a replacement or a reason', () => {
    expect(rows.length).toBeGreaterThan(50)
    expect(rows.filter(({ replacement }) => replacement.trim() === '')).toEqual([])
  })

  it('replaces names by those that there are', () => {
    const entries = ['usercore', 'usercore/port', 'usercore/rules']
    const now = new Set([...operationsNow, ...entries.flatMap(exportedNow)])
    // Names of types begin with a capital letter, those of operations have the area before a full stop.
    const names = rows.flatMap(({ replacement }) => namesIn(replacement))
    const checked = names.filter((name) => /^[A-Z]\w+$|^\w+\.\w+/.test(name) && name !== 'Map')
    expect(checked.length).toBeGreaterThan(50)
    expect(checked.filter((name) => !now.has(name))).toEqual([])
  })
})
