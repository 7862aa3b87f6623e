import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { rightsMatrix } from './matrix.ts'

const file = join(import.meta.dirname, 'matrix.txt')

// To write the file anew: `RENEW_RIGHTS=1 npx vitest run test/rights`. Its difference is to be read line by line.
it('every operation answers each actor about each person what the reviewed file says', async () => {
  const matrix = await rightsMatrix()
  if (process.env.RENEW_RIGHTS !== undefined) {
    expect(process.env.CI, 'CI compares, and renews nothing').toBeUndefined()
    writeFileSync(file, matrix)
  }
  expect(matrix).toBe(readFileSync(file, 'utf8'))
}, 60_000)

it('one file alone refuses actors for lack of rights', () => {
  const src = join(import.meta.dirname, '../../src')
  const refusing = globSync('**/*.ts', { cwd: src }).filter((path) =>
    /UserCoreError\(\s*'not_authorized'/.test(readFileSync(join(src, path), 'utf8')),
  )
  expect(refusing).toEqual(['runtime/authorize.ts'])
})
