import assert from 'node:assert/strict'
import type { UserId } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { addUser, outboxRow } from '../rows.ts'
import { secret } from './fail-at-each.ts'
import { sampleRows } from './sample-rows.ts'
import type { StoreUnderTest } from './store.ts'

/** Makes a unit with every kind of write, for a person with a profile. */
export function unitOf(id: UserId): Write[] {
  const { retirement_states, account_recoveries, ...rows } = sampleRows(id, secret)
  return [
    { update: 'profiles', set: { bio: secret, version: 2 }, where: { user_id: id, version: 1 }, guarded: true },
    { update: 'users', set: { first_name: secret }, where: { id } },
    { insert: 'retirement_states', rows: [retirement_states] },
    { insert: 'retirements', rows: [rows.retirements] },
    { upsert: 'account_recoveries', rows: [account_recoveries] },
    { upsert: 'social_links', rows: [rows.social_links] },
    { put: 'preferences', rows: [rows.preferences] },
    { put: 'preferences', rows: [{ ...rows.preferences, version: 2 }] },
    { delete: 'language_proficiencies', where: { user_id: id } },
    { insert: 'outbox', rows: [outboxRow('m1', id, { payload: { secret } })] },
  ]
}

/** Tells for each table that the unit writes whether its write is stored. */
async function tracesOf({ repository }: StoreUnderTest<unknown>): Promise<boolean[]> {
  const [account] = await repository.findAccounts({ username_keys: ['ada'] })
  return [
    account?.profile?.bio === secret,
    account?.user.first_name === secret,
    account?.account_recovery !== undefined,
    account?.social_links.length === 1,
    account?.language_proficiencies.length === 0,
    (await repository.select('retirement_states', {})).length === 1,
    (await repository.select('retirements', {})).length === 1,
    (await repository.select('preferences', {})).length === 1,
    (await repository.select('outbox', {})).length === 1,
  ]
}

export async function addSpeaker({ repository }: StoreUnderTest<unknown>): Promise<UserId> {
  const id = await addUser(repository, 'ada')
  await repository.commit([{ insert: 'language_proficiencies', rows: [{ user_id: id, code: 'en' }] }])
  return id
}

/** Checks that all of the unit is stored, or nothing. */
export const shows = (store: StoreUnderTest<unknown>, is: boolean) => async () =>
  assert.deepEqual(
    await tracesOf(store),
    Array.from({ length: 9 }, () => is),
  )
