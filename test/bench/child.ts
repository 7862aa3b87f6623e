import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '..', '..')

/** Runs Node in a process of its own. Returns the number that it prints. */
export async function numberFrom(parameters: readonly string[]): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [...parameters], { cwd: root })
  return Number(stdout.trim())
}
