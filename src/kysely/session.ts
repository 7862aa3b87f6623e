import type { Kysely, RawBuilder } from 'kysely'

/** A setting of a session that statements rely on. */
export interface SettingRule {
  /** What it has to be, for people to read. */
  readonly expected: string
  isRight(value: string): boolean
}

/** Settings of a session that statements rely on. */
export interface SessionRules {
  /** Reads them: one row with a column for each. */
  readonly query: RawBuilder<unknown>
  readonly settings: Readonly<Record<string, SettingRule>>
}

/** A setting that is not as statements need it. */
export interface SettingProblem {
  readonly setting: string
  readonly expected: string
  readonly actual: string
}

/** The rule that a setting has a value, in whatever letter case. */
export function always(expected: string): SettingRule {
  return { expected, isRight: (value) => value.toLowerCase() === expected.toLowerCase() }
}

/** Reads the settings of a session, and returns those that are not as statements need them. */
export async function settingProblems(db: Kysely<unknown>, rules: SessionRules): Promise<SettingProblem[]> {
  const { rows } = (await db.executeQuery(rules.query.compile(db))) as { readonly rows: Record<string, unknown>[] }
  return Object.entries(rules.settings).flatMap(([setting, { expected, isRight }]) => {
    const actual = String(rows[0]?.[setting])
    return isRight(actual) ? [] : [{ setting, expected, actual }]
  })
}

/** A problem in one line. */
export function settingText({ setting, expected, actual }: SettingProblem): string {
  return `${setting} is ${actual === '' ? 'empty' : actual}, not ${expected}`
}
