import jsonMergePatch from 'json-merge-patch'
import { applyMergePatch } from '../../src/rules/index.ts'
import { mediansOf } from './compare.ts'
import type { Job } from './jobs.ts'
import { inRounds, ratio } from './rounds.ts'

const value = (index: number, text: string) => ({ name: `${text} ${index}`, tags: ['a', 'b'], detail: { of: index } })
const documentOf = (text: string) =>
  Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`field${index}`, value(index, text)]))
const document = documentOf('before')
/** About 2 KiB of JSON. */
const patch = documentOf('after')

/** A merge patch through the guard beside the bare library, which gets copies since it changes what it is given. */
export const patchJob: Job<{ readonly rounds: number; readonly roundTime: number }> = {
  rows: ['merge patch of 2 KiB'],
  async measure(effort) {
    const repeat = (call: () => unknown) => async () => {
      for (let turn = 0; turn < 100; turn++) call()
    }
    const times = await inRounds(
      {
        usercore: { run: repeat(() => applyMergePatch(document, patch)) },
        library: { run: repeat(() => jsonMergePatch.apply(structuredClone(document), patch)) },
      },
      effort,
    )
    const medians = Object.entries(mediansOf(times)).map(([name, time]) => [name, time / 100])
    return [
      {
        job: 'merge patch of 2 KiB',
        medians: Object.fromEntries(medians),
        unit: 'ms',
        value: ratio(times.usercore, times.library),
      },
    ]
  },
}
