import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createUserCore } from '../src/create-user-core.ts'
import { memoryRepository } from '../src/memory/index.ts'

const page = readFileSync(join(import.meta.dirname, '..', 'SECURITY.md'), 'utf8')
const code = [...page.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text)
const users = createUserCore({ repository: memoryRepository() })

/** Words with an underscore that are no settings: members of documents, and names of SQLite. */
const others = ['is_active', 'is_staff', 'secure_delete', 'wal_checkpoint']

it('the page on security names settings and operations that there are', () => {
  const words = code.flatMap((text) => text.match(/\b[a-z]+(?:_[a-z]+)+\b/g) ?? [])
  expect(words.filter((word) => !(word in users.settings) && !others.includes(word))).toEqual([])
  const operations = code.filter((text) => text.startsWith('users.'))
  expect(operations.length).toBeGreaterThan(5)
  for (const operation of operations) {
    const [, area = '', name = ''] = operation.split('.')
    expect([operation, typeof Object(Object(users)[area])[name]]).toEqual([operation, 'function'])
  }
})
