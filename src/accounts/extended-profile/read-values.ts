import type { AccountRecord } from '../../port/account-record.ts'
import type { Context } from '../../site/context.ts'
import { readDocumentsOnce } from './document.ts'
import { valueIn } from './visible-fields.ts'

/** An extended profile as a reader gets it. */
export interface ReadValues {
  /** The values that count, by field, as the schemas give them. */
  readonly values: Readonly<Record<string, unknown>>
  /** Fields whose stored value their schema does not take any more: it is not among the values. */
  readonly invalid: readonly string[]
}

/** Reads the values of some fields through their schemas; a field without one has the stored value. */
export async function readValues(
  record: AccountRecord,
  names: readonly string[],
  context: Context,
): Promise<ReadValues> {
  const { fields } = context.extendedProfile
  const documents = readDocumentsOnce(record.extended_profiles, context.extendedProfile)
  const values: [string, unknown][] = []
  const invalid: string[] = []
  for (const name of names) {
    const stored = valueIn(documents, name)
    if (stored === undefined) continue
    const result = Object.hasOwn(fields, name)
      ? await fields[name]?.schema['~standard'].validate(stored)
      : { value: stored }
    if (result === undefined || result.issues !== undefined) invalid.push(name)
    else values.push([name, result.value])
  }
  return { values: Object.fromEntries(values), invalid }
}
