import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

it('the map of the tests names every folder and every file beside it, and no other', () => {
  const entries = readdirSync(import.meta.dirname, { withFileTypes: true })
  const there = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
  const map = readFileSync(`${import.meta.dirname}/README.md`, 'utf8')
  const named = [...map.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name)
  // A module that a test beside it is about stands in the line of that test.
  const listed = there.filter((name) => name !== 'README.md' && name !== 'prose.ts')
  expect(named.toSorted()).toEqual(listed.toSorted())
})
