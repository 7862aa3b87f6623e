import { describe, expect, it } from 'vitest'
import { testRepository } from '../../src/testing/index.ts'
import { openMemory, watchedStoresOver } from '../stores/contract-stores.ts'
import { nodeSqliteDatabase } from '../stores/databases.ts'
import { failingFaults } from './faults/failing.ts'
import { outboxFaults } from './faults/outbox.ts'
import type { Store } from './faults/plant.ts'
import { racingFaults } from './faults/racing.ts'
import { readingFaults } from './faults/reading.ts'
import { writingFaults } from './faults/writing.ts'

type Open = () => Promise<Store>

/** Returns the cases of the contract, by their names. */
function casesOn(open: Open): Map<string, () => Promise<void>> {
  const cases = new Map<string, () => Promise<void>>()
  testRepository((name, test) => cases.set(name, test), open)
  return cases
}

const groupOf = (name: string) => name.split(': ')[0] ?? ''
const names = [...casesOn(openMemory).keys()]
const groups = [...new Set(names.map(groupOf))]

/** Returns the cases of a group that a store fails. */
async function failed(open: Open, group: string): Promise<string[]> {
  const found: string[] = []
  for (const [name, test] of casesOn(open)) {
    if (groupOf(name) === group) await test().catch(() => found.push(name))
  }
  return found
}

const openSqlite = watchedStoresOver(() => nodeSqliteDatabase('tables', 'wal'))

/** The faults of statements are on SQLite. It has no connections to cut: in place of a cut, the statement fails. */
const openWithStatements: Open = async () => {
  const store = await openSqlite()
  return { ...store, statements: store.statements && { ...store.statements, cutAt: store.statements.failAt } }
}

const faultsOf = (group: string) =>
  [readingFaults, writingFaults, racingFaults, outboxFaults, failingFaults].flatMap((faults) =>
    Object.entries(faults[group] ?? {}),
  )

describe('the repository contract', () => {
  it('names each case once, with its group', () => {
    expect(new Set(names).size).toBe(names.length)
    expect(names.filter((name) => !/^[a-z ]+: \S/.test(name))).toEqual([])
  })

  it.each(groups)('finds every fault planted for %s, and no case of them passes them all', async (group) => {
    const open = group in failingFaults ? openWithStatements : openMemory
    const useful = new Set<string>()
    for (const [fault, plant] of faultsOf(group)) {
      const found = await failed(async () => plant(await open()), group)
      expect.soft(found, fault).not.toEqual([])
      for (const name of found) useful.add(name)
    }
    expect(names.filter((name) => groupOf(name) === group && !useful.has(name))).toEqual([])
  })
})
