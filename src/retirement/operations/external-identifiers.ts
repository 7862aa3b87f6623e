import type { UserId } from '../../port/tables.ts'
import type { Core } from '../../runtime/core.ts'
import type { UserRef } from '../../site/host.ts'

/** Asks the host for the names of people in other systems. */
export type AskExternal = (users: readonly UserRef[]) => Promise<ReadonlyMap<UserId, Readonly<Record<string, string>>>>

/** Returns a way to ask the hook `externalIdentifiers` once for the same people, however often a request is decided anew. */
export function askingOnce({ host }: Core): AskExternal {
  let asked: { readonly of: string; readonly answer: ReturnType<AskExternal> } | undefined
  return (users) => {
    const of = JSON.stringify(users)
    if (asked?.of !== of) asked = { of, answer: host.externalIdentifiers?.(users) ?? Promise.resolve(new Map()) }
    return asked.answer
  }
}
