import { expect, it, vi } from 'vitest'
import { oneAhead } from '../../src/runtime/one-ahead.ts'

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
    for await (const item of oneAhead(source, async (item) => item * 10)) loaded.push(item)
    expect(loaded).toEqual(Array.from({ length: count }, (_, index) => (index + 1) * 10))
    expect(state).toEqual({ given: count, closed: true })
  }
})

it('loads for one item beyond that of the reader', async () => {
  const { state, source } = numbers(5)
  const loaded: number[] = []
  for await (const item of oneAhead(source, async (item) => loaded.push(item))) {
    await turn()
    expect(loaded.length).toBe(Math.min(item + 1, 5))
    expect(state.given).toBe(loaded.length)
  }
})

it('closes the source when the reader stops, once the load under way has ended', async () => {
  const { state, source } = numbers(5)
  const ended: number[] = []
  for await (const _ of oneAhead(source, (item) => turn().then(() => ended.push(item)))) break
  expect(ended).toEqual([1, 2])
  expect(state).toEqual({ given: 2, closed: true })
})

it('tells a failure when the reader asks for the item that failed, and no earlier', async () => {
  const unhandled = vi.fn()
  process.on('unhandledRejection', unhandled)
  const { state, source } = numbers(5)
  const reader = oneAhead(source, async (item) => {
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
