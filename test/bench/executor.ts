import { isDeepStrictEqual } from 'node:util'
import type { Statement as SqliteStatement } from 'better-sqlite3'
import { type Compilable, Kysely } from 'kysely'
import type { TableName, Tables } from '../../src/port/tables.ts'
import { dialectOf, openMysql, openPostgres, openSqlite, type Place } from './places.ts'

/** Our tables, as the statements by hand name them. */
export type Schema = { [Name in TableName as `usercore_${Name}`]: Tables[Name] }

/** A statement by hand, which each executor runs in its own way. */
export interface Statement<Args extends readonly unknown[], Row> {
  readonly name: string
  /** Makes it with the query builder. Its text may differ only with the lengths of lists among the arguments. */
  build(db: Kysely<Schema>, ...args: Args): Compilable<Row>
  /** Returns the parameters of its text, in their order. */
  values(...args: Args): readonly unknown[]
}

export interface Rows<Row> {
  readonly rows: readonly Row[]
  readonly affected: number
}

/** Runs statements by hand: with the query builder each time, or with the driver alone. */
export interface Executor {
  run<Args extends readonly unknown[], Row>(statement: Statement<Args, Row>, ...args: Args): Promise<Rows<Row>>
  transaction<Result>(work: (on: Executor) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

/** Opens plain Kysely: every statement is built and compiled for each call, and the driver keeps none. */
export function kyselyExecutor(place: Place): Executor {
  return executorOf(new Kysely<Schema>({ dialect: dialectOf(place, false) }))
}

function executorOf(db: Kysely<Schema>): Executor {
  return {
    async run(statement, ...args) {
      const { rows, numAffectedRows } = await db.executeQuery(statement.build(db, ...args))
      return { rows, affected: Number(numAffectedRows ?? 0) }
    },
    transaction: (work) => db.transaction().execute((trx) => work(executorOf(trx))),
    close: () => db.destroy(),
  }
}

/** Opens the raw driver with prepared statements, whose texts Kysely has compiled once. */
export function rawExecutor(place: Place): Executor {
  const compiler = new Kysely<Schema>({ dialect: dialectOf(place, false) })
  const textOf = textsOf(compiler)
  const raw = { sqlite: rawSqlite, postgres: rawPostgres, mysql: rawMysql }[place.dialect](place, textOf)
  return {
    ...raw,
    async close() {
      await raw.close()
      await compiler.destroy()
    },
  }
}

interface Text {
  readonly name: string
  readonly sql: string
}

type TextOf = <Args extends readonly unknown[], Row>(statement: Statement<Args, Row>, args: Args) => Text

/** Compiles each statement once for each length of its lists. Throws where `values` does not return its parameters. */
function textsOf(compiler: Kysely<Schema>): TextOf {
  const texts = new Map<string, Text>()
  return (statement, args) => {
    const lengths = args.map((value) => (Array.isArray(value) ? value.length : '')).join(' ')
    const name = `${statement.name} ${lengths}`.trim()
    const known = texts.get(name)
    if (known !== undefined) return known
    const { sql, parameters } = statement.build(compiler, ...args).compile()
    if (!isDeepStrictEqual([...parameters], [...statement.values(...args)])) {
      throw new TypeError(`${statement.name}: values are not its parameters`)
    }
    const text = { name: name.replaceAll(' ', '_'), sql }
    texts.set(name, text)
    return text
  }
}

function rawSqlite(place: Place, textOf: TextOf): Executor {
  const database = openSqlite(place)
  const kept = new Map<string, SqliteStatement>()
  const prepare = (sql: string) => {
    const known = kept.get(sql) ?? database.prepare(sql)
    kept.set(sql, known)
    return known
  }
  const executor: Executor = {
    async run<Args extends readonly unknown[], Row>(statement: Statement<Args, Row>, ...args: Args) {
      const prepared = prepare(textOf(statement, args).sql)
      const values = statement.values(...args)
      if (prepared.reader) return { rows: prepared.all(...values) as Row[], affected: 0 }
      return { rows: [], affected: prepared.run(...values).changes }
    },
    async transaction(work) {
      prepare('begin').run()
      try {
        const result = await work(executor)
        prepare('commit').run()
        return result
      } catch (error) {
        prepare('rollback').run()
        throw error
      }
    },
    close: async () => void database.close(),
  }
  return executor
}

/** A connection that runs one statement after the other. */
interface Connection {
  run: Executor['run']
  command(text: 'begin' | 'commit' | 'rollback'): Promise<unknown>
  release(): void
}

/** Runs work between `begin` and `commit` on a connection of its own. */
async function inTransaction<Result>(connection: Connection, work: (on: Executor) => Promise<Result>): Promise<Result> {
  const on: Executor = { run: connection.run, transaction: (inner) => inner(on), close: async () => {} }
  try {
    await connection.command('begin')
    const result = await work(on)
    await connection.command('commit')
    return result
  } catch (error) {
    await connection.command('rollback')
    throw error
  } finally {
    connection.release()
  }
}

function rawPostgres(place: Place, textOf: TextOf): Executor {
  const pool = openPostgres(place)
  const runOn =
    (client: Pick<typeof pool, 'query'>): Executor['run'] =>
    async (statement, ...args) => {
      const { name, sql } = textOf(statement, args)
      const { rows, rowCount } = await client.query({ name, text: sql, values: [...statement.values(...args)] })
      return { rows, affected: rowCount ?? 0 }
    }
  return {
    run: runOn(pool),
    async transaction(work) {
      const client = await pool.connect()
      const command: Connection['command'] = (text) => client.query(text)
      return inTransaction({ run: runOn(client), command, release: () => client.release() }, work)
    },
    close: () => pool.end(),
  }
}

function rawMysql(place: Place, textOf: TextOf): Executor {
  const pool = openMysql(place)
  const runOn =
    (on: Pick<typeof pool, 'execute'>): Executor['run'] =>
    async <Args extends readonly unknown[], Row>(statement: Statement<Args, Row>, ...args: Args) => {
      const values = statement.values(...args) as (string | number | null)[]
      const [result] = await on.execute(textOf(statement, args).sql, values)
      if (Array.isArray(result)) return { rows: result as Row[], affected: 0 }
      return { rows: [], affected: 'affectedRows' in result ? result.affectedRows : 0 }
    }
  return {
    run: runOn(pool),
    async transaction(work) {
      const connection = await pool.getConnection()
      const command: Connection['command'] = (text) => connection.query(text)
      return inTransaction({ run: runOn(connection), command, release: () => connection.release() }, work)
    },
    close: () => pool.end(),
  }
}
