import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { createApp } from './app.ts'
import { openSite, type Site, type SiteOptions } from './site.ts'

/** A site that is listening. */
export interface Server {
  readonly site: Site
  close(): Promise<void>
}

/** The port and the host to listen on; the others are those of `openSite`. */
export interface ServerOptions extends Partial<SiteOptions> {
  /** 0: any that is free. */
  readonly port: number
  /** Fills the site before the first request. */
  readonly seed?: (site: Site) => Promise<void>
}

/**
 * Starts a site on loopback. It has to listen before it knows its address; requests that come meanwhile wait. The address
 * says `localhost`, as those of the stock pages do: browsers send the cookies of one host name to that one alone.
 */
export async function startServer({ port, seed, ...options }: ServerOptions): Promise<Server> {
  const ready = Promise.withResolvers<Site>()
  const app = ready.promise.then(createApp)
  const server = serve({
    fetch: async (request, env) => (await app).fetch(request, env),
    port,
    hostname: '127.0.0.1',
  })
  try {
    const { port: given } = await new Promise<AddressInfo>((resolve, reject) => {
      server.once('listening', () => resolve(server.address() as AddressInfo)).once('error', reject)
    })
    const site = await openSite({ url: `http://localhost:${given}`, ...options })
    await seed?.(site)
    ready.resolve(site)
    return {
      site,
      async close() {
        await new Promise((resolve) => server.close(resolve))
        await site.db.destroy()
      },
    }
  } catch (error) {
    server.close()
    throw error
  }
}
