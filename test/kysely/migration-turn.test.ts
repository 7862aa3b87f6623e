import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterAll, describe, expect, it } from 'vitest'
import { dialectOf } from '../../src/kysely/dialect.ts'
import { inTurn, type TurnWaits } from '../../src/kysely/migration-turn.ts'
import { databases, type TestDatabase } from '../stores/databases.ts'

const waits: TurnWaits = { look: 10, sign: 15_000, looks: 100_000 }
const never = new Promise<never>(() => {})

describe.each(Object.entries(databases))('the turn of a migrator on %s', (_, create) => {
  const database: Promise<TestDatabase> = create()
  let count = 0
  afterAll(async () => (await database).close())

  /** Opens connections to a table of turns that does not exist yet. */
  async function open() {
    const { connect, dialect } = await database
    const name = `turns_${++count}`
    const [one, two] = [connect(), connect()]
    const turn = <Result>(index: number, work: () => Promise<Result>, own = waits) =>
      inTurn(index % 2 === 0 ? one : two, dialectOf(dialect), { name, schema: undefined }, work, own)
    const number = async () => {
      const { rows } = await sql<{ is_locked: number }>`select is_locked from ${sql.table(name)}`.execute(one)
      return rows.map(({ is_locked }) => is_locked)
    }
    return { turn, number }
  }

  it('is with one of many callers at a time, and free in the end', async () => {
    const { turn, number } = await open()
    const inside: number[] = []
    let atOnce = 0
    const callers = () =>
      Array.from({ length: 6 }, (_, index) =>
        turn(index, async () => {
          atOnce++
          await sleep(5)
          inside.push(atOnce--)
        }),
      )
    // The first callers make the table as well; the second ones all find it free.
    await Promise.all(callers())
    await Promise.all(callers())
    expect(inside).toEqual(Array.from({ length: 12 }, () => 1))
    expect(await number()).toEqual([0])
  })

  it('is free after work that fails, and the failure is passed on', async () => {
    const { turn, number } = await open()
    const failing = turn(0, async () => {
      throw new RangeError('of the work')
    })
    await expect(failing).rejects.toThrow(new RangeError('of the work'))
    expect(await number()).toEqual([0])
  })

  it('goes on to others when its holder gives no sign of life', async () => {
    const { turn } = await open()
    const hurried = { ...waits, looks: 5 }
    await new Promise<void>((begun) => {
      void turn(
        0,
        async () => {
          begun()
          await never
        },
        waits,
      )
    })
    expect(await turn(1, async () => 'went on', hurried)).toBe('went on')
  })

  it('stays with a holder that gives signs of life, however long the work takes', async () => {
    const { turn } = await open()
    const order: string[] = []
    const quick = { look: 10, sign: 20, looks: 50 }
    await new Promise<void>((begun) => {
      void turn(
        0,
        async () => {
          begun()
          await sleep(1500)
          order.push('first')
        },
        quick,
      )
    })
    await turn(1, async () => void order.push('second'), quick)
    expect(order).toEqual(['first', 'second'])
  })
})
