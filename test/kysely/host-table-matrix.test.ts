import { describe, expect, it } from 'vitest'
import { migrate, verifyMapping } from '../../src/kysely/index.ts'
import { databases } from '../stores/databases.ts'
import { tryCell } from './host-tables/cell.ts'
import { sessions } from './host-tables/sessions.ts'
import { makeMembers } from './host-tables/table.ts'
import { people, variantsOf } from './host-tables/variants.ts'

/**
 * Every type that the check allows for a column of a host's table, in every setting of a session, with every kind of
 * name. Each cell works, or the check tells its problem before anything is written.
 */
describe.each(Object.entries(databases))('tables of a host on %s', (name, create) => {
  it('keep every person, or are refused by the check', async () => {
    const count = { work: 0, refused: 0 }
    const failures: string[] = []
    const { dialect, close } = await create('empty')
    await close()
    for (const [turn, variant] of variantsOf(dialect).entries()) {
      const { users } = variant
      const database = await create('empty')
      const admin = database.connect()
      await makeMembers(admin, dialect, variant.columns, variant.keys)
      expect(await verifyMapping(admin, { dialect, users }), variant.title).toEqual([])
      await migrate(admin, { dialect, users })
      for (const [sitting, { title, refused, open }] of (sessions[name] ?? []).entries()) {
        const db = await open(database)
        const problems = await verifyMapping(db, { dialect, users })
        expect(problems.length > 0, `${title}: ${JSON.stringify(problems)}`).toBe(refused === true)
        // Every name in every session, with keys and without; in the other tables they take turns.
        const names = Object.entries(people).filter((_, at) => turn < 2 || (at + turn + sitting) % 4 === 0)
        if (refused === true) count.refused += names.length
        for (const [kind, username] of refused === true ? [] : names) {
          try {
            await tryCell({ dialect, db, admin, variant, username })
            count.work++
          } catch (error) {
            failures.push(
              `${variant.title} | ${title} | ${kind}: ${String(error).slice(0, 300)} ${JSON.stringify((error as { params?: object }).params ?? {})}`,
            )
          }
        }
        if (db !== admin) await db.destroy()
      }
      await database.close()
    }
    process.stdout.write(`${name}: ${count.work} cells work, ${count.refused} are refused, ${failures.length} fail\n`)
    expect(failures).toEqual([])
    expect(count.work).toBeGreaterThan(30)
  }, 240_000)
})
