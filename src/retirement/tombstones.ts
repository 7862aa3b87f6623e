import { retiredForm } from '../accounts/retired-identifier.ts'
import type { FormerUsernameRow, RetiredIdentifierRow, RetirementRow } from '../port/tables.ts'
import type { Write } from '../port/write.ts'
import type { Context } from '../site/context.ts'
import { looksRetired } from '../site/retired-formats.ts'
import { type Instant, instantOf } from '../values/instant.ts'
import { identifierKey } from '../values/text.ts'

/** A retired form with the kind of name that it hides. */
export type RetiredName = Pick<RetiredIdentifierRow, 'kind' | 'form'>

/**
 * Returns the names that stay taken after the erasure of a person, former usernames included. A username that is an id is
 * none of them: no other person ever gets it.
 */
export function retiredNames(
  { user_id, retired_username, retired_email }: RetirementRow,
  former: readonly FormerUsernameRow[],
  { settings }: Pick<Context, 'settings'>,
): RetiredName[] {
  const isOwn = retired_username !== String(user_id)
  return [
    ...(isOwn ? [{ kind: 'username', form: retired_username } as const] : []),
    { kind: 'email', form: retired_email },
    ...former.map(({ username }): RetiredName => {
      return {
        kind: 'username',
        form: looksRetired(username, settings) ? username : retiredForm('username', username, settings),
      }
    }),
  ]
}

/** Returns the write that keeps retired names taken, also once the host has deleted the row of their person. */
export function reserveWrites(names: readonly RetiredName[], { now }: Pick<Context, 'now'>): Write[] {
  return reserveSince(names, instantOf(now))
}

/** Returns the writes that put one retired name in the place of another one, which was taken since some moment. */
export function renewReserved({ kind, form, retired_at }: RetiredIdentifierRow, renewed: string): Write[] {
  return [
    { delete: 'retired_identifiers', where: { kind, form } },
    // Another person can have had the same name.
    ...reserveSince([{ kind, form: renewed }], retired_at),
  ]
}

function reserveSince(names: readonly RetiredName[], retired_at: Instant): Write[] {
  const rows = names.map(({ kind, form }): RetiredIdentifierRow => ({ kind, form: identifierKey(form), retired_at }))
  const once = [...new Map(rows.map((row) => [`${row.kind} ${row.form}`, row])).values()]
  return once.length === 0 ? [] : [{ upsert: 'retired_identifiers', rows: once }]
}
