#!/usr/bin/env node
import { run } from './run.ts'

// A reader that has enough, such as `head`, is no failure.
process.stdout.on('error', () => {})
await run(process.argv.slice(2), {
  cwd: process.cwd(),
  env: process.env,
  write: (text) => void process.stdout.write(text),
  complain: (text) => void process.stderr.write(text),
}).then((code) => {
  // The module of `--config` may have opened a pool, which would keep the process up. What was written goes out first.
  process.stdout.write('', () => process.exit(code))
})
