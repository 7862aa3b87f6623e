import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { parseDocument } from '../../src/accounts/extended-profile/document.ts'
import { kyselyRepository } from '../../src/kysely/index.ts'
import { withPeople } from '../support/host.ts'
import { sqliteDatabase } from './databases.ts'

const run = promisify(execFile)

it('four processes that change one account of one file lose nothing', async () => {
  const file = await sqliteDatabase()
  const repository = kyselyRepository(file.connect(), { dialect: 'sqlite' })
  await withPeople(repository)
  const writers = ['a', 'b', 'c', 'd']
  const times = 20
  const program = join(import.meta.dirname, 'sqlite-writer.ts')
  await Promise.all(writers.map((writer) => run(process.execPath, [program, file.path, writer, String(times)])))
  const [row] = await repository.select('extended_profiles', {})
  const names = writers.flatMap((writer) => Array.from({ length: times }, (_, turn) => `${writer}-${turn}`))
  expect(Object.keys(parseDocument(row?.document ?? '') ?? {}).sort()).toEqual(names.sort())
  const [profile] = await repository.select('profiles', { user_id: row?.user_id ?? 0 })
  expect(profile?.version).toBe(1 + names.length)
  await file.close()
}, 60_000)
