import { type CheckedFields, fieldChecks } from '../accounts/fields/checks.ts'
import type { Context } from '../site/context.ts'
import { badArgument } from '../values/arguments.ts'
import type { Checked } from '../values/checked.ts'

/**
 * Checks the value of one field of an account, whatever its type, and returns it in the form in which it is stored, or
 * every issue. Pointers of issues begin with the name of the field.
 *
 * Throws `bad_request` naming `field` for one that there is not.
 *
 * Expects a context of `ruleContext`, which is not checked. The value can be any JSON.
 *
 * ```ts
 * const context = ruleContext({ now: new Date('2026-11-29') })
 * checkField('year_of_birth', '1980', context) // { value: 1980 }
 * checkField('username', 'a', context) // { issues: [{ pointer: '/username', code: 'bad_length', … }] }
 * ```
 */
export function checkField<Field extends keyof CheckedFields>(
  field: Field,
  value: unknown,
  context: Context,
): Checked<CheckedFields[Field]> {
  if (!Object.hasOwn(fieldChecks, field)) throw badArgument('field', `one of ${Object.keys(fieldChecks).join(', ')}`)
  return fieldChecks[field](value, `/${field}`, context)
}
