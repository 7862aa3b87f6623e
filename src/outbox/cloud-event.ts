import { badArgument, requireArguments } from '../values/arguments.ts'
import { argument, document, id, name, object, oneOf, text } from '../values/kinds.ts'
import type { OutboxMessage } from './messages.ts'

/** An event in the form of CloudEvents 1.0, in its JSON format. */
export interface CloudEvent<Message extends OutboxMessage = OutboxMessage> {
  readonly specversion: '1.0'
  /** The id of the message: unique with `source`, and the same when it comes again. */
  readonly id: string
  /** The site that it comes from. */
  readonly source: string
  /** The kind and the name of the message. */
  readonly type: `usercore.${Message['kind']}.${Message['name']}`
  /** The id of the person whom it concerns, as text. */
  readonly subject: string
  /** The moment of the change. */
  readonly time: string
  readonly datacontenttype: 'application/json'
  /** The payload of the message. */
  readonly data: Message['payload']
}

/**
 * Returns a message as CloudEvents 1.0 has it. `source` is a URI reference that names the site: with the `id` it makes an
 * event unique among those of all sites. Source: https://github.com/cloudevents/spec, version 1.0.2.
 *
 * Throws `bad_request` for a source that is empty, longer than 255 characters or no URI reference.
 *
 * ```ts
 * await users.outbox.deliver((message) => {
 *   console.log(toCloudEvent(message, { source: 'https://example.com/users' }))
 * })
 * ```
 */
export function toCloudEvent<Message extends OutboxMessage>(
  message: Message,
  options: { readonly source: string },
): CloudEvent<Message> {
  requireArguments([message, options], cloudEventArguments, 'text')
  const { source } = options
  if (!uriReference.test(source))
    throw badArgument('options.source', 'a URI reference, such as https://example.com/users')
  const { kind, user_id, created_at, payload } = message
  return {
    specversion: '1.0',
    id: message.id,
    source,
    type: `usercore.${kind}.${message.name}` as CloudEvent<Message>['type'],
    subject: String(user_id),
    time: created_at,
    datacontenttype: 'application/json',
    data: payload,
  }
}

const cloudEventArguments = [
  argument(
    'message',
    object({
      id: name,
      kind: oneOf('mail', 'event', 'notification'),
      name,
      user_id: id,
      payload: document,
      created_at: text,
    }),
  ),
  argument('options', object({ source: name })),
]

/** The characters of a URI reference (RFC 3986). */
const uriReference = /^([\w.~:/?#[\]@!$&'()*+,;=-]|%[\da-f]{2})+$/i
