import assert from 'node:assert/strict'
import type { Write } from '../../port/write.ts'
import { addUser, outboxRow } from '../rows.ts'
import type { Group } from './store.ts'
import { names } from './support.ts'

/** `commit` with `erases`. */
export const erasure: Group = {
  async 'values that a unit with erases replaces or removes are in no file any more'(store) {
    const { repository } = store
    const words = ['sECret-bio', 'sECret-mail', 'sECret-preference', 'sECret-delivered']
    const [bio = '', mail = '', preference = '', delivered = ''] = words
    const user_id = await addUser(repository, 'ada', { bio })
    for (const name of names(20)) await addUser(repository, name, { bio: name })
    const message = (id: string, word: string): Write => ({
      insert: 'outbox',
      rows: [outboxRow(id, user_id, { payload: { word: word.repeat(500) } })],
    })
    await repository.commit([message('m1', delivered)])
    await repository.commit([{ delete: 'outbox', where: { id: 'm1' } }])
    await repository.commit([
      message('m2', mail),
      { put: 'preferences', rows: [{ user_id, key: 'k', value: preference, version: 1 }] },
    ])
    const seen = await store.bytes?.()
    if (seen !== undefined) assert.ok(seen.includes(bio), 'the bytes of the store do not hold what is stored')
    const erasing: Write[] = [
      { update: 'profiles', set: { bio: null, version: 2 }, where: { user_id, version: 1 }, guarded: true },
      { delete: 'preferences', where: { user_id } },
      { delete: 'outbox', where: { user_id } },
    ]
    assert.equal(await repository.commit(erasing, undefined, { erases: true }), true)
    assert.equal(await repository.commit(erasing, undefined, { erases: true }), false)
    const left = await store.bytes?.()
    assert.deepEqual(
      words.filter((word) => left?.includes(word)),
      [],
    )
    assert.deepEqual(await repository.select('outbox', {}), [])
    assert.equal((await repository.select('profiles', { version: 1 })).length, 20)
  },
}
