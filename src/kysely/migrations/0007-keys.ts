import type { MigrationSite } from './migration-site.ts'

/** Renews the keys of addresses whose domains have more than one spelling (IDNA). The tables stay as they are. */
export async function keys(site: MigrationSite): Promise<void> {
  await site.renewKeys()
}
