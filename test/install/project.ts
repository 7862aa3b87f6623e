import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll } from 'vitest'

export const run = promisify(execFile)

const folders: string[] = []
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

/** Makes an empty folder, which goes with the end of the file's tests. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'usercore-install-'))
  folders.push(folder)
  return folder
}

/** A project with packages, and what npm had to say when it installed them. */
export interface Project {
  readonly folder: string
  readonly said: string
}

/** Makes a fresh project with some packages. */
export async function install(packages: readonly string[]): Promise<Project> {
  const folder = newFolder()
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  const options = ['--prefer-offline', '--no-audit', '--no-fund', '--strict-peer-deps']
  const { stdout, stderr } = await run('npm', ['install', ...options, ...packages], { cwd: folder, timeout: 240_000 })
  return { folder, said: stdout + stderr }
}
