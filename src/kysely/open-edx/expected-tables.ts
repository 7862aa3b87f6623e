import type { ExpectedTable, Places } from '../table-definition.ts'
import type { UserTable } from '../user-table.ts'
import { besideTables } from './beside-tables.ts'
import type { KeptTable, KeptTables } from './kept-table.ts'
import { leftovers } from './leftovers.ts'

/** Columns whose values must be unique in the original for us to rely on. */
const keys: Readonly<Record<string, readonly (readonly string[])[]>> = {
  auth_user: [['id'], ['username'], ['email']],
  auth_userprofile: [['id'], ['user_id']],
  student_languageproficiency: [['id'], ['code', 'user_profile_id']],
  user_api_userpreference: [['id'], ['user_id', 'key']],
  user_api_userorgtag: [['id'], ['user_id', 'org', 'key']],
  user_api_usercoursetag: [['id'], ['user_id', 'course_id', 'key']],
  user_api_retirementstate: [['id'], ['state_name'], ['state_execution_order']],
}

/** Columns of the original that go with their rows, which we delete without naming them. */
const others: Readonly<Record<string, readonly string[]>> = {
  auth_registration: ['id', 'activation_key', 'activation_timestamp'],
  student_pendingemailchange: ['id', 'activation_key'],
  student_pendingsecondaryemailchange: ['id', 'activation_key'],
}

/** Returns every table of the original that statements name, and those of ours beside them. */
export function expectedTables({ theirs, ours }: Places, kept: KeptTables, users: UserTable): ExpectedTable[] {
  const { table, columns, defaults = {} } = users
  const original: Record<string, readonly string[]> = {
    [table]: [...Object.values(columns), ...Object.keys(defaults)],
  }
  for (const { base, stored, derived = [], defaults = {} } of Object.values(kept) as KeptTable[]) {
    original[base] = ['id', ...Object.values<string>(stored), ...derived, ...Object.keys(defaults)]
  }
  for (const { table, column } of Object.values(leftovers).flat()) {
    original[table] ??= ['user_id', ...(column === undefined ? [] : [column])]
  }
  const beside = Object.entries(besideTables).flatMap(([label, table]) =>
    table === undefined ? [] : { label, ...table },
  )
  return [
    ...Object.entries(original).map(([name, columns]) => ({
      label: name,
      name,
      schema: theirs.schema,
      columns,
      others: others[name] ?? [],
      keys: keys[name] ?? [columns.includes('user_id') ? ['user_id'] : ['id']],
    })),
    ...beside.map(({ label, columns, primary }) => ({
      label,
      name: ours.prefix + label,
      schema: ours.schema,
      columns: [...new Set([primary, ...Object.keys(columns)])],
      keys: [[primary]],
    })),
  ]
}
