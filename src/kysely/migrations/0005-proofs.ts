import type { MigrationSite } from './migration-site.ts'

/**
 * Adds to activation keys the address that they were mailed to, and their end. Earlier keys have ended. Requests for
 * addresses and names are kept in order with the changes that end them.
 */
export async function proofs({ types, addColumn, constraint, createPart }: MigrationSite): Promise<void> {
  await addColumn('registrations', 'proof_hash', types.short)
  await addColumn('registrations', 'expires_at', types.instant)

  await createPart('request_guards', (table) =>
    table
      .addColumn('ended', types.short, (column) => column.notNull())
      .addColumn('requests', types.integer, (column) => column.notNull())
      .addPrimaryKeyConstraint(constraint('request_guards_pk'), ['user_id']),
  )
}
