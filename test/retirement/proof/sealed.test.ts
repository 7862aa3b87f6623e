import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { system } from '../../../src/site/actor.ts'
import { onEveryStore } from '../../support/stores.ts'
import { dump, outcomes, overtaken } from '../site.ts'
import { storingNothing } from '../storing-calls.ts'
import { adaOf, argumentsOf, callingCore, everyCall, openSealed, outcomeOf, rowsOf, stages } from './sealed-calls.ts'
import { sealedTable } from './sealed-table.ts'

const file = join(import.meta.dirname, 'sealed.txt')

// To write the file anew: `RENEW_SEALED=1 npx vitest run test/retirement/proof/sealed`. Its difference is to be read line
// by line: an outcome with `stores` is about a person who is being retired.
it('every operation stores of a person at each stage of a retirement what the reviewed file says', async () => {
  const table = await sealedTable()
  if (process.env.RENEW_SEALED !== undefined) {
    expect(process.env.CI, 'CI compares, and renews nothing').toBeUndefined()
    writeFileSync(file, table)
  }
  expect(table).toBe(readFileSync(file, 'utf8'))
}, 120_000)

it('one file alone stores units, and none without a permit', () => {
  const src = join(import.meta.dirname, '../../../src')
  const storing = globSync('**/*.ts', { cwd: src }).filter(
    (path) => !/^(kysely|memory|testing|port)\//.test(path) && /\.commit\(/.test(readFileSync(join(src, path), 'utf8')),
  )
  expect(storing).toEqual(['runtime/core.ts'])
})

/** The calls by which trusted code would store something of a person. */
const storing = everyCall.filter(
  ({ name }) => !/^(retire|outbox|idempotency)/.test(name) && !storingNothing.includes(name),
)

onEveryStore('a sealed person', (open) => {
  it('is refused to trusted code at each stage, and nothing is stored but what the reviewed file says', async () => {
    await using store = await open()
    const { repository } = store
    const site = await openSealed(repository)
    const { id } = await adaOf(repository)
    const reviewed = readFileSync(file, 'utf8')
    for (const [stage, reach] of Object.entries(stages)) {
      await reach(site, repository)
      const ada = await adaOf(repository)
      for (const call of storing.filter(({ before }) => before === undefined)) {
        if (storesOfSealed(reviewed, call.name)) continue
        const users = callingCore(site, repository)
        const outcome = await outcomeOf(users, repository, id, call, argumentsOf(call, undefined, ada, system))
        expect(outcome, `${call.name} ${stage}`).not.toContain('stores')
      }
    }
  }, 120_000)

  it('stores nothing of a call that had loaded the person before the request', async () => {
    const reviewed = readFileSync(file, 'utf8')
    for (const call of storing.filter(({ before, name }) => before === undefined && !storesOfSealed(reviewed, name))) {
      await using store = await open()
      const site = await openSealed(store.repository)
      const ada = await adaOf(store.repository)
      let left: string[] = []
      const late = overtaken(store.second, async () => {
        await site.users.retirement.request(system, 'ada')
        left = await rowsOf(store.repository, ada.id)
      })
      const values = argumentsOf(call, undefined, ada, system)
      await call.operation.call(callingCore(site, late), values).catch(() => {})
      const stored = (await rowsOf(store.repository, ada.id)).filter((row) => left.length > 0 && !left.includes(row))
      expect(stored, call.name).toEqual([])
    }
  }, 120_000)

  it('stays empty after a thousand late writers against the last step', async () => {
    await using store = await open()
    const { repository, second } = store
    const site = await openSealed(repository, 'all')
    const other = site.another(second)
    const ada = { id: (await adaOf(repository)).id }
    const writers = Array.from({ length: 1000 }, (_, index) =>
      lateWriter([site.users, other][index % 2] ?? other, index),
    )
    let [done, stored] = [0, 0]
    const started = (async () => {
      for (const [stage, writes] of [
        ['cool-off', 200],
        ['at work', 500],
        ['complete', 600],
      ] as const) {
        while (done < writes) await sleep(1)
        await stages[stage]?.(site, repository)
      }
    })()
    const late = (async () => {
      const lanes = Array.from({ length: 16 }, async () => {
        for (let write = writers[done++]; write !== undefined; write = writers[done++]) {
          // Added after the wait: other lanes add meanwhile.
          const isStored = await write().then(
            () => true,
            () => false,
          )
          if (isStored) stored++
        }
      })
      await Promise.all(lanes)
    })()
    await Promise.all([started, late])
    expect(stored, 'those who were in time').toBeGreaterThan(0)
    expect(stored, 'those who were late').toBeLessThan(1000)
    // Those who come later still find that the person is sealed.
    expect(await outcomes([other.preferences.set(system, ada, 'late', 'secret')])).toEqual(['user_not_found'])
    await site.users.retirement.cleanUp(system, [ada])
    expect(await dump(repository)).not.toMatch(/secret|\bada\b/i)
  }, 300_000)
})

/** One of many kinds of writes about Ada, each with a text of its own that says `secret`. */
function lateWriter(users: ReturnType<typeof callingCore>, index: number): () => Promise<unknown> {
  const text = `secret ${index}`
  const kinds = [
    () => users.accounts.update(system, 'ada', { bio: text }),
    () => users.preferences.set(system, 'ada', `key${index % 20}`, text),
    () => users.courseTags.set(system, 'ada', 'c', `key${index % 20}`, text),
    () => users.extendedProfile.update({ system: true, name: 'crm' }, 'ada', { note: text }),
    () => users.accounts.requestNameChange({ username: 'ada' }, 'ada', text),
    () => users.accounts.update({ username: 'ada' }, 'ada', { email: `secret${index}@example.com` }),
  ]
  return kinds[index % kinds.length] ?? (async () => {})
}

/** Tells whether the reviewed file lets trusted code store something by a call about a person who is closed. */
function storesOfSealed(text: string, name: string): boolean {
  const section = text.split('\n\n').find((part) => part.startsWith(`${name}\n`)) ?? ''
  const line = section.split('\n').find((row) => row.startsWith('  system')) ?? ''
  const outcomes = line.slice(line.indexOf(': ') + 2).split(' | ')
  return outcomes.some((outcome) => outcome.endsWith('stores') && !outcome.startsWith('cool-off with all: '))
}
