import { CompiledQuery, type DatabaseConnection, type Dialect, type Driver, type QueryResult } from 'kysely'
import { probes } from '../../src/kysely/probes.ts'
import type { StatementControl } from '../../src/testing/index.ts'

/** The questions before a transaction begins, most of which `keptStatements` answers: they belong to its beginning. */
const asked: ReadonlySet<string> = new Set(Object.values(probes))

/** Ends a connection, so that its next statement fails. `query` runs on that connection. */
export type Cut = (query: (sql: string) => Promise<QueryResult<unknown>>) => Promise<void>

/** Makes a statement fail before it runs. */
type Blow = (sql: string, parameters: readonly unknown[], query: DatabaseConnection['executeQuery']) => Promise<void>

/**
 * Makes a dialect whose statements are counted and can be made to fail: every one that its driver sends, those that
 * begin and end transactions included.
 */
export function watchedDialect(dialect: Dialect, cut: Cut | undefined) {
  let count = 0
  let next: { readonly at: number; readonly blow: Blow } | undefined

  async function watch(sql: string, parameters: readonly unknown[], query: DatabaseConnection['executeQuery']) {
    count++
    if (next?.at === count) await next.blow(sql, parameters, query)
  }

  const control: StatementControl = {
    count: () => count,
    failAt(n) {
      next = n === undefined ? undefined : { at: count + n, blow: fail }
    },
    ...(cut === undefined
      ? {}
      : {
          cutAt(n) {
            const blow: Blow = (_sql, _parameters, query) => cut((text) => query(CompiledQuery.raw(text)))
            next = n === undefined ? undefined : { at: count + n, blow }
          },
        }),
  }
  const watched: Dialect = {
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createDriver: () => watchedDriver(dialect.createDriver(), watch),
  }
  return { dialect: watched, control }
}

/**
 * Sends a statement that the database refuses, so that the database sees the failure too, which ends a transaction of
 * PostgreSQL. Throws an error like those of drivers that hold the values of rows.
 */
const fail: Blow = async (sql, parameters, query) => {
  const refused: unknown = await query(CompiledQuery.raw('this is no statement')).then(
    () => new Error('it was one'),
    (error: unknown) => error,
  )
  const codes = Object.fromEntries(
    ['code', 'errno', 'errcode'].flatMap((name) => {
      const value = refused instanceof Error && Reflect.get(refused, name)
      return value ? [[name, value]] : []
    }),
  )
  throw Object.assign(new Error(`${sql} ${JSON.stringify(parameters)}`, { cause: refused }), codes)
}

function watchedDriver(driver: Driver, watch: Blow): Driver {
  const queries = new WeakMap<DatabaseConnection, DatabaseConnection['executeQuery']>()

  /** Watches statements for which the driver has methods of its own. */
  async function watchControl(sql: string, connection: DatabaseConnection): Promise<void> {
    const query = queries.get(connection)
    if (query !== undefined) await watch(sql, [], query)
  }

  return {
    init: (options) => driver.init(options),
    async acquireConnection(options) {
      const connection = await driver.acquireConnection(options)
      if (!queries.has(connection)) {
        // The driver knows its connections by identity: they cannot be wrapped.
        const query = connection.executeQuery.bind(connection)
        queries.set(connection, query)
        connection.executeQuery = async (compiled, options) => {
          const isCounted = !/^(begin|commit|rollback)$/.test(compiled.sql) && !asked.has(compiled.sql)
          if (isCounted) await watch(compiled.sql, compiled.parameters, query)
          return query(compiled, options)
        }
      }
      return connection
    },
    async beginTransaction(connection, settings) {
      await watchControl('begin', connection)
      await driver.beginTransaction(connection, settings)
    },
    async commitTransaction(connection) {
      await watchControl('commit', connection)
      await driver.commitTransaction(connection)
    },
    async rollbackTransaction(connection) {
      await watchControl('rollback', connection)
      await driver.rollbackTransaction(connection)
    },
    releaseConnection: (connection, options) => driver.releaseConnection(connection, options),
    destroy: (options) => driver.destroy(options),
  }
}
