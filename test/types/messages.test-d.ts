import { describe, expectTypeOf, it } from 'vitest'
import type { OutboxMessage, ToldChange, UserId } from '../../src/index.ts'
import { message } from '../../src/outbox/messages.ts'

declare const context: Parameters<typeof message>[4]
declare const received: OutboxMessage

/** Takes what is left when every case was handled: nothing. */
function exhausted(rest: never): never {
  throw new Error(String(rest))
}

describe('a message', () => {
  it('is told apart by its name, and every name is known', () => {
    switch (received.name) {
      case 'activation':
      case 'email_change_confirmation':
      case 'secondary_email_confirmation':
        expectTypeOf(received.kind).toEqualTypeOf<'mail'>()
        expectTypeOf(received.payload.key).toEqualTypeOf<string>()
        break
      case 'email_already_in_use':
      case 'email_changed':
        expectTypeOf(received.payload.to).toEqualTypeOf<string>()
        break
      case 'retirement_requested':
        expectTypeOf(received.payload.full_name).toEqualTypeOf<string>()
        break
      case 'account.changed':
      case 'preferences.changed':
        expectTypeOf(received.payload.changes).toEqualTypeOf<readonly ToldChange[]>()
        break
      case 'account.activated':
        expectTypeOf(received.payload.activated_at).toEqualTypeOf<string>()
        break
      case 'email_opt_in.changed':
        expectTypeOf(received.payload.opt_in).toEqualTypeOf<boolean>()
        break
      case 'partition.assigned':
        expectTypeOf(received.payload.group_id).toEqualTypeOf<number>()
        break
      case 'retirement.moved':
        expectTypeOf(received.payload.forced).toEqualTypeOf<boolean>()
        break
      case 'retirement.receipt':
        expectTypeOf(received.payload.sequence).toEqualTypeOf<number>()
        break
      case 'retire_misc':
      case 'retire_mailings':
      case 'retire_account':
        expectTypeOf(received.payload.retired_username).toEqualTypeOf<string>()
        break
      case 'profile_image.removed':
        expectTypeOf(received.payload.names).toEqualTypeOf<readonly string[]>()
        break
      case 'retired_identifier.changed':
        expectTypeOf(received.payload.kind).toEqualTypeOf<'username' | 'email'>()
        break
      case 'account.deactivated':
        expectTypeOf(received.payload.until).toEqualTypeOf<string | null | undefined>()
        break
      case 'account.reactivated':
      case 'retirement.requested':
      case 'retirement.cancelled':
      case 'retirement.cleaned_up':
      case 'retired_email_wanted':
        expectTypeOf(received.user_id).toEqualTypeOf<UserId>()
        break
      default:
        exhausted(received)
    }
  })

  it('is told apart by its kind', () => {
    if (received.kind === 'mail') expectTypeOf(received.payload.to).toEqualTypeOf<string>()
    // @ts-expect-error an event has no address
    if (received.kind === 'event') received.payload.to
  })

  it('is made with the payload of its name alone', () => {
    message('mail', 'email_changed', 1, { to: 'a@b.example', username: 'ada' }, context)
    // @ts-expect-error a payload that lacks a member
    message('mail', 'email_changed', 1, { to: 'a@b.example' }, context)
    // @ts-expect-error a payload with a wrong member
    message('event', 'retirement.moved', 1, { from: 'A', to: 'B', forced: 'no' }, context)
    // @ts-expect-error a member that the payload does not have
    message('event', 'retirement.requested', 1, { username: 'ada' }, context)
    // @ts-expect-error a name of another kind
    message('event', 'activation', 1, { to: '', username: '', key: '', expires_at: '' }, context)
    // @ts-expect-error a name that does not exist
    message('event', 'account.renamed', 1, {}, context)
  })
})
