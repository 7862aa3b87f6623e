import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

it('the published contract runs under the test runner of Node too', () => {
  const program = join(import.meta.dirname, 'node-runner.ts')
  const { stdout, status } = spawnSync(process.execPath, ['--test', '--test-reporter=tap', program], {
    encoding: 'utf8',
  })
  const [passed, failed] = ['pass', 'fail'].map((outcome) =>
    Number(new RegExp(`^# ${outcome} (\\d+)$`, 'm').exec(stdout)?.[1]),
  )
  expect({ status, failed }, stdout).toEqual({ status: 0, failed: 0 })
  expect(passed).toBeGreaterThan(80)
}, 120_000)
