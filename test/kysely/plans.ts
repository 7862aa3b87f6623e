import { CompiledQuery, type Kysely, sql } from 'kysely'
import type { DialectName } from '../../src/kysely/index.ts'

/** A statement as it was sent. */
export interface Sent {
  readonly text: string
  readonly parameters: readonly unknown[]
}

/**
 * Returns the tables, or their names in the statement, of which the plan of a statement reads all rows. A table that is
 * read in the order of an index until a limit is reached is none of them.
 */
export async function scannedBy(db: Kysely<unknown>, dialect: DialectName, sent: Sent): Promise<string[]> {
  if (dialect === 'sqlite') return scannedBySqlite(db, sent)
  return dialect === 'mysql' ? scannedByMysql(db, sent) : scannedByPostgres(db, sent)
}

/** Returns the indexes that the plan of a statement uses, with their conditions where the database tells them. */
export async function indexesOf(db: Kysely<unknown>, dialect: DialectName, sent: Sent): Promise<string[]> {
  if (dialect === 'sqlite')
    return (await explained(db, 'explain query plan', sent)).flatMap(
      ({ detail }) => /INDEX (.*)/.exec(String(detail))?.[1] ?? [],
    )
  if (dialect === 'mysql')
    return (await explained(db, traditional, sent)).flatMap(({ key }) => (key === null ? [] : [String(key)]))
  const lines = (await explained(db, 'explain', sent)).map((row) => String(row['QUERY PLAN']))
  return lines.filter((line) => /Index/.test(line))
}

/** Explains a statement, without the settings that MariaDB takes before it. */
const explained = async (db: Kysely<unknown>, prefix: string, { text, parameters }: Sent) => {
  const bare = `${prefix} ${text.replace(/^\/\*M! .*? for \*\/ /, '')}`
  return (await db.executeQuery<Record<string, unknown>>(CompiledQuery.raw(bare, [...parameters]))).rows
}

/** Returns our tables in a statement, and the names that it gives them. */
function namesIn(text: string): Set<string> {
  const found = text.matchAll(/["`](usercore_\w+)["`](?: as ["`]?(\w+)["`]?)?/g)
  return new Set([...found].flatMap(([, table = '', alias = table]) => [table, alias]))
}

const hasLimit = (text: string) => /\blimit\b/i.test(text)

async function scannedBySqlite(db: Kysely<unknown>, sent: Sent): Promise<string[]> {
  const details = (await explained(db, 'explain query plan', sent)).map(({ detail }) => String(detail))
  const isInOrder =
    hasLimit(sent.text) && !details.some((detail) => /USE TEMP B-TREE FOR (ORDER|GROUP) BY/.test(detail))
  const scanned = details.flatMap((detail) => /^SCAN (\S+)/.exec(detail)?.[1] ?? [])
  return isInOrder ? [] : scanned.filter((name) => namesIn(sent.text).has(name))
}

/** MySQL shows trees unless asked for rows; MariaDB takes the wish for a comment. */
const traditional = 'explain /*!80000 format = traditional */'

async function scannedByMysql(db: Kysely<unknown>, sent: Sent): Promise<string[]> {
  const rows = await explained(db, traditional, sent)
  const isInOrder = hasLimit(sent.text) && !rows.some(({ Extra }) => /temporary|filesort/.test(String(Extra)))
  // MySQL also shows the table that rows are inserted into, which it does not read.
  const read = rows.filter(({ select_type }) => select_type !== 'INSERT')
  const scanned = read.filter(({ type }) => type === 'ALL' || (type === 'index' && !isInOrder))
  return scanned.map(({ table }) => String(table)).filter((name) => namesIn(sent.text).has(name))
}

interface Plan {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Cond'?: string
  readonly Plans?: readonly Plan[]
}

/** The plans of small tables that the server is kept from here, so that it shows those of large ones. */
const plansOfSmallTables = ['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin']

async function scannedByPostgres(db: Kysely<unknown>, sent: Sent): Promise<string[]> {
  return db.connection().execute(async (connection) => {
    for (const plan of plansOfSmallTables) await sql`set ${sql.raw(plan)} = off`.execute(connection)
    const [row] = await explained(connection, 'explain (format json)', sent)
    for (const plan of plansOfSmallTables) await sql`reset ${sql.raw(plan)}`.execute(connection)
    const plans = (row?.['QUERY PLAN'] ?? []) as readonly { readonly Plan: Plan }[]
    return plans.flatMap(({ Plan }) => scansIn(Plan, false))
  })
}

function scansIn(plan: Plan, isLimited: boolean): string[] {
  const { 'Node Type': type, 'Relation Name': table, 'Index Cond': condition, Plans = [] } = plan
  const isScan = type === 'Seq Scan' || (/^Index (Only )?Scan$/.test(type) && condition === undefined && !isLimited)
  // What sorts or joins by a hash reads all of its rows before it gives the first.
  const stays = !/^(Sort|Hash|Aggregate|Materialize)$/.test(type)
  const below = Plans.flatMap((part) => scansIn(part, (isLimited || type === 'Limit') && stays))
  return isScan && table !== undefined ? [table, ...below] : below
}
