import type { Issue } from './issues.ts'

/** What checking a value gives: the value in the form it is kept, or everything that is wrong with it. */
export type Checked<T> = { readonly value: T } | { readonly issues: readonly Issue[] }

/** Refuses a value for one reason. */
export function refused(
  pointer: string,
  code: Issue['code'],
  params?: Issue['params'],
): { readonly issues: readonly Issue[] } {
  return { issues: [params === undefined ? { pointer, code } : { pointer, code, params }] }
}
