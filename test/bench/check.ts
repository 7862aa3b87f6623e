import { readFileSync } from 'node:fs'
import { known, type Measured, shortfalls } from './limits.ts'

/**
 * Compares the file of `npm run bench -- --json <file>` with the table of limits. Prints each row that falls short or is
 * missing, and exits with 1 where there is one. Shortfalls of MariaDB and MySQL that `known-shortfalls.ts` names are
 * printed with what was tried, and count for nothing.
 */
const [file] = process.argv.slice(2)
if (file === undefined) throw new TypeError('node test/bench/check.ts <file>')
const measured = JSON.parse(readFileSync(file, 'utf8')) as Measured
const short = shortfalls(measured)
for (const line of known(measured)) console.log(line)
for (const line of short) console.log(line)
console.log(`${measured.results.length} rows, ${short.length} shortfalls`)
process.exitCode = short.length > 0 ? 1 : 0
