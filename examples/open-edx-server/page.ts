import { html } from 'hono/html'

/** A page of this server. Keys in its address are told to no other site. */
export function page(title: string, body: ReturnType<typeof html>) {
  return html`<!doctype html>
    <html lang="en">
      <meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>${title}</title>
      <h1>${title}</h1>
      ${body}
    </html>`
}
