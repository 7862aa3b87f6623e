import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { serverUrls } from '../stores/servers.ts'

const folder = import.meta.dirname
const dist = join(folder, '..', '..', 'dist')
const cases = readdirSync(folder).filter((file) => /^[fp]\d\d-.*\.mjs$/.test(file))

/** Tells whether every server that a case opens has an address. */
function canRun(file: string): boolean {
  const text = readFileSync(join(folder, file), 'utf8')
  const { postgres, mariadb, mysql } = serverUrls
  return (
    (!/postgresDb|pgUrl/.test(text) || postgres !== undefined) &&
    (!/mysqlDb/.test(text) || (mariadb ?? mysql) !== undefined)
  )
}

/** Runs a case against the built package; returns the line of its verdict. */
const run = (file: string) =>
  new Promise<string>((done) => {
    execFile(process.execPath, [join(folder, file), dist], (_, stdout, stderr) => done(stdout.trim() || stderr.trim()))
  })

describe.concurrent('cases from public bug reports, on the built package', () => {
  for (const file of cases) {
    it.runIf(canRun(file))(file, async () => expect(await run(file)).toMatch(/^stands: /))
  }

  it('stand in the table', () => {
    const table = readFileSync(join(folder, 'README.md'), 'utf8')
    expect(cases.filter((file) => !table.includes(`| ${file.slice(0, 3)} |`))).toEqual([])
  })
}, 60_000)
