import { expect, it } from 'vitest'
import { createUserCore } from '../../src/create-user-core.ts'
import { manualClock } from '../../src/testing/index.ts'
import { outboxRow } from '../../src/testing/rows.ts'
import { onEachStore } from '../support/stores.ts'

onEachStore('the outbox', (open) => {
  it('delivers each message once, in order, and keeps those whose handler throws until their lease ends', async () => {
    await using store = await open()
    const clock = manualClock('2024-06-15T12:00:00Z')
    const users = createUserCore({ repository: store.repository, clock: clock.now })
    await store.repository.commit([
      { insert: 'outbox', rows: ['m1', 'm2', 'm3'].map((id) => outboxRow(id, 1, { payload: { id } })) },
    ])
    const seen: string[] = []
    const failure = new Error('smtp is down')
    const handler = (fails: string) => (message: { id: string }) => {
      seen.push(message.id)
      if (message.id === fails) throw failure
    }
    expect(await users.outbox.deliver(handler('m2'))).toEqual({ delivered: 2, failed: [{ id: 'm2', error: failure }] })
    expect(await users.outbox.deliver(handler(''))).toEqual({ delivered: 0, failed: [] })
    clock.advance(60_000)
    expect(await users.outbox.deliver(handler(''))).toEqual({ delivered: 1, failed: [] })
    expect(seen).toEqual(['m1', 'm2', 'm3', 'm2'])
    expect(await store.repository.select('outbox', {})).toEqual([])
  })

  it('leaves messages to others that it has not come to when its lease ends', async () => {
    await using store = await open()
    const clock = manualClock('2024-06-15T12:00:00Z')
    const users = createUserCore({ repository: store.repository, clock: clock.now })
    const ids = ['m1', 'm2', 'm3']
    await store.repository.commit([{ insert: 'outbox', rows: ids.map((id) => outboxRow(id, 1)) }])
    const seen: string[] = []
    const slowly = ({ id }: { id: string }) => {
      seen.push(id)
      clock.advance(30_000)
    }
    expect(await users.outbox.deliver(slowly)).toEqual({ delivered: 2, failed: [] })
    expect(await users.outbox.deliver(slowly)).toEqual({ delivered: 1, failed: [] })
    expect(seen).toEqual(ids)
  })

  it('hands each message to one of two deliverers', async () => {
    await using store = await open()
    const [one, two] = [createUserCore({ repository: store.repository }), createUserCore({ repository: store.second })]
    const ids = Array.from({ length: 50 }, (_, index) => `m${index}`)
    await store.repository.commit([{ insert: 'outbox', rows: ids.map((id) => outboxRow(id, 1)) }])
    const seen: string[] = []
    const handler = ({ id }: { id: string }) => void seen.push(id)
    await Promise.all(
      Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? one : two).outbox.deliver(handler, { limit: 7 })),
    )
    expect(seen.sort()).toEqual(ids.sort())
  })
})
