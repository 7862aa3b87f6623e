import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A place for the image of a PGlite that has just been made, so that it is made once in a run: see `databases.ts`. */
export default function (): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'usercore-pglite-'))
  process.env.TEST_PGLITE_IMAGE = join(folder, 'image.tar')
  return () => rmSync(folder, { recursive: true })
}
