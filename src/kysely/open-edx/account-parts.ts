import { sql } from 'kysely'
import type { Places } from '../table-definition.ts'
import { base, type KeptTable, ours, theirs } from './kept-table.ts'

export function accountRecoveries(places: Places): KeptTable<'account_recoveries'> {
  const table = 'auth_accountrecovery'
  return {
    base: table,
    rows: () => ({
      from: sql`${theirs(places, table)} as base`,
      cells: {
        user_id: base('user_id'),
        secondary_email: base('secondary_email'),
        secondary_email_key: base('secondary_email'),
        is_active: base('is_active'),
      },
    }),
    stored: { user_id: 'user_id', secondary_email: 'secondary_email', is_active: 'is_active' },
    isPartOfAccount: true,
  }
}

/**
 * Names that wait for approval. Our table of that name has the whole row once more. A request that the original made or
 * replaced is not in it: its id is made from the name that it asks for, and its time is unknown.
 */
export function pendingNameChanges(places: Places): KeptTable<'pending_name_changes'> {
  const table = 'student_pendingnamechange'
  return {
    base: table,
    rows: () => ({
      from: sql`${theirs(places, table)} as base left join ${ours(places, 'pending_name_changes')} as own
        on own.user_id = base.user_id and own.new_name = base.new_name and own.rationale = base.rationale`,
      cells: {
        user_id: base('user_id'),
        request_id: sql`coalesce(own.request_id, left(sha2(json_array(base.new_name, base.rationale), 256), 32))`,
        new_name: base('new_name'),
        rationale: base('rationale'),
        requested_at: sql`coalesce(own.requested_at, timestamp('1970-01-01'))`,
      },
    }),
    stored: { user_id: 'user_id', new_name: 'new_name', rationale: 'rationale' },
    beside: ['request_id', 'new_name', 'rationale', 'requested_at'],
  }
}
