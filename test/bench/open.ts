import { migrate } from '../../src/kysely/index.ts'
import { kyselyExecutor, rawExecutor } from './executor.ts'
import type { Bench } from './jobs.ts'
import { type DatabaseName, makePlace, removePlace } from './places.ts'
import { seedPeople } from './seed.ts'
import { openSite } from './site.ts'

/** Makes a database with people in it, and opens it in each way. */
export async function openBench(
  database: DatabaseName,
  { people, many, effort }: Pick<Bench, 'people' | 'many' | 'effort'>,
): Promise<Bench> {
  const place = await makePlace(database)
  let count = 0
  const site = openSite(place, { people: many })
  const counted = openSite(place, { people: many, log: () => count++ })
  await migrate(site.db, { dialect: place.dialect })
  await seedPeople(site.db, place, people)
  return {
    place,
    people,
    many,
    effort,
    site,
    counted: {
      site: counted,
      async statements(call) {
        count = 0
        await call(counted)
        return count
      },
    },
    kysely: kyselyExecutor(place),
    raw: rawExecutor(place),
  }
}

/** Closes every connection, and removes the database. */
export async function closeBench({ place, site, counted, kysely, raw }: Bench): Promise<void> {
  await site.db.destroy()
  await counted.site.db.destroy()
  await kysely.close()
  await raw.close()
  await removePlace(place)
}
