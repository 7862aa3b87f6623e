import { join } from 'node:path'
import { numberFrom } from './child.ts'
import type { Bench, Row } from './jobs.ts'
import type { JobName } from './limits.ts'
import type { MemoryJob } from './memory.ts'

/** Measures in a process of its own by how many MiB its memory grows while it does a job. */
export async function memoryGrowth(job: JobName, bench: Bench, what: MemoryJob['what']): Promise<Row> {
  const { place, people, many } = bench
  const request: MemoryJob = { what, place, people, many }
  const value = await numberFrom(['--expose-gc', join(import.meta.dirname, 'memory.ts'), JSON.stringify(request)])
  return { job, medians: { usercore: value }, unit: 'MiB', value }
}
