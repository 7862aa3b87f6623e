import type { AccountRecord } from '../port/account-record.ts'
import type { IdempotencyKeyRow } from '../port/tables.ts'
import type { Write } from '../port/write.ts'
import { type Actor, isSystem, personOf, systemName } from '../site/actor.ts'
import type { Context } from '../site/context.ts'
import { nameOf, type Whom } from '../site/whom.ts'
import { badArgument, type IdType, requireUserId } from '../values/arguments.ts'
import { nodeCrypto } from '../values/built-ins.ts'
import { canonicalJson } from '../values/canonical-json.ts'
import { isUserCoreError, UserCoreError } from '../values/errors.ts'
import { addMilliseconds, instantOf } from '../values/instant.ts'
import type { JsonObject } from '../values/json.ts'
import { identifierKey } from '../values/text.ts'
import { type Core, type Decided, decideAndSave, type Unit } from './core.ts'
import { loadAccount } from './load-account.ts'

/** The option of operations that clients may send twice. */
export interface OnceOptions {
  /**
   * Makes the call once: another one with the same key, by the same actor about the same person, changes nothing, and
   * gets its result from what is stored. 1 to 255 visible characters of ASCII, drawn at random for each call, such as a
   * UUID: all anonymous callers are one actor, and so is trusted code without a name. Lives as long as the setting
   * `idempotency_hours` says; a call that threw leaves no trace of it. Of a call with another input the error is
   * `idempotency_key_reused`; passwords are not compared.
   */
  readonly idempotencyKey?: string
}

/** The mark of a result of an operation that takes an idempotency key. */
export interface Replayable {
  /** Tells whether an earlier call with the same idempotency key made the change, and this one none. */
  readonly replayed: boolean
}

/** A call under an idempotency key, with the way to its result once it was stored. */
export interface Once<Result> {
  readonly call: Omit<IdempotencyKeyRow, 'user_id' | 'reference'>
  /** The person whom the call names; `undefined` where it makes one. */
  readonly whom: Whom | undefined
  readonly replay: (record: AccountRecord, reference: JsonObject) => Result | Promise<Result>
}

/** What is remembered of a call: the person whom it changed, and the facts that a replay needs. Nothing personal. */
export type Remembered = Pick<IdempotencyKeyRow, 'user_id' | 'reference'>

/** Makes the writes that remember a call; none without a key. They come first in its unit. */
export type Remember = (remembered: Remembered) => readonly Write[]

/** One call of an operation, as its key stands for it. */
interface KeyedCall {
  /** The key; `undefined` where the caller gives none. */
  readonly key: string | undefined
  readonly operation: string
  readonly actor: Actor
  readonly whom?: Whom
  /** Everything else that the caller gives, without passwords: no hash of one that is quick to make may be stored. */
  readonly input: unknown
}

/**
 * Returns a call as something that happens once; `undefined` without a key. Throws `bad_request` for an input that is no
 * JSON, which has no fingerprint.
 */
export function onceUnder<Result>(
  { repository, settings }: Core,
  { key, operation, actor, whom, input }: KeyedCall,
  replay: Once<Result>['replay'],
  context: Context,
): Once<Result> | undefined {
  if (key === undefined) return undefined
  const text = canonicalJson([operation, input])
  if (text === undefined) throw badArgument('idempotencyKey', 'left out where the input is no JSON')
  const named = [callerOf(actor, repository.idType), whom === undefined ? null : personNamed(whom, repository.idType)]
  const now = instantOf(context.now)
  return {
    call: {
      key_hash: nodeCrypto()
        .createHash('sha256')
        .update(JSON.stringify([...named, key]))
        .digest('hex'),
      operation,
      // Under the key, so that those who read the table cannot find a small input by trying.
      fingerprint: nodeCrypto().createHmac('sha256', key).update(text).digest('hex'),
      created_at: now,
      expires_at: addMilliseconds(now, settings.idempotency_hours * 3_600_000),
    },
    whom,
    replay,
  }
}

function callerOf(actor: Actor, idType: IdType): readonly unknown[] {
  if (isSystem(actor)) return ['system', systemName(actor) ?? null]
  const person = personOf(actor)
  return person === undefined ? ['anonymous'] : personNamed(person.whom, idType)
}

function personNamed(whom: Whom, idType: IdType): readonly unknown[] {
  const name = nameOf(whom)
  return 'id' in name ? ['id', requireUserId(name.id, idType, 'whom')] : ['username', identifierKey(name.username)]
}

/** Decides and saves as `decideAndSave` does, once under the key of the call. Without a key it does nothing more. */
export function decideOnce<Transaction, Result>(
  core: Core<Transaction>,
  once: Once<Result> | undefined,
  decide: () => Promise<Unit<Transaction, Result> & { readonly remembered: Remembered }>,
): Promise<Result> {
  return decideAndSave(core, () =>
    underKey<Result, Decided<Transaction, Result>>(
      core,
      once,
      (result) => ({ writes: [], result }),
      async (remember) => {
        const decided = await decide()
        return { ...decided, writes: [...remember(decided.remembered), ...decided.writes] }
      },
    ),
  )
}

/**
 * Makes one attempt of a call under its key: a replay where it was stored before, else `first`, whose unit begins with
 * what `remember` returns. Of several at once the row of the key lets one unit through, and the next attempt of the
 * others finds it.
 *
 * What the rules refuse can be the change of the very same call, made meanwhile, as when the username of a new account
 * is taken: so the row is looked for once more before the refusal is passed on.
 */
export async function underKey<Result, Outcome>(
  core: Core,
  once: Once<Result> | undefined,
  replayed: (result: Result) => Outcome,
  first: (remember: Remember) => Promise<Outcome>,
): Promise<Outcome> {
  if (once === undefined) return first(() => [])
  const row = await rowOf(core, once)
  if (isLive(row, once)) return replayed(await replayOf(core, once, row))
  try {
    return await first((remembered) => [rowWrite({ ...once.call, ...remembered }, row)])
  } catch (error) {
    const stored = isUserCoreError(error) ? await rowOf(core, once) : undefined
    if (isLive(stored, once)) return replayed(await replayOf(core, once, stored))
    throw error
  }
}

/** Tells whether the call was stored before: then nothing of it is counted again. False without a key. */
export async function wasStored(core: Core, once: Once<unknown> | undefined): Promise<boolean> {
  return once !== undefined && isLive(await rowOf(core, once), once)
}

async function rowOf({ repository }: Core, { call }: Once<unknown>): Promise<IdempotencyKeyRow | undefined> {
  return (await repository.select('idempotency_keys', { key_hash: call.key_hash }))[0]
}

function isLive(row: IdempotencyKeyRow | undefined, { call }: Once<unknown>): row is IdempotencyKeyRow {
  return row !== undefined && row.expires_at > call.created_at
}

/** Adds the row of a call, or puts it in the place of an expired one, of which one call alone is the next. */
function rowWrite(row: IdempotencyKeyRow, expired: IdempotencyKeyRow | undefined): Write {
  if (expired === undefined) return { insert: 'idempotency_keys', rows: [row] }
  const { key_hash, user_id, expires_at } = expired
  return { update: 'idempotency_keys', set: row, where: { key_hash, user_id, expires_at }, guarded: true }
}

/** Returns the result of a call that was stored before. Throws `idempotency_key_reused` unless it was the same call. */
async function replayOf<Result>(
  core: Core,
  { call, whom, replay }: Once<Result>,
  { operation, fingerprint, user_id, reference }: IdempotencyKeyRow,
): Promise<Result> {
  if (operation !== call.operation || fingerprint !== call.fingerprint) throw reused()
  const record = await loadAccount(core, whom ?? { id: user_id })
  // The username of the call can be that of another person by now.
  if (record.user.id !== user_id) throw reused()
  return replay(record, reference)
}

function reused(): UserCoreError {
  return new UserCoreError('idempotency_key_reused')
}
