import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect, it, onTestFinished } from 'vitest'
import { createUserCore } from '../src/create-user-core.ts'
import { memoryRepository } from '../src/memory/index.ts'
import { withPeople } from './support/host.ts'

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

it('nothing is traced while nobody listens', async () => {
  const users = createUserCore({ repository: memoryRepository() })
  await expect(users.accounts.get({ username: 'ada' })).rejects.toThrow('user_not_found')
})
