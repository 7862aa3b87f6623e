import type { OutboxMessage } from 'usercore'
import type { Site } from './site.ts'

/** A mail to send. */
export interface Mail {
  /** The name of the message, such as `activation`. */
  readonly name: string
  readonly to: string
  /** The link that the reader is to follow, if there is one. */
  readonly link: string | undefined
}

/** The page behind the link of each mail that has one. */
const pages = {
  activation: 'activate',
  email_change_confirmation: 'email_confirm',
  secondary_email_confirmation: 'activate_secondary_email',
} as const

/**
 * Does what waits in the outbox: sends mails, and deletes the files of images that are gone. Events
 * are not passed on here. Call it again and again.
 */
export async function deliver(site: Site, send: (mail: Mail) => Promise<void> | void): Promise<void> {
  const { failed } = await site.users.outbox.deliver(async (message) => {
    if (message.kind === 'mail') await send(mailOf(site, message))
    if (message.name === 'profile_image.removed') await deleteImages(site, message.payload.names)
  })
  for (const { error } of failed) site.onFailure(error)
  await deliverOwn(site, send)
}

/** Sends the mails of this site, oldest first; one that cannot be sent waits for the next time. */
async function deliverOwn({ db, onFailure }: Site, send: (mail: Mail) => Promise<void> | void): Promise<void> {
  const mails = await db.selectFrom('site_mails').selectAll().orderBy('id').execute()
  for (const { id, name, email, link } of mails) {
    try {
      await send({ name, to: email, link })
      await db.deleteFrom('site_mails').where('id', '=', id).execute()
    } catch (error) {
      onFailure(error)
    }
  }
}

function mailOf(site: Site, message: Extract<OutboxMessage, { kind: 'mail' }>): Mail {
  const { name, payload } = message
  switch (name) {
    case 'activation':
    case 'email_change_confirmation':
    case 'secondary_email_confirmation':
      return { name, to: payload.to, link: `${site.url}/${pages[name]}/${message.payload.key}` }
    default:
      return { name, to: payload.to, link: undefined }
  }
}

async function deleteImages({ db }: Site, names: readonly string[]): Promise<void> {
  await db
    .deleteFrom('site_images')
    .where('name', 'in', [...names])
    .execute()
}
