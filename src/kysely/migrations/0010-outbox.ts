import type { MigrationSite } from './migration-site.ts'

/**
 * Counts the attempts of messages, puts them off and sets them aside. Messages that are under a lease stay under it. The
 * indexes have the messages that can be taken in their order, and those of each person, leased ones apart.
 */
export async function outbox({ types, addColumn, copyColumn, addIndex, dropIndex }: MigrationSite): Promise<void> {
  await addColumn('outbox', 'attempts', types.integer, 0)
  await addColumn('outbox', 'next_attempt_at', types.instant)
  await addColumn('outbox', 'dead_at', types.instant)
  await copyColumn('outbox', 'leased_until', 'next_attempt_at')

  await addIndex('outbox', 'queue', ['dead_at', 'next_attempt_at', 'id'])
  await addIndex('outbox', 'person', ['user_id', 'id'])
  await addIndex('outbox', 'leased', ['user_id', 'leased_until'], 'leased_until')
  await dropIndex('outbox', 'user_id', ['user_id'])
  await dropIndex('outbox', 'lease', ['lease'])
}
