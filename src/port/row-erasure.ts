import { type TableName, tables, type UserId } from './tables.ts'
import type { Write } from './write.ts'

/**
 * Returns the writes that redact the rows of people in some tables, then delete them. Where there are no rows, they
 * change nothing.
 */
export function rowsErasure(user_id: UserId | readonly UserId[], names: readonly TableName[]): Write[] {
  return names.flatMap((name): Write[] => {
    const { redacted } = tables[name]
    const where = { user_id }
    const redact = { update: name, set: redacted, where } as Write
    return [...(Object.keys(redacted).length > 0 ? [redact] : []), { delete: name, where } as Write]
  })
}
