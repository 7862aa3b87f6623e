import { numberFrom } from './child.ts'
import type { Job } from './jobs.ts'
import { median } from './rounds.ts'

const repeats = 7

/** Returns a program that prints the milliseconds of its imports and of what it does with them. */
const timed = (code: string) =>
  `const start = performance.now(); ${code}; process.stdout.write(String(performance.now() - start))`

const programs = {
  zod: timed(`await import('zod')`),
  usercore:
    timed(`const [{ createUserCore }, { memoryRepository }] = await Promise.all([import('usercore'), import('usercore/memory')])
    createUserCore({ repository: memoryRepository() })`),
  rules: timed(`await import('usercore/rules')`),
  /** The first import of a process also starts the loader of Node. */
  nothing: timed(`await import('${import.meta.resolve('./nothing.js')}')`),
}

const run = (program: string) => numberFrom(['--input-type=module', '--eval', program])

/** Runs programs in turns, each time in a process of its own. Returns the median of each; `NaN` of one that fails. */
async function medianTimes<Name extends keyof typeof programs>(
  names: readonly Name[],
): Promise<Record<string, number>> {
  const times = new Map(names.map((name) => [name, [] as number[]]))
  for (let turn = 0; turn < repeats; turn++) {
    for (const name of names) times.get(name)?.push(await run(programs[name]).catch(() => Number.NaN))
  }
  return Object.fromEntries([...times].map(([name, list]) => [name, median(list)]))
}

/** The time that imports of the built package take. */
export const importJobs: readonly Job<unknown>[] = [
  {
    rows: ['import usercore and make a core, beyond zod'],
    async measure() {
      const medians = await medianTimes(['usercore', 'zod'])
      const { usercore = Number.NaN, zod = Number.NaN } = medians
      return [{ job: 'import usercore and make a core, beyond zod', medians, unit: 'ms', value: usercore - zod }]
    },
  },
  {
    rows: ['import usercore/rules, beyond an empty file'],
    async measure() {
      const medians = await medianTimes(['rules', 'nothing'])
      const { rules = Number.NaN, nothing = Number.NaN } = medians
      return [{ job: 'import usercore/rules, beyond an empty file', medians, unit: 'ms', value: rules - nothing }]
    },
  },
]
