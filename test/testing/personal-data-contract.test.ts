import { describe, expect, it } from 'vitest'
import { testPersonalData } from '../../src/testing/index.ts'
import { openMemorySources, watchedSourcesOver } from '../personal-data/contract-stores.ts'
import { nodeSqliteDatabase } from '../stores/databases.ts'
import { sourceFaults } from './faults/sources.ts'

type Open = typeof openMemorySources

/** Returns the cases of the contract, by their names. */
function casesOn(open: Open): Map<string, () => Promise<void>> {
  const cases = new Map<string, () => Promise<void>>()
  testPersonalData((name, test) => cases.set(name, test), open)
  return cases
}

const groupOf = (name: string) => name.split(': ')[0] ?? ''
const names = [...casesOn(openMemorySources).keys()]
const groups = [...new Set(names.map(groupOf))]
const openSqlite = watchedSourcesOver(() => nodeSqliteDatabase('empty', 'wal'))

/** SQLite has no connections to cut: in place of a cut, the statement fails. */
const openWithStatements: Open = async () => {
  const given = await openSqlite()
  return { ...given, statements: given.statements && { ...given.statements, cutAt: given.statements.failAt } }
}

describe('the contract of personal data', () => {
  it('names each case once, with its group', () => {
    expect(new Set(names).size).toBe(names.length)
    expect(names.filter((name) => !/^[a-z ]+: \S/.test(name))).toEqual([])
  })

  it.each(groups)(
    'finds every fault planted for %s, and no case of it passes them all',
    async (group) => {
      const open = ['statements', 'failures'].includes(group) ? openWithStatements : openMemorySources
      const useful = new Set<string>()
      for (const [fault, plant] of Object.entries(sourceFaults[group] ?? {})) {
        const found: string[] = []
        for (const [name, test] of casesOn(async () => plant(await open()))) {
          if (groupOf(name) === group) await test().catch(() => found.push(name))
        }
        expect.soft(found, fault).not.toEqual([])
        for (const name of found) useful.add(name)
      }
      expect(names.filter((name) => groupOf(name) === group && !useful.has(name))).toEqual([])
    },
    120_000,
  )
})
