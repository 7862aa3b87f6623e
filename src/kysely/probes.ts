import { CompiledQuery, type Kysely } from 'kysely'
import { driverError } from './driver-error.ts'

/**
 * The statements that ask whether a connection is in a transaction, before one of ours begins. `keptStatements` answers
 * the first of each database by itself where it knows.
 */
export const probes = {
  postgres: `select set_config('usercore.probe', 'set', true) as probe`,
  postgresAgain: `select current_setting('usercore.probe', true) as probe`,
  mysql: 'set transaction read write',
} as const

/**
 * Tells whether a connection of PostgreSQL is in a transaction: only there does a local setting outlive its statement.
 * The server does not tell, drivers differ, and a savepoint would be an error in the log of each transaction.
 */
export async function isInTransactionOfPostgres(db: Kysely<unknown>): Promise<boolean> {
  const ask = async (text: string) =>
    (await db.executeQuery<{ readonly probe: string | null }>(CompiledQuery.raw(text))).rows[0]?.probe
  const answer = await ask(probes.postgres)
  // The letters of the protocol, from `keptStatements`.
  if (answer === 'I' || answer === 'T' || answer === 'E') return answer !== 'I'
  return (await ask(probes.postgresAgain)) === 'set'
}

/** The error of a statement that only the time before a transaction allows. */
const inTransaction = 1568

/** Tells whether a connection of MySQL or MariaDB is in a transaction, whose kind cannot be set any more. */
export async function isInTransactionOfMysql(db: Kysely<unknown>): Promise<boolean> {
  try {
    await db.executeQuery(CompiledQuery.raw(probes.mysql))
    return false
  } catch (error) {
    if (driverError(error).errno === inTransaction) return true
    throw error
  }
}
