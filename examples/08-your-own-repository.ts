/**
 * A repository of your own: over one JSON file, in 08-your-own-repository. It keeps rows and knows no rule, and the
 * contract of `usercore/testing` proves that it keeps every promise of the port.
 *
 * This is a test file for node:test: `testRepository` takes the `it` or `test` of any runner.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { createUserCore, system } from 'usercore'
import { testRepository } from 'usercore/testing'
import { jsonFileRepository } from './08-your-own-repository/json-file-repository.ts'

const folder = mkdtempSync(join(tmpdir(), 'usercore-'))
after(() => rmSync(folder, { recursive: true }))

let stores = 0
const newFile = () => join(folder, `${++stores}.json`)

describe('the contract, on a JSON file', () =>
  testRepository(test, async () => {
    const repository = jsonFileRepository(newFile())
    // A file has no statements that could fail one by one.
    return { repository, transaction: repository.transaction, statements: undefined, close: async () => {} }
  }))

test('what was stored is there when the file is opened again', async () => {
  const file = newFile()
  const before = createUserCore({ repository: jsonFileRepository(file) })
  await before.accounts.create(system, { username: 'ada', email: 'ada@example.com', name: 'Ada' }, { active: true })
  const after = createUserCore({ repository: jsonFileRepository(file) })
  const account = await after.accounts.get({ username: 'ada' }, 'ada')
  assert.equal(account?.email, 'ada@example.com')
})
