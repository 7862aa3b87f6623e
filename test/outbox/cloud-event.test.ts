import { expect, it } from 'vitest'
import type { OutboxMessage } from '../../src/index.ts'
import { toCloudEvent } from '../../src/rules/index.ts'

const message = {
  id: '01902a5b-7d3c-7000-8000-000000000001',
  kind: 'event',
  name: 'account.activated',
  user_id: 7,
  payload: { activated_at: '2024-06-15T12:00:00Z' },
  created_at: '2024-06-15T12:00:00.000000Z',
} as const satisfies OutboxMessage

it('a message has every attribute that CloudEvents 1.0 requires, in its JSON format', () => {
  const event = toCloudEvent(message, { source: 'https://example.com/users' })
  expect(event).toEqual({
    specversion: '1.0',
    id: message.id,
    source: 'https://example.com/users',
    type: 'usercore.event.account.activated',
    subject: '7',
    time: message.created_at,
    datacontenttype: 'application/json',
    data: message.payload,
  })
  const activated: string = event.data.activated_at
  expect(activated).toBe(message.payload.activated_at)
})

it.each(['', ' ', 'https://example.com/ü', 'two words', '%zz', undefined, 7])('the source %s is refused', (source) => {
  const refused = () => toCloudEvent(message, { source: source as string })
  expect(refused).toThrow(expect.objectContaining({ code: 'bad_request' }))
})

it.each(['/users', 'urn:example:users', 'usercore', 'https://example.com/a%20b?c#d'])('%s is a source', (source) => {
  expect(toCloudEvent(message, { source }).source).toBe(source)
})
