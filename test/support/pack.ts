import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..', '..')

/** The package as it would be published. */
export interface Tarball {
  readonly path: string
  /** Its files, in the order of their names. */
  readonly files: readonly string[]
}

/** Packs what `npm run build` has made. */
export async function pack(folder: string): Promise<Tarball> {
  const command = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]
  const { stdout } = await run('npm', command, { cwd: root })
  const [{ filename, files }] = JSON.parse(stdout)
  return { path: join(folder, filename), files: files.map((file: { path: string }) => file.path).sort() }
}

/** Unpacks a tarball as a package manager does, without what it depends on. */
export async function unpack({ path }: Tarball, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  await run('tar', ['-xzf', path, '--strip-components', '1', '-C', folder])
}
