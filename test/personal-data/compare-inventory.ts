import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inventoryMarkdown } from '../../src/personal-data/inventory.ts'
import { userCoreSources } from '../../src/retirement/own-sources.ts'

/**
 * Compares `inventory.md`, the record of processing of our tables, with the tables as they are: run as
 * `node test/personal-data/compare-inventory.ts`, with `--write` to write it anew.
 */

const path = join(import.meta.dirname, '..', '..', 'inventory.md')
const text = inventoryMarkdown(userCoreSources)

if (process.argv.includes('--write')) writeFileSync(path, text)
else if (readFileSync(path, 'utf8') !== text) {
  process.stdout.write('inventory.md is not that of the tables: run this with --write\n')
  process.exitCode = 1
}
