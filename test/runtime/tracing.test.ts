import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect, it, onTestFinished, vi } from 'vitest'
import { createUserCore } from '../../src/create-user-core.ts'
import { memoryRepository } from '../../src/memory/index.ts'
import { StorageError } from '../../src/port/repository.ts'
import { system } from '../../src/site/actor.ts'
import type { LogRecord } from '../../src/site/host.ts'
import { withPeople } from '../support/host.ts'

it('operations are traced under their names, without arguments', async () => {
  const users = await withPeople(memoryRepository())
  const seen: unknown[] = []
  for (const moment of ['start', 'asyncEnd', 'error']) {
    const channel = `tracing:usercore:accounts.update:${moment}`
    const listener = (context: unknown) => void seen.push([moment, JSON.stringify(context)])
    subscribe(channel, listener)
    onTestFinished(() => void unsubscribe(channel, listener))
  }
  const { account } = await users.accounts.update({ username: 'ada' }, 'ada', { bio: 'private thoughts' })
  expect(account.bio).toBe('private thoughts')
  await expect(users.accounts.update({ username: 'ada' }, 'bob', {})).rejects.toThrow('not_authorized')
  expect(seen.map((entry) => (entry as [string])[0])).toEqual(['start', 'asyncEnd', 'start', 'error', 'asyncEnd'])
  expect(JSON.stringify(seen)).not.toMatch(/private thoughts|ada/)
})

it('nothing is traced without a subscriber', async () => {
  const users = createUserCore({ repository: memoryRepository() })
  await expect(users.accounts.get({ username: 'ada' }, 'ada')).rejects.toThrow('user_not_found')
})

it('the log gets the outcome of each call, and no argument or result', async () => {
  const records: LogRecord[] = []
  const memory = memoryRepository()
  const users = createUserCore({ repository: memory, logger: (record) => void records.push(record) })
  await users.accounts.create(system, { username: 'ada', email: 'ada@example.com', name: 'Ada' })
  const ada = { username: 'ada' }
  await users.accounts.update(ada, 'ada', { bio: 'private thoughts' })
  await expect(users.accounts.update(ada, 'ada', { name: '<ada>' })).rejects.toThrow('account_validation_error')
  await memory.transaction(async (transaction) => {
    await users.with(transaction).preferences.getAll(ada, ada)
  })
  expect(records).toEqual([
    { operation: 'accounts.create', duration_ms: expect.any(Number) },
    { operation: 'accounts.update', duration_ms: expect.any(Number) },
    { operation: 'accounts.update', duration_ms: expect.any(Number), code: 'account_validation_error' },
    { operation: 'preferences.getAll', duration_ms: expect.any(Number) },
  ])
  expect(records.every(({ duration_ms }) => duration_ms >= 0 && duration_ms < 60_000)).toBe(true)
})

it('the log gets the code of the driver when storage fails', async () => {
  const records: LogRecord[] = []
  const findAccounts = () => Promise.reject(new StorageError('accounts', '08006'))
  const repository = { ...memoryRepository(), findAccounts }
  const users = createUserCore({ repository, logger: (record) => void records.push(record) })
  await expect(users.accounts.get({ username: 'ada' }, 'ada')).rejects.toThrow('internal_error')
  expect(records).toMatchObject([{ operation: 'accounts.get', code: 'internal_error', driver_code: '08006' }])
})

it('a log that fails does not make a call fail: its error is thrown outside of it', async () => {
  const outside: unknown[] = []
  const nextTick = vi.spyOn(process, 'nextTick').mockImplementation((run) => {
    expect(run).toThrow('disk full')
    outside.push(run)
  })
  onTestFinished(() => nextTick.mockRestore())
  const logger = () => {
    throw new Error('disk full')
  }
  const users = createUserCore({ repository: memoryRepository(), logger })
  await users.accounts.create(system, { username: 'ada', email: 'ada@example.com', name: 'Ada' })
  expect(outside).toHaveLength(1)
})
