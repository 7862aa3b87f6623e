import { createUserCore, type UserCore, type UserCoreOptions } from '../../src/create-user-core.ts'
import type { Repository } from '../../src/port/repository.ts'
import type { OutboxRow } from '../../src/port/tables.ts'
import { system } from '../../src/site/actor.ts'
import type { Credentials } from '../../src/site/host.ts'

/** A user core with ada and bob, both grown up and active. */
export async function withPeople(
  repository: Repository,
  options: Partial<UserCoreOptions<unknown>> = {},
): Promise<UserCore<unknown>> {
  const users = createUserCore({ repository, ...options })
  for (const username of ['ada', 'bob']) {
    const profile = { year_of_birth: 1990 }
    await users.accounts.create(
      system,
      { username, email: `${username}@example.com`, name: `${username} example`, profile },
      { active: true },
    )
  }
  return users
}

/** A message whose payload can be asked for any member. */
export type LooseMessage = Pick<OutboxRow, 'id' | 'kind' | 'name' | 'user_id' | 'payload' | 'created_at'>

/** Takes everything out of the outbox, in the order in which it was recorded. */
export async function drain({ outbox }: Pick<UserCore<unknown>, 'outbox'>): Promise<LooseMessage[]> {
  const messages: LooseMessage[] = []
  await outbox.deliver((message) => void messages.push(message), { limit: 1000 })
  return messages.sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** The key in the newest mail of that name. */
export async function mailedKey(users: Pick<UserCore<unknown>, 'outbox'>, name: string): Promise<string> {
  const mail = (await drain(users)).findLast((message) => message.kind === 'mail' && message.name === name)
  return String(mail?.payload.key)
}

/** A host that keeps passwords by the id of their owner, as they are. */
export function passwords(): Credentials<unknown> & { readonly stored: Map<unknown, string> } {
  const stored = new Map<unknown, string>()
  return {
    stored,
    verify: async ({ id }, password) => stored.get(id) === password,
    set: async ({ id }, password) => void stored.set(id, password),
    disable: async ({ id }) => void stored.delete(id),
  }
}
