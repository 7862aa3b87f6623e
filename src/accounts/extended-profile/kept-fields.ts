import type { AccountRecord } from '../../port/account-record.ts'
import type { Write } from '../../port/write.ts'
import type { Context } from '../../site/context.ts'
import { readParts } from './document.ts'

/** Puts back, after an erasure, the fields of each section that were declared with `erase: 'keep'`. */
export function keptFields(record: AccountRecord, { extendedProfile }: Context): Write[] {
  const rows = readParts(record.extended_profiles, extendedProfile)
    .filter(({ state }) => state !== 'outdated')
    .map(({ owner, document }) => {
      const kept = Object.entries(document).filter(([name]) => {
        return Object.hasOwn(extendedProfile.fields, name) && extendedProfile.fields[name]?.erase === 'keep'
      })
      return { user_id: record.user.id, owner, kept, schema_version: extendedProfile.version }
    })
    .filter(({ kept }) => kept.length > 0)
    .map(({ kept, ...row }) => ({ ...row, document: JSON.stringify(Object.fromEntries(kept)) }))
  return rows.length === 0 ? [] : [{ insert: 'extended_profiles', rows }]
}
