import { expect, it } from 'vitest'
import { putOff } from '../../src/values/put-off.ts'

const drawing = (byte: number) => (bytes: number) => new Uint8Array(bytes).fill(byte)
const delays = { first: 10_000, longest: 3_600_000 }

it('a try is put off for twice as long as the one before, up to the longest', () => {
  const seconds = [1, 2, 3, 9, 10, 30, 2000].map((attempt) => putOff(attempt, delays, drawing(0)) / 1000)
  expect(seconds).toEqual([10, 20, 40, 2560, 3600, 3600, 3600])
})

it('chance takes up to half of the time away', () => {
  expect(putOff(1, delays, drawing(255))).toBe(5000)
  expect(putOff(1, delays, drawing(128))).toBe(7490)
})
