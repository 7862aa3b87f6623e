import { knownShortfalls } from './known-shortfalls.ts'
import type { DatabaseName } from './places.ts'

/** The database of a row; `none` for rows that need no database. */
export type MeasuredOn = DatabaseName | 'none'

/** One measured row: a job on a database. */
export interface Result {
  readonly job: string
  readonly database: MeasuredOn
  /** The medians of each way to do it, in the unit of the row. */
  readonly medians: Readonly<Record<string, number>>
  /** Milliseconds of a call unless the row says otherwise. */
  readonly unit: 'ms' | 'per second' | 'MiB'
  /** The number that is compared with the limit, such as the time of usercore divided by that of Kysely. */
  readonly value: number
  /** The statements that usercore sent, without those that begin and end transactions. */
  readonly statements?: number
}

/** The content of the file that `npm run bench -- --json file` writes. */
export interface Measured {
  readonly machine: string
  readonly people: number
  readonly databases: readonly DatabaseName[]
  readonly results: readonly Result[]
}

type Family = 'postgres' | 'sqlite' | 'mysql' | 'none'

/** The limits of a row, by family of databases. `least`: the value has to be at least the limit, otherwise at most. */
interface Limit {
  readonly least?: true
  readonly of: Readonly<Partial<Record<Family, number>>>
  readonly statements?: Readonly<Partial<Record<Family, number>>>
}

/** The same number for each family that has a database. */
const each = (limit: number) => ({ postgres: limit, sqlite: limit, mysql: limit })

/** The limits of every row: those of issue 13, in its order. */
export const limits = {
  'read one account': { of: { postgres: 0.5, sqlite: 0.3, mysql: 1.2 }, statements: each(1) },
  'read 100 accounts': { of: { postgres: 1.1, sqlite: 1.1, mysql: 1.4 }, statements: each(1) },
  'read 10,000 accounts': { of: { postgres: 1.3, sqlite: 1.3, mysql: 1.5 } },
  'read 10,000 accounts, memory': { of: each(200) },
  'update an account': {
    of: { postgres: 0.9, sqlite: 1.5, mysql: 1.5 },
    statements: { postgres: 2, sqlite: 5, mysql: 5 },
  },
  'set five preferences': { of: { postgres: 1.2, sqlite: 1.2, mysql: 1.5 }, statements: { postgres: 2 } },
  'read preferences': { of: { postgres: 0.7, sqlite: 0.7, mysql: 1.2 }, statements: each(1) },
  'resolve preferences': { of: { postgres: 0.7, sqlite: 0.7, mysql: 1.2 }, statements: each(1) },
  '16 clients read': { least: true, of: { postgres: 1.3, mysql: 0.8 } },
  '16 clients update': { least: true, of: { postgres: 0.9, mysql: 0.7 } },
  'list 50 people, growth': { of: each(1.3) },
  'claim 100 retirements': { of: each(1.2), statements: each(2) },
  'claim 100 retirements, growth': { of: each(1.2) },
  'outbox: take 100 messages': { of: each(1.2), statements: each(2) },
  'outbox: take 100 messages, growth': { of: each(1.2) },
  'export opt-ins': { least: true, of: each(0.7) },
  'export opt-ins, memory': { of: each(150) },
  'merge patch of 2 KiB': { of: { none: 3 } },
  'import usercore and make a core, beyond zod': { of: { none: 60 } },
  'import usercore/rules, beyond an empty file': { of: { none: 10 } },
} as const satisfies Readonly<Record<string, Limit>>

/** The name of a row. */
export type JobName = keyof typeof limits

/** Returns the limits of a row; undefined for a row of another name. */
function limitOf(job: string): Limit | undefined {
  return (limits as Readonly<Record<string, Limit>>)[job]
}

function familyOf(database: MeasuredOn): Family {
  return database === 'mariadb' ? 'mysql' : database
}

/** Returns the limit of a row on a database, as text for people. */
export function limitText(job: string, database: MeasuredOn): string {
  const limit = limitOf(job)
  const bound = limit?.of[familyOf(database)]
  return bound === undefined ? 'no limit' : `${limit?.least ? 'at least' : 'at most'} ${bound}`
}

/**
 * Returns a line for each row that falls short of its limit, has none, or is missing. Known shortfalls of MariaDB and
 * MySQL are left out as long as they stay within their bounds.
 */
export function shortfalls({ results, databases }: Pick<Measured, 'results' | 'databases'>): string[] {
  const missing = [...databases, 'none' as const].flatMap((database) =>
    Object.keys(limits)
      .filter((job) => limitOf(job)?.of[familyOf(database)] !== undefined)
      .filter((job) => !results.some((result) => result.job === job && result.database === database))
      .map((job) => `${job} on ${database}: was not measured`),
  )
  return [...results.flatMap(shortfallsOf), ...missing]
}

/** Returns a line for each row that falls short within the bound of a known shortfall. */
export function known({ results }: Pick<Measured, 'results'>): string[] {
  return results.flatMap((result) => {
    const shortfall = knownOf(result)
    if (shortfall === undefined || isReached(result)) return []
    return [
      `${placeOf(result)}: ${result.value.toFixed(2)}, ${limitText(result.job, result.database)}, known: ${shortfall.tried} ${shortfall.cost}`,
    ]
  })
}

function knownOf({ job, database }: Result) {
  return knownShortfalls.find((known) => known.job === job && known.databases.some((name) => name === database))
}

const placeOf = ({ job, database }: Result) => `${job} on ${database}`

/** Tells whether a row is within its limit, or within another bound. */
function isReached({ job, database, value }: Result, bound?: number): boolean {
  const limit = limitOf(job)
  const most = bound ?? limit?.of[familyOf(database)] ?? Number.NaN
  return Number.isFinite(value) && (limit?.least === true ? value >= most : value <= most)
}

function shortfallsOf(result: Result): string[] {
  const { job, database, value, statements } = result
  const limit = limitOf(job)
  if (limit?.of[familyOf(database)] === undefined) return [`${placeOf(result)}: has no limit`]
  const most = limit.statements?.[familyOf(database)]
  const bound = knownOf(result)?.bound
  const isWithin = isReached(result) || (bound !== undefined && isReached(result, bound))
  return [
    ...(isWithin ? [] : [`${placeOf(result)}: ${Number(value).toFixed(2)}, ${limitText(job, database)}`]),
    ...(most !== undefined && !(statements !== undefined && statements <= most)
      ? [`${placeOf(result)}: ${statements} statements, at most ${most}`]
      : []),
  ]
}
