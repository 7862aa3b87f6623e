import { requireRight } from '../../runtime/authorize.ts'
import { type Core, decideAndSave } from '../../runtime/core.ts'
import type { Actor } from '../../site/actor.ts'
import { UserCoreError } from '../../values/errors.ts'
import { accountErasure, miscErasure } from '../erasure.ts'
import { touchWrite } from '../retirement-writes.ts'
import { type LeaseOptions, loadForAction } from './load-retirement.ts'

export async function retireMisc(core: Core, actor: Actor, username: string, options: LeaseOptions): Promise<void> {
  requireRight(core, actor, 'retire_user')
  await decideAndSave(core, async () => {
    const { retirement, context } = await loadForAction(core, username, 'misc', options)
    return {
      writes: [touchWrite(retirement, context), ...miscErasure(retirement, context)],
      erases: true,
      result: undefined,
    }
  })
}

export async function retireAccount(core: Core, actor: Actor, username: string, options: LeaseOptions): Promise<void> {
  requireRight(core, actor, 'retire_user')
  await decideAndSave(core, async () => {
    const { retirement, context } = await loadForAction(core, username, 'account', options)
    const [record] = await core.repository.findAccounts({ ids: [retirement.user_id] })
    if (record === undefined) throw new UserCoreError('not_found', { params: { what: 'retirement' } })
    const former = await core.repository.select('former_usernames', { user_id: retirement.user_id })
    return {
      writes: [touchWrite(retirement, context), ...accountErasure(record, former, retirement, context)],
      erases: true,
      result: undefined,
    }
  })
}
