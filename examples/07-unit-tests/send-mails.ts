import type { OutboxOperations } from 'usercore'

/** A mail, as the site's mail service takes it. */
export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
}

/** The code under test: makes mails of what waits in the outbox and sends them. Returns how many were sent. */
export async function sendMails(
  { outbox }: { readonly outbox: OutboxOperations },
  send: (mail: Mail) => Promise<void>,
): Promise<number> {
  let sent = 0
  await outbox.deliver(async (message) => {
    if (message.name !== 'email_change_confirmation') return
    const { to, username, key } = message.payload
    const text = `Is this address yours, ${username}? Then open https://site.example/confirm/${key}`
    await send({ to, subject: 'Confirm your address', text })
    sent++
  })
  return sent
}
