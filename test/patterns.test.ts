import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanNote } from '../src/retirement/note.ts'
import { type Pattern, patternsIn } from './support/patterns.ts'

const patterns = patternsIn('src')

/** Characters that are told apart by most patterns. */
const common = [
  ' ',
  'a',
  'Z',
  '0',
  '-',
  '.',
  '@',
  '/',
  '_',
  ',',
  '"',
  '\\',
  '%',
  '\n',
  'ü',
  '\u0301',
  '٠',
  '𝒳',
  '\0',
  '!',
]

/** Text that a pattern can go round in: what to begin with, what to repeat, and what to end with so that nothing fits. */
type Attack = (length: number) => string

function attacksOn({ source, flags }: Pattern): Attack[] {
  const own = [...new Set(source.replace(/\\p\{[^}]*\}|\\[a-z]/gu, ''))].slice(0, 12)
  const repeated = [...common, ...own, ...own.flatMap((first) => own.map((second) => first + second))]
  const beginnings = new Set(['', /^\^?\(?((?:[\w:.-]|\\\/)*)/.exec(source)?.[1]?.replaceAll('\\', '') ?? ''])
  const blind = repeated.flatMap((part) => [...beginnings].map((start) => ({ start, part })))
  return [...blind, ...stretched(source, flags)].flatMap(({ start, part }) =>
    ['', '\0'].map(
      (end): Attack =>
        (length) =>
          start + part.repeat(length / part.length) + end,
    ),
  )
}

/** Texts that fit a pattern, with each piece of them in turn as the one to repeat. */
function stretched(source: string, flags: string): { start: string; part: string }[] {
  // The rest of a negated class is found by trial, which can take for ever.
  if (source.includes('[^')) return []
  try {
    const fitting = fc.sample(fc.stringMatching(new RegExp(source, flags.replace(/[gy]/, ''))), { numRuns: 5, seed: 1 })
    return fitting.flatMap((text) => {
      const short = text.slice(0, 40)
      return [...short].flatMap((_, start) =>
        [1, 2, 3].map((length) => ({ start: short.slice(0, start), part: short.slice(start, start + length) })),
      )
    })
  } catch {
    // Not every pattern can be turned round; the others are attacked blindly.
    return []
  }
}

/** The least time of some runs, in milliseconds: whatever else the machine does only adds to it. */
function best(runs: number, run: () => unknown): number {
  const times = Array.from({ length: runs }, () => {
    const start = performance.now()
    run()
    return performance.now() - start
  })
  return Math.min(...times)
}

/** Times of linear work grow four times here, those of quadratic work sixteen times. */
const [short, long] = [4000, 16_000]

/** Whether the time that something takes grows faster than its input. Fast work is not measured: it is all noise. */
function growsTooFast(run: (text: string) => unknown, attack: Attack): boolean {
  const text = attack(short)
  if (best(2, () => run(text)) < 1) return false
  const longer = attack(long)
  // A machine with other work can spoil one measurement, even the least of its times.
  return [1, 2, 3].every(() => best(5, () => run(longer)) > 9 * best(5, () => run(text)))
}

describe('patterns in src', () => {
  it('are all found', () => {
    expect(patterns.length).toBeGreaterThan(60)
    for (const { source, flags } of patterns) expect(() => new RegExp(source, flags)).not.toThrow()
    // Those that are put together at run time cannot be found: one is attacked below, the other by the test of traces.
    const made = execFileSync('grep', ['-rlE', '\\bRegExp\\(', 'src'], { encoding: 'utf8' })
    expect(made.trim().split('\n').toSorted()).toEqual(['src/retirement/note.ts', 'src/retirement/retired-forms-in.ts'])
  })

  it.each(patterns)('take time that grows no faster than the text: $place', (pattern) => {
    const everywhere = new RegExp(pattern.source, `${pattern.flags.replace(/[gy]/, '')}g`)
    const found = attacksOn(pattern).find((attack) => growsTooFast((text) => text.replace(everywhere, ''), attack))
    expect(found?.(20)).toBeUndefined()
  })

  it.each([/\s+$/, /x*y/, /(?:a|b)+c/, /[^@]+@[^@]+/])('are found where they take longer: %s', ({ source, flags }) => {
    const everywhere = new RegExp(source, `${flags}g`)
    const attacks = attacksOn({ source, flags, place: '' })
    expect(attacks.some((attack) => growsTooFast((text) => text.replace(everywhere, ''), attack))).toBe(true)
  })
})

describe('the note of a move', () => {
  it.each(['a', 'a ', '@', 'a@', '%40', '<', '\u0301', 'ada'])('takes no longer for more of %j', (part) => {
    const person = { original_username: 'a'.repeat(100), original_name: 'ada '.repeat(60), original_email: 'a@a.aa' }
    const lengths: number[] = []
    for (const length of [10_000, 100_000]) {
      const replace = String.prototype.replace
      let longest = 0
      String.prototype.replace = function (this: string, ...given: Parameters<typeof replace>) {
        longest = Math.max(longest, this.length)
        return Reflect.apply(replace, this, given)
      } as typeof replace
      try {
        cleanNote(part.repeat(length), person)
      } finally {
        String.prototype.replace = replace
      }
      lengths.push(longest)
    }
    expect(lengths[1]).toBe(lengths[0])
    expect(lengths[0]).toBeLessThan(20_000)
  })
})
