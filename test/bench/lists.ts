import { sql } from 'kysely'
import * as z from 'zod'
import type { AccountListOptions } from '../../src/accounts/account-list.ts'
import { createUserCore, defineExtendedProfile } from '../../src/index.ts'
import { kyselyRepository } from '../../src/kysely/index.ts'
import type { Repository } from '../../src/port/repository.ts'
import { mediansOf } from './compare.ts'
import type { Bench, Job, Row } from './jobs.ts'
import { closeBench, openBench } from './open.ts'
import { few, fillUsers } from './queues.ts'
import { inRounds, inShortRounds, ratio, type Way } from './rounds.ts'
import { analyse } from './seed.ts'

/** The people of a page. */
const limit = 50

/** The people who differ from all others, in each database. */
const rare = 500

/**
 * The lists that are measured, each with ten pages in turn where it can: few enough for the memory that a server gives to
 * pages of tables by default, since the work of a list is measured, and not the size of that memory.
 */
const lists: Readonly<Record<string, (turn: number) => AccountListOptions>> = {
  all: () => ({ order: 'id' }),
  newest: () => ({ order: 'date_joined', descending: true }),
  name: (turn) => ({ where: { name: `name ${10 + (turn % 10)}` } }),
  username: (turn) => ({ where: { username: `user${10 + (turn % 10)}` } }),
  email: (turn) => ({ where: { email: `user${10 + (turn % 10)}` } }),
  'a country of many': () => ({ where: { country: 'IT' } }),
  'a country of few': () => ({ where: { country: 'FR' } }),
  inactive: () => ({ where: { is_active: false } }),
  'searchable field': () => ({ where: { extended_profile: { team: 'Red' } } }),
}

const extendedProfile = defineExtendedProfile({ team: { schema: z.string(), searchable: true } })

/** Fills a database, and returns a way to read a page of each list. */
async function waysOn(bench: Bench): Promise<Readonly<Record<string, Way>>> {
  const { site, place, people, many } = bench
  await fillUsers(bench, many)
  const step = Math.floor((many - people) / rare)
  const ids = Array.from({ length: rare }, (_, index) => people + 1 + index * step)
  const list = ids.join()
  const no = place.dialect === 'sqlite' ? '0' : 'false'
  for (const statement of [
    `update usercore_users set is_active = ${no} where id in (${list})`,
    `update usercore_profiles set country = 'FR' where user_id in (${list})`,
    `insert into usercore_search_values (user_id, field, value)
      select id, 'extended_profile.team', '"red"' from usercore_users where id in (${list})`,
    `insert into usercore_extended_profiles (user_id, owner, document, schema_version)
      select id, 'user', '{"team":"Red"}', 1 from usercore_users where id in (${list})`,
  ])
    await sql.raw(statement).execute(site.db)
  await analyse(site.db, place)
  const repository = kyselyRepository(site.db, { dialect: place.dialect }) as Repository
  const users = createUserCore({ repository, extendedProfile })
  const ways: Record<string, Way> = {}
  for (const [name, optionsOf] of Object.entries(lists)) {
    let turn = 0
    const run = async () => {
      const { items } = await users.accounts.list({ system: true }, { ...optionsOf(turn++), limit })
      if (items.length !== limit) throw new Error(`${items.length} of ${limit} people of the list ${name}`)
    }
    ways[name] = { run }
  }
  return ways
}

/** Lists of people, beside the same of 10,000 people: the value is that of the list that grows most. */
export const listJob: Job<Bench> = {
  rows: ['list 50 people, growth'],
  async measure(bench) {
    const small = await openBench(bench.place.database, { ...bench, people: 100, many: few })
    try {
      const [ofMany, ofFew] = [await waysOn(bench), await waysOn(small)]
      const ways: Record<string, Way> = {}
      for (const name of Object.keys(lists)) {
        ways[name] = ofMany[name] as Way
        ways[`${name} of few`] = ofFew[name] as Way
      }
      // In short rounds, in which the two of a list follow each other: the greatest of many ratios is that of a list then,
      // rather than of a slow moment.
      const times = await inRounds(ways, inShortRounds(bench.effort))
      const value = Math.max(
        ...Object.keys(lists).map((name) => ratio(times[name] ?? [], times[`${name} of few`] ?? [])),
      )
      const row: Row = { job: 'list 50 people, growth', medians: mediansOf(times), unit: 'ms', value }
      return [row]
    } finally {
      await closeBench(small)
    }
  },
}
