import type { MigrationSite } from './migration-site.ts'

/** Activation keys name the address that they were mailed to, and expire. Keys from before have ended. */
export async function proofs({ types, addColumn }: MigrationSite): Promise<void> {
  await addColumn('registrations', 'proof_hash', types.short)
  await addColumn('registrations', 'expires_at', types.instant)
}
