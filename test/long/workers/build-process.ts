import { type ChildProcess, fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Site } from '../../hammer/journal.ts'

/** The built program of the processes, until it is disposed of. */
export interface BuiltProcess extends AsyncDisposable {
  /** Starts a process that works at a site until it gets a message. */
  start(site: Site): ChildProcess
}

/**
 * Builds the program of the processes. Processes are killed seconds after they start: from hundreds of modules most of
 * their time would go into starting.
 */
export async function buildProcess(): Promise<BuiltProcess> {
  // In the folder of the package, since the drivers are loaded from it.
  const folder = await mkdtemp(join(import.meta.dirname, '../../../node_modules/.usercore-workers-'))
  const program = join(folder, 'process.mjs')
  await build({
    entryPoints: [join(import.meta.dirname, 'process.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['pg', 'mysql2'],
  })
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') }
  return {
    start: (site) => fork(program, [JSON.stringify(site)], { env }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
