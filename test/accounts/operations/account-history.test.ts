import { expect, it } from 'vitest'
import { cursorOf } from '../../../src/runtime/pages.ts'
import { system } from '../../../src/site/actor.ts'
import { withPeople } from '../../support/host.ts'
import { onEachStore } from '../../support/stores.ts'

const ada = { username: 'ada' }
const staff = { username: 'bob', staff: true }

onEachStore('accounts.history', (open) => {
  it('lists the names and addresses that were replaced, oldest first, page by page', async () => {
    await using store = await open()
    let seconds = 0
    const clock = () => {
      seconds++
      return new Date(Date.parse('2024-06-15T12:00:00Z') + 1000 * seconds)
    }
    const users = await withPeople(store.repository, { clock })
    const { id } = await users.accounts.me(ada)
    await users.accounts.update(ada, ada, { name: 'Ada Byron' })
    await users.accounts.updateAsOperator(system, ada, { email: 'ada@example.org' })
    await users.accounts.requestNameChange(ada, ada, 'Ada King')
    await users.accounts.confirmNameChange(staff, ada)
    const expected = [
      { field: 'name', old: 'ada example', changedBy: id },
      { field: 'email', old: 'ada@example.com', changedBy: null, reason: 'email_modified' },
      { field: 'name', old: 'Ada Byron', changedBy: null, reason: 'name_requested' },
    ]
    const { items, ...more } = await users.accounts.history(ada, ada)
    expect(items).toMatchObject(expected)
    expect(items.every(({ changedAt }) => changedAt.endsWith('Z'))).toBe(true)
    expect(more).toEqual({})
    const first = await users.accounts.history(staff, 'ada', { limit: 2 })
    expect(first.items).toEqual(items.slice(0, 2))
    const second = await users.accounts.history(staff, 'ada', { limit: 2, after: String(first.next) })
    expect(second).toEqual({ items: items.slice(2) })
  })

  it('is for the holder, staff and trusted code, and refuses a cursor of another list', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    const stranger = { username: 'bob', superuser: true }
    for (const whom of ['ada', 'nobody'])
      await expect(users.accounts.history(stranger, whom)).rejects.toMatchObject({ code: 'not_authorized' })
    expect(await users.accounts.history(system, 'ada')).toEqual({ items: [] })
    for (const after of ['x', cursorOf([1]), cursorOf([1, 2, 3])]) {
      const refused = { code: 'bad_request', params: { argument: 'after' } }
      await expect(users.accounts.history(system, 'ada', { after })).rejects.toMatchObject(refused)
    }
    await expect(users.accounts.history(system, 'nobody')).rejects.toMatchObject({ code: 'user_not_found' })
  })
})
