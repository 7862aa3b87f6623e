/** The rows of one column in which a person was found. Never a value. */
export interface Trace {
  /** The name of the source, as in plans: `usercore_` stands before those of the library. */
  readonly source: string
  readonly column: string
  readonly rows: number
}

/** A place in which nothing was looked for. */
export interface NotLookedAt {
  readonly source: string
  /** The column; null for all of the rows. */
  readonly column: string | null
  /** The reason, as a text for people. */
  readonly why: string
}

/** The result of looking for a person who was erased. */
export interface Verification {
  /** Tells whether no trace was found. */
  readonly passed: boolean
  /** The tables of the library come before those of the host. */
  readonly traces: readonly Trace[]
  /** The columns that were looked at, and the rows that were read for it; looking up an identifier reads none. */
  readonly lookedAt: { readonly columns: number; readonly rows: number }
  readonly notLookedAt: readonly NotLookedAt[]
}

/** What was seen of one source. */
export interface SourceFindings {
  readonly source: string
  /** The number of rows with a trace, by column. */
  readonly columns: Readonly<Record<string, number>>
  readonly lookedAt: Verification['lookedAt']
  readonly notLookedAt: readonly Omit<NotLookedAt, 'source'>[]
}

/** Joins what was seen of each source. */
export function verificationOf(findings: readonly SourceFindings[]): Verification {
  const traces = findings.flatMap(({ source, columns }) =>
    Object.entries(columns).flatMap(([column, rows]) => (rows === 0 ? [] : [{ source, column, rows }])),
  )
  return {
    passed: traces.length === 0,
    traces,
    lookedAt: {
      columns: findings.reduce((sum, { lookedAt }) => sum + lookedAt.columns, 0),
      rows: findings.reduce((sum, { lookedAt }) => sum + lookedAt.rows, 0),
    },
    notLookedAt: findings.flatMap(({ source, notLookedAt }) => notLookedAt.map((place) => ({ source, ...place }))),
  }
}

/** Adds up the rows with a trace, by column. */
export function addCounts(...counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const [column, rows] of counts.flatMap((each) => Object.entries(each))) sums[column] = (sums[column] ?? 0) + rows
  return sums
}

/**
 * Tells whether traces keep a retirement from its end. A report to partners that waits does not: `partnerReports.finish` erases
 * it. Nor do sources that a hold keeps.
 */
export function areLeft(traces: readonly Trace[], held: ReadonlySet<string>): boolean {
  return traces.some(({ source }) => source !== 'usercore_partner_reports' && !held.has(source))
}
