import { describe, expect, it } from 'vitest'
import { memoryRepository } from '../../src/memory/index.ts'
import type { Core } from '../../src/runtime/core.ts'
import { afterUser, cursorOf, everyPage, nextOf, placeOf } from '../../src/runtime/pages.ts'

const core = { repository: memoryRepository() } as unknown as Core
const refused = expect.objectContaining({ code: 'bad_request', params: { argument: 'after' } })

describe('a cursor', () => {
  it('names the beginning of a page, and is read back the same', () => {
    for (const place of [[1], ['9223372036854775807'], ['2024-06-15T12:00:00.000000Z', 7], ['ä', 0]]) {
      expect(cursorOf(place)).toMatch(/^[-_a-zA-Z0-9]+$/)
      expect(placeOf(cursorOf(place))).toEqual(place)
    }
    expect(placeOf(undefined)).toBeUndefined()
  })

  it('that no page gave is refused', () => {
    const bad = [
      '',
      'x',
      '5',
      '[1]',
      `${cursorOf([1])}=`,
      ` ${cursorOf([1])}`,
      cursorOf([1.5]),
      cursorOf([{}] as never),
    ]
    for (const cursor of bad) expect(() => placeOf(cursor), cursor).toThrow(refused)
    for (const place of [[], [1, 2], ['x']]) expect(() => afterUser(core, cursorOf(place))).toThrow(refused)
    expect(afterUser(core, cursorOf([7]))).toEqual({ after: 7 })
    expect(afterUser(core, undefined)).toEqual({})
  })

  it('is that of the last row, and none behind the last page', () => {
    expect(nextOf([1, 2], 2, (row) => [row])).toEqual({ next: cursorOf([2]) })
    expect(nextOf([1], 2, (row) => [row])).toEqual({})
    expect(nextOf([], 0, (row) => [row])).toEqual({})
  })
})

it('every page of a list is loaded from behind the last row of the one before, as far as it is asked', async () => {
  const asked: unknown[] = []
  const load = async (last = 0) => {
    asked.push(last)
    return [1, 2, 3, 4, 5].filter((row) => row > last).slice(0, 2)
  }
  const pages: (readonly number[])[] = []
  for await (const page of everyPage(load)) pages.push(page)
  expect(pages).toEqual([[1, 2], [3, 4], [5]])
  expect(asked.splice(0)).toEqual([0, 2, 4, 5])
  for await (const _ of everyPage(load)) break
  expect(asked).toEqual([0])
})
