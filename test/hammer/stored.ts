import { setTimeout as sleep } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import { parseDocument } from '../../src/accounts/extended-profile/document.ts'
import { kyselyRepository } from '../../src/kysely/index.ts'
import type { JsonObject, JsonValue } from '../../src/values/json.ts'
import { connect } from './connect.ts'
import { driver, hammerCore, messageOf } from './hammer-core.ts'
import type { Entry, Site, Stored } from './journal.ts'

/**
 * Reads what is stored when every client has stopped: waits until no lease lasts any longer, takes what is left in the
 * queues, and notes the messages that come.
 */
export async function readStored(
  site: Site,
  clients: number,
  leaseSeconds: number,
  note: (entry: Entry) => void,
): Promise<Stored> {
  const [url = ''] = site.urls
  const db = connect(site, url, 4)
  try {
    const openTransactions = await countOpenTransactions(db, site)
    const repository = kyselyRepository(db, { dialect: site.dialect })
    const users = hammerCore(repository, clients)
    await sleep(leaseSeconds * 1000 + 100)

    const [account] = await repository.findAccounts({ username_keys: ['ada'] })
    const names = new Map((await repository.select('users', {})).map(({ id, username }) => [id, username]))
    const nameOf = (id: number | string) => names.get(id) ?? String(id)
    const fieldHistory = await repository.select('extended_profile_history', {})
    const retirements = await repository.select('retirements', {})
    const moves = await repository.select('retirement_history', {})

    // Messages that failed are due at once, so that they hold up none of their person.
    await repository.commit([{ update: 'outbox', set: { next_attempt_at: null }, where: {} }])
    let delivered = 0
    do {
      const from = Date.now()
      const handler = (message: Parameters<typeof messageOf>[0]) =>
        note({
          what: 'message',
          lease: 'last',
          from,
          until: Number.POSITIVE_INFINITY,
          message: messageOf(message),
          at: from,
        })
      delivered = (await users.outbox.deliver(handler, { limit: 1000 })).delivered
    } while (delivered > 0)

    const claimable: Record<string, number> = {}
    // Twice: nobody can have any of them a second time.
    for (let round = 0; round < 2; round++) {
      const found = await users.retirement.claim(driver, { limit: 1000 })
      for (const { retirement } of found) {
        claimable[retirement.original_username] = (claimable[retirement.original_username] ?? 0) + 1
      }
    }

    const document = account?.extended_profiles.find(({ owner }) => owner === 'user')?.document ?? '{}'
    return {
      version: account?.profile?.version ?? 0,
      bio: account?.profile?.bio ?? null,
      fields: parseDocument(document) ?? {},
      fieldHistory: fieldHistory.map(({ field_name, old_value, new_value }) => ({
        field_name,
        old: jsonIn(old_value),
        new: jsonIn(new_value),
      })),
      preferences: await repository.select('preferences', {}),
      retirements: retirements.map(({ original_username, version, current_state }) => ({
        username: original_username,
        version,
        state: current_state,
      })),
      moves: moves.map(({ user_id, from_state, to_state }) => ({
        username: nameOf(user_id),
        from: from_state,
        to: to_state,
      })),
      undelivered: (await repository.select('outbox', {})).length,
      claimable,
      openTransactions,
    }
  } finally {
    await db.destroy()
  }
}

function jsonIn(cell: JsonObject | null): JsonValue {
  return cell?.value ?? null
}

async function countOpenTransactions(db: Kysely<unknown>, { dialect, name }: Site): Promise<number> {
  const { rows } = await (dialect === 'mysql'
    ? sql<{ count: number }>`select count(*) as count from information_schema.innodb_trx as trx
        join information_schema.processlist as process on process.id = trx.trx_mysql_thread_id
        where process.db = ${name} and process.id <> connection_id()`
    : sql<{ count: number }>`select count(*) as count from pg_stat_activity
        where application_name = ${name} and pid <> pg_backend_pid() and xact_start is not null`
  ).execute(db)
  return Number(rows[0]?.count)
}
