import type { Issue } from './issues.ts'

/** The result of checking a value: the value in its stored form, or all its issues. */
export type Checked<T> = { readonly value: T } | { readonly issues: readonly Issue[] }

/** Refuses a value with one issue. */
export function refused(
  pointer: string,
  code: Issue['code'],
  params?: Issue['params'],
): { readonly issues: readonly Issue[] } {
  return { issues: [params === undefined ? { pointer, code } : { pointer, code, params }] }
}
