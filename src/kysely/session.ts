import type { Kysely, RawBuilder } from 'kysely'

/** A setting of a session that statements rely on. */
export interface SettingRule {
  /** The value that it must have, as a text for people. */
  readonly expected: string
  isRight(value: string): boolean
}

/** The settings of a session that statements rely on. */
export interface SessionRules {
  /** Reads the settings: one row with a column for each. */
  readonly query: RawBuilder<unknown>
  readonly settings: Readonly<Record<string, SettingRule>>
}

/** A setting that has another value than statements need. */
export interface SettingProblem {
  readonly setting: string
  readonly expected: string
  readonly actual: string
}

/** Makes the rule that a setting has a value, in whatever letter case. */
export function always(expected: string): SettingRule {
  return { expected, isRight: (value) => value.toLowerCase() === expected.toLowerCase() }
}

/** Reads the settings of a session, and returns those that have other values than statements need. */
export async function settingProblems(db: Kysely<unknown>, rules: SessionRules): Promise<SettingProblem[]> {
  const { rows } = (await db.executeQuery(rules.query.compile(db))) as { readonly rows: Record<string, unknown>[] }
  return Object.entries(rules.settings).flatMap(([setting, { expected, isRight }]) => {
    const actual = String(rows[0]?.[setting])
    return isRight(actual) ? [] : [{ setting, expected, actual }]
  })
}

/** Returns a problem as one line of text. */
export function settingText({ setting, expected, actual }: SettingProblem): string {
  return `${setting} is ${actual === '' ? 'empty' : actual}, not ${expected}`
}
