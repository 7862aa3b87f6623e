import type { MigrationSite } from './migration-site.ts'

/** Finds retirements that are free: under no lease, by state and oldest first, or under one that has ended. */
export async function leases(site: MigrationSite): Promise<void> {
  await site.addIndex('retirements', 'leases', ['leased_until', 'current_state', 'created_at', 'user_id'])
}
