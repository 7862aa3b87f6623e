import { describe, expect, it } from 'vitest'
import { memoryRepository } from '../../src/memory/index.ts'
import type { UserId } from '../../src/port/tables.ts'
import { noOthers, requireHolderOr, requireHoldersOr } from '../../src/runtime/authorize.ts'
import type { Core } from '../../src/runtime/core.ts'
import { loadAccounts } from '../../src/runtime/load-account.ts'
import { anonymous, isStaff, isSystem, system } from '../../src/site/actor.ts'
import type { Whom } from '../../src/site/whom.ts'
import { withPeople } from '../support/host.ts'

async function open() {
  const repository = memoryRepository()
  const users = await withPeople(repository)
  const { id: ada } = await users.accounts.me({ username: 'ada' })
  const { id: bob } = await users.accounts.me({ username: 'bob' })
  return { core: { repository, settings: users.settings } as unknown as Core, ada, bob }
}

/** Returns every way to name a person. */
const waysToName = (id: UserId, username: string): Whom[] => [
  { id },
  { id: String(id) },
  username,
  username.toUpperCase(),
  { username },
  { id, username: 'another' } as Whom,
]
const refused = { code: 'not_authorized' }

describe('the holder of an account', () => {
  it('may, however actor and account are named; another person may not, and learns nothing', async () => {
    const { core, ada, bob } = await open()
    for (const actor of [{ id: ada }, { id: String(ada) }, { username: 'ada' }, { username: 'ADA' }]) {
      for (const whom of waysToName(ada, 'ada')) {
        const found = await requireHolderOr(core, actor, whom, noOthers)
        expect([...(await loadAccounts(core, [found])).values()].map(({ user }) => user.id)).toEqual([ada])
      }
      for (const whom of [...waysToName(bob, 'bob'), ...waysToName(4711, 'nobody')]) {
        await expect(requireHolderOr(core, actor, whom, noOthers)).rejects.toMatchObject(refused)
        await expect(requireHoldersOr(core, actor, ['ada', whom], noOthers)).rejects.toMatchObject(refused)
      }
    }
  })

  it('is asked for by id from then on, where the call named them in another way than the actor', async () => {
    const { core, ada } = await open()
    expect(await requireHolderOr(core, { id: ada }, 'ada', noOthers)).toEqual({ id: ada })
  })

  it('is not alone where others may', async () => {
    const { core } = await open()
    const staff = { id: 4711, staff: true }
    expect(await requireHolderOr(core, staff, 'nobody', isStaff)).toBe('nobody')
    await expect(requireHolderOr(core, staff, 'bob', isSystem)).rejects.toMatchObject(refused)
    expect(await requireHolderOr(core, system, 'bob', isSystem)).toBe('bob')
    await expect(requireHolderOr(core, anonymous, 'bob', () => true)).rejects.toMatchObject({
      code: 'not_authenticated',
    })
  })
})

it('accounts are loaded by the elements that were asked, in the order asked, without unknown people', async () => {
  const { core, ada, bob } = await open()
  const asked = ['nobody', { id: bob }, 'ADA', { id: 4711 }, 'ada', { id: String(ada) }] as const
  const found = await loadAccounts<Whom>(core, asked)
  expect([...found].map(([whom, { user }]) => [whom, user.username])).toEqual([
    [asked[1], 'bob'],
    ['ADA', 'ada'],
    ['ada', 'ada'],
    [asked[5], 'ada'],
  ])
})
