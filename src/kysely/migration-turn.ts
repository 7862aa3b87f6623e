import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import type { Dialect } from './dialect.ts'

/** The table in which a migrator records that it is at work. */
export interface TurnTable {
  readonly name: string
  readonly schema: string | undefined
}

/**
 * The milliseconds between two looks at the turn, those between two signs of life of its holder, and the number of
 * looks without a sign after which the holder counts as dead.
 */
export interface TurnWaits {
  readonly look: number
  readonly sign: number
  readonly looks: number
}

/** A minute without a sign, in which four are due. */
const usualWaits: TurnWaits = { look: 200, sign: 15_000, looks: 300 }

/** The row, beside Kysely's own, and the number that it has while no migrator is at work. */
const row = 'turn'
const free = 0

/**
 * Runs work while no other caller does, on any node of a cluster whose nodes are all written to.
 *
 * The turn is a row: of two nodes that change a row at once the cluster rolls one back, whereas a MySQL group allows
 * both of them to alter tables. The changes of one node arrive in their order, so a node that takes the turn has
 * everything that was done under it. The holder writes another number from time to time. A number that stays the same
 * for a minute, by the clock of the waiting caller, belongs to a holder that died, or to one whose pool has a single
 * connection, which the work keeps.
 */
export async function inTurn<Result>(
  db: Kysely<unknown>,
  dialect: Dialect,
  turnTable: TurnTable,
  work: () => Promise<Result>,
  waits: TurnWaits = usualWaits,
): Promise<Result> {
  const turn = turnIn(db, dialect, turnTable)
  let held = await take(turn, dialect, waits)
  let sign: Promise<void> = Promise.resolve()
  const signs = setInterval(() => {
    sign = sign.then(async () => {
      const next = newNumber()
      if (await turn.replace(held, next).catch(() => false)) held = next
    })
  }, waits.sign)
  try {
    return await work()
  } finally {
    clearInterval(signs)
    await sign
    // The work is done or has failed, whatever this call does: without it others wait until the holder counts as dead.
    await turn.replace(held, free).catch(() => {})
  }
}

/** Waits for the turn, and returns the number under which it is held. */
async function take(turn: Turn, dialect: Dialect, waits: TurnWaits): Promise<number> {
  const mine = newNumber()
  let seen: number | undefined
  for (let looks = 0; ; looks++) {
    try {
      const number = await turn.read()
      if (number !== seen) looks = 0
      seen = number
      if (number === undefined) await turn.make()
      else if ((number === free || looks >= waits.looks) && (await turn.replace(number, mine))) return mine
    } catch (error) {
      // Another caller was faster.
      if (dialect.meaningOf(error) === 'failure') throw error
    }
    await sleep(waits.look * (0.5 + Math.random()))
  }
}

type Turn = ReturnType<typeof turnIn>

function turnIn(db: Kysely<unknown>, dialect: Dialect, { name, schema }: TurnTable) {
  const place = schema === undefined ? name : `${schema}.${name}`
  const rows = sql.table(place)
  const isThere = async () => (await dialect.schema.describeTable(db, name, schema)) !== undefined
  return {
    /** Returns the number in the row; `undefined` while there is no row. */
    async read(): Promise<number | undefined> {
      if (!(await isThere())) return undefined
      const found = await sql<{ is_locked: number }>`select is_locked from ${rows} where id = ${row}`.execute(db)
      return found.rows[0]?.is_locked
    },
    /** Makes the row, and the table as Kysely's migrator does, where they are missing. */
    async make(): Promise<void> {
      const table = db.schema
        .createTable(place)
        .ifNotExists()
        .addColumn('id', 'varchar(255)', (column) => column.notNull().primaryKey())
        .addColumn('is_locked', 'integer', (column) => column.notNull().defaultTo(0))
      // PostgreSQL refuses one of two callers at once, even with `if not exists`, when the type of the table's rows
      // exists.
      await table.execute().catch(async (error) => {
        if (!(await isThere())) throw error
      })
      await sql`insert into ${rows} (id, is_locked) values (${row}, ${free})`.execute(db)
    },
    /** Replaces one number by another; returns whether the first was there. */
    async replace(one: number, other: number): Promise<boolean> {
      const update = sql`update ${rows} set is_locked = ${other} where id = ${row} and is_locked = ${one}`
      return (await update.execute(db)).numAffectedRows === 1n
    },
  }
}

/** Returns a random number for a holder, which hardly any other has had. */
function newNumber(): number {
  return randomInt(1, 2 ** 31 - 1)
}
