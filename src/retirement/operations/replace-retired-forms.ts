import { replaceFormWrites } from '../../accounts/former-usernames.ts'
import { retiredForm, rewrapped, rewrappedWithin } from '../../accounts/retired-identifier.ts'
import { message } from '../../outbox/messages.ts'
import type { RetiredIdentifierRow, UserId, UserRow } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { requireRight } from '../../runtime/authorize.ts'
import { type Core, contextOf, type Decided, decideAndSave } from '../../runtime/core.ts'
import { everyPage, everyUser } from '../../runtime/pages.ts'
import { housekeeping } from '../../runtime/permit.ts'
import type { Actor } from '../../site/actor.ts'
import { isRetiredEmail } from '../../site/retired-formats.ts'
import type { Whom } from '../../site/whom.ts'
import { UserCoreError } from '../../values/errors.ts'
import { instantOf } from '../../values/instant.ts'
import { identifierKey } from '../../values/text.ts'
import { complete } from '../pipeline.ts'
import { type RetiredName, renewReserved } from '../tombstones.ts'
import { everyRetirement, findPerson, loadStates, stateError } from './load-retirement.ts'
import { type AccountIdentifier, identifierColumns as columns } from './retired-identifiers.ts'

/** The people whose retired values get another form, and those who were passed over. */
export interface RehashResult {
  /** Ids of people whose value has another form now; in a dry run: would have. */
  readonly changed: readonly UserId[]
  /** Ids of people whose account has another address than the retired one; nothing was changed. */
  readonly skipped: readonly UserId[]
}

const batchSize = 100

/** Gives people who are in the queue the form of the current key or salt, made from the original value. */
export async function rehash(
  core: Core,
  actor: Actor,
  kind: AccountIdentifier,
  { dryRun = false }: { readonly dryRun?: boolean },
): Promise<RehashResult> {
  requireRight(core, actor, 'retire_user')
  const changed: UserId[] = []
  const skipped: UserId[] = []
  const states = (await loadStates(core)).map(({ state_name }) => state_name)
  for await (const { retirement } of everyRetirement(core, { states, before: '9999-12-31T23:59:59.999999Z' })) {
    const { user_id } = retirement
    const outcome = await decideAndSave(core, () => decideRehash(core, kind, user_id, dryRun))
    if (outcome === 'changed') changed.push(user_id)
    if (outcome === 'skipped') skipped.push(user_id)
  }
  return { changed, skipped }
}

async function decideRehash(
  core: Core,
  kind: AccountIdentifier,
  user_id: UserId,
  dryRun: boolean,
): Promise<Decided<unknown, 'changed' | 'current' | 'skipped'>> {
  const { value, original, retired } = columns[kind]
  const [row] = await core.repository.select('retirements', { user_id })
  const [user] = await core.repository.select('users', { id: user_id })
  const form = row && retiredForm(kind, row[original], core.settings)
  if (row === undefined || user === undefined || form === undefined || form === row[retired]) {
    return { writes: [], result: 'current' }
  }
  // The account gets the retired address with the request, the retired username with the step `account`.
  const isStored = user[value] === row[retired]
  if (!isStored && kind === 'email') return { writes: [], result: 'skipped' }
  const { version } = row
  const now = instantOf(contextOf(core).now)
  const writes: Write[] = [
    {
      update: 'retirements',
      set: { [retired]: form, version: version + 1, modified_at: now },
      where: { user_id, version },
      guarded: true,
    },
    ...(isStored ? replaceWrites(kind, user, form, core) : []),
    ...(await renewedNames(core, [{ kind, form: row[retired] }], () => form)),
  ]
  return { writes: dryRun ? [] : writes, permit: housekeeping, result: 'changed' }
}

/**
 * Returns the writes that give an account another retired value, and tell the host, which may keep the old one
 * elsewhere.
 */
function replaceWrites(kind: AccountIdentifier, user: UserRow, form: string, core: Core): Write[] {
  const { value, key } = columns[kind]
  const payload = { kind, old: user[value], new: form }
  const told = message('notification', 'retired_identifier.changed', user.id, payload, contextOf(core))
  return [
    {
      update: 'users',
      set: { [value]: form, [key]: identifierKey(form) },
      where: { id: user.id, [value]: user[value] },
      guarded: true,
    },
    { insert: 'outbox', rows: [told] },
  ]
}

/** Returns the writes that give those of some names that stay taken another form; `undefined`: they have it. */
async function renewedNames(
  { repository }: Core,
  names: readonly RetiredName[],
  renewed: (name: RetiredName) => string | undefined,
): Promise<Write[]> {
  const writes: Write[] = []
  for (const { kind, form } of names) {
    const [row] = await repository.select('retired_identifiers', { kind, form: identifierKey(form) })
    const next = row && renewed(row)
    if (next !== undefined && row !== undefined) writes.push(...renewReserved(row, next))
  }
  return writes
}

/** Wraps values that were retired with earlier keys by the current one, without knowing the originals. */
export async function rewrap(
  core: Core,
  actor: Actor,
  { dryRun = false }: { readonly dryRun?: boolean },
): Promise<RehashResult> {
  requireRight(core, actor, 'retire_user')
  const changed: UserId[] = []
  for await (const ids of everyUser(core, 'retirement_requests', batchSize)) {
    for (const id of ids) {
      const isChanged = await decideAndSave(core, async () => {
        const writes = await rewrapWrites(core, id)
        return { writes: dryRun ? [] : writes, permit: housekeeping, result: writes.length > 0 }
      })
      if (isChanged) changed.push(id)
    }
  }
  if (!dryRun) for (const kind of ['username', 'email'] as const) await rewrapReserved(core, kind)
  return { changed, skipped: [] }
}

/** Wraps the names that stay taken, also those of people who are gone. */
async function rewrapReserved(core: Core, kind: AccountIdentifier): Promise<void> {
  const pages = everyPage<RetiredIdentifierRow>((last) =>
    core.repository.pageRows(
      'retired_identifiers',
      { kind },
      { by: 'form', limit: batchSize, ...(last === undefined ? {} : { after: last.form }) },
    ),
  )
  for await (const rows of pages) {
    for (const row of rows) {
      if (rewrappedWithin(row.form, core.settings) === undefined) continue
      await decideAndSave(core, async () => ({
        writes: await renewedNames(core, [row], ({ form }) => rewrappedWithin(form, core.settings)),
        permit: housekeeping,
        result: undefined,
      }))
    }
  }
}

async function rewrapWrites(core: Core, id: UserId): Promise<Write[]> {
  const [user] = await core.repository.select('users', { id })
  const [row] = await core.repository.select('retirements', { user_id: id })
  const former = await core.repository.select('former_usernames', { user_id: id })
  const [username, email] = [user?.username, user?.email].map((value, index) =>
    value === undefined ? undefined : rewrapped(index === 0 ? 'username' : 'email', value, core.settings),
  )
  const inRow = row && {
    ...changedForm('retired_username', rewrapped('username', row.retired_username, core.settings)),
    ...changedForm('retired_email', rewrapped('email', row.retired_email, core.settings)),
  }
  return [
    ...(row !== undefined && inRow !== undefined && Object.keys(inRow).length > 0
      ? [
          {
            update: 'retirements',
            set: { ...inRow, version: row.version + 1 },
            where: { user_id: id, version: row.version },
            guarded: true,
          } as const,
        ]
      : []),
    ...former.flatMap((name) => {
      const form = rewrapped('username', name.username, core.settings)
      return form === undefined ? [] : replaceFormWrites(name, form)
    }),
    ...(user !== undefined && username !== undefined ? replaceWrites('username', user, username, core) : []),
    ...(user !== undefined && email !== undefined ? replaceWrites('email', user, email, core) : []),
  ]
}

function changedForm(column: 'retired_username' | 'retired_email', form: string | undefined) {
  return form === undefined ? {} : { [column]: form }
}

/** Lets a retired address be used again: the account gets a placeholder made of its id. */
export async function releaseEmail(core: Core, actor: Actor, whom: Whom): Promise<void> {
  requireRight(core, actor, 'force_retirement')
  await decideAndSave(core, async () => {
    const user = await findPerson(core, whom)
    if (user === undefined) throw new UserCoreError('user_not_found')
    const email = `retired__uid_${user.id}@${core.settings.retired_email_format.split('@').at(-1)}`
    if (user.email === email) return { writes: [], result: undefined }
    const [row] = await core.repository.select('retirements', { user_id: user.id })
    const isOver = row === undefined ? isRetiredEmail(user.email, core.settings) : row.current_state === complete
    if (!isOver) throw stateError('not_complete')
    return {
      permit: housekeeping,
      writes: [
        {
          update: 'users',
          set: { email, email_key: identifierKey(email) },
          where: { id: user.id, email: user.email },
          guarded: true,
        },
        { delete: 'retired_identifiers', where: { kind: 'email', form: identifierKey(user.email) } },
      ],
      result: undefined,
    }
  })
}
