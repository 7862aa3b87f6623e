import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context } from 'hono'
import type { Site } from './site.ts'

/** Makes a function that tells whether the client of a request may ask once more; counts in memory, as one process may. */
export function requestLimit({ clock }: Site, most: number, milliseconds: number): (c: Context) => boolean {
  const asked = new Map<string, { count: number; until: number }>()
  return (c) => {
    const now = clock().getTime()
    for (const [other, { until }] of asked) if (until <= now) asked.delete(other)
    const address = getConnInfo(c).remote.address ?? ''
    const { count, until } = asked.get(address) ?? { count: 0, until: now + milliseconds }
    asked.set(address, { count: count + 1, until })
    return count < most
  }
}
