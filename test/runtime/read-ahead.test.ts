import { expect, it, vi } from 'vitest'
import { readAhead } from '../../src/runtime/read-ahead.ts'

/** Yields 1, 2, … up to `last`, noting how far it came and whether it was closed. */
function numbers(last: number) {
  const state = { given: 0, closed: false }
  async function* source() {
    try {
      while (state.given < last) yield ++state.given
    } finally {
      state.closed = true
    }
  }
  return { state, source: source() }
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 2))

it('yields what is loaded for every item, in their order', async () => {
  for (const count of [0, 1, 2, 7]) {
    const { state, source } = numbers(count)
    const loaded: number[] = []
    for await (const item of readAhead(source, async (item) => item * 10)) loaded.push(item)
    expect(loaded).toEqual(Array.from({ length: count }, (_, index) => (index + 1) * 10))
    expect(state).toEqual({ given: count, closed: true })
  }
})

it('loads for two items beyond that of the reader', async () => {
  const { state, source } = numbers(5)
  const loaded: number[] = []
  for await (const item of readAhead(source, async (item) => loaded.push(item))) {
    await turn()
    expect(loaded.length).toBe(Math.min(item + 2, 5))
    expect(state.given).toBe(loaded.length)
  }
})

it('has two loads under way at once, and asks for one item after the other', async () => {
  let [asked, loading, most] = [0, 0, 0]
  async function* source() {
    for (let item = 1; item <= 6; item++) {
      expect(++asked).toBe(item)
      await turn()
      yield item
    }
  }
  const reader = readAhead(source(), async (item) => {
    most = Math.max(most, ++loading)
    await turn()
    await turn()
    loading--
    return item
  })
  const loaded: number[] = []
  for await (const item of reader) loaded.push(item)
  expect(loaded).toEqual([1, 2, 3, 4, 5, 6])
  expect(most).toBe(2)
})

it('closes the source when the reader stops, once the loads under way have ended', async () => {
  const { state, source } = numbers(5)
  const ended: number[] = []
  for await (const _ of readAhead(source, (item) => turn().then(() => ended.push(item)))) break
  expect(ended).toEqual([1, 2, 3])
  expect(state).toEqual({ given: 3, closed: true })
})

it('tells a failure when the reader asks for the item that failed, and no earlier', async () => {
  const unhandled = vi.fn()
  process.on('unhandledRejection', unhandled)
  const { state, source } = numbers(5)
  const reader = readAhead(source, async (item) => {
    if (item === 2) throw new Error('no item 2')
    return item
  })
  expect(await reader.next()).toEqual({ done: false, value: 1 })
  await turn()
  await expect(reader.next()).rejects.toThrow('no item 2')
  expect(await reader.next()).toEqual({ done: true, value: undefined })
  expect(state.closed).toBe(true)
  process.off('unhandledRejection', unhandled)
  expect(unhandled).not.toHaveBeenCalled()
})
