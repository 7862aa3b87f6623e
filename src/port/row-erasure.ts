import { registry } from './registry.ts'
import type { TableName, UserId } from './tables.ts'
import type { Write } from './write.ts'

/**
 * Returns the writes that redact the rows of people in some tables, then delete them. Where there are no rows, they
 * change nothing.
 */
export function rowsErasure(user_id: UserId | readonly UserId[], names: readonly TableName[]): Write[] {
  return names.flatMap((name): Write[] => {
    const treatment = registry[name]
    if (treatment.erase !== 'rows') return []
    const where = { user_id }
    const redact = { update: name, set: treatment.redacted, where } as Write
    return [...(Object.keys(treatment.redacted).length > 0 ? [redact] : []), { delete: name, where } as Write]
  })
}
