import type { PersonalDataSource } from '../port/personal-data.ts'
import type { SourceReference } from '../port/personal-data-store.ts'
import type { RetirementAction } from '../port/retirement-record.ts'
import type { RetirementStateRow, UserId } from '../port/tables.ts'
import { nodeCrypto } from '../values/built-ins.ts'
import { canonicalJson } from '../values/canonical-json.ts'
import type { Instant } from '../values/instant.ts'
import { inErasureOrder } from './erasure-order.ts'
import { userCoreSources } from './own-sources.ts'

/** A step of a retirement, with who does it. */
export interface PlannedStep {
  /** The step of the pipeline; `partnerReports.finish` and `cleanUp` for the operations that come after it. */
  readonly step: string
  /** `library` for work that `runStep` or that operation does, `host` for work of the host. */
  readonly by: 'library' | 'host'
  /** The work of the library; null for that of the host, and for an operation. */
  readonly action: RetirementAction | null
}

/** A column that an erasure keeps although it is personal. */
export interface RetainedColumn {
  readonly column: string
  /** The ground on which it is kept. */
  readonly why: string
  /** The days for which it is kept, counted from the column `since`. */
  readonly days: number
  readonly since: string
  /** The moment at which the last of the time is over; null without rows. */
  readonly until: Instant | null
}

/** The effect of a retirement on the rows of a person in one table. */
export interface PlannedSource {
  readonly source: string
  readonly table: string
  /** The number of rows; 100,000 for that many and more. */
  readonly rows: number
  /** See `SourceTreatment`. */
  readonly erase: 'rows' | 'columns' | 'step' | 'never'
  /** The step that erases them; null where none of this site does. */
  readonly step: string | null
  /** The reason why rows stay; null where they do not. */
  readonly why: string | null
  /** The columns that are overwritten, of rows that are deleted too. */
  readonly overwritten: readonly string[]
  readonly retained: readonly RetainedColumn[]
}

/** What a retirement does, before it is asked for. */
export interface RetirementPlan {
  readonly user_id: UserId
  /** In their order. */
  readonly steps: readonly PlannedStep[]
  /** The tables of the library, then those of the host in the order of their erasure. */
  readonly sources: readonly PlannedSource[]
  /** The foreign keys by which deleting rows of the host reaches rows that may be of others. */
  readonly references: readonly SourceReference[]
  /**
   * The SHA-256 of the plan, in hexadecimal, without the person, counts and moments: it changes with the registry, the
   * pipeline and the foreign keys.
   */
  readonly hash: string
}

/** The facts about the plan that are the same for every person. */
export type PlanFrame = Pick<RetirementPlan, 'steps' | 'references' | 'hash'> & {
  readonly sources: readonly (Omit<PlannedSource, 'rows' | 'retained'> & {
    readonly retained: readonly Omit<RetainedColumn, 'until'>[]
  })[]
}

/** The operations that end a retirement, after its pipeline. */
const operations = { finish: 'partnerReports.finish', cleanUp: 'cleanUp' } as const

/** Returns the plan of a site, for whomever it is. */
export function planFrame(
  states: readonly RetirementStateRow[],
  hostSources: readonly PersonalDataSource[],
  references: readonly SourceReference[],
): PlanFrame {
  const working = states.filter(({ kind }) => kind === 'working')
  const steps = [
    ...working.map(({ state_name, step, action }): PlannedStep => {
      return { step: step ?? state_name, by: action === null ? 'host' : 'library', action }
    }),
    ...Object.values(operations).map((step): PlannedStep => ({ step, by: 'library', action: null })),
  ]
  const withAction = (action: RetirementAction) => steps.find((step) => step.action === action)?.step
  const sources = [
    ...userCoreSources.map((source) => ({ source, step: ownStep(source, withAction('account')) })),
    ...inErasureOrder(hostSources).map((source) => ({
      source,
      step: hostStep(source, steps, withAction('sources') ?? withAction('account')),
    })),
  ].map(({ source, step }) => plannedSource(source, step ?? null))
  const plan = { steps, sources, references: references.toSorted(byText) }
  const hashed = canonicalJson({ ...plan, registry: declarations(hostSources) }) ?? ''
  return { ...plan, hash: nodeCrypto().createHash('sha256').update(hashed).digest('hex') }
}

/** Returns the declarations of all sources, by name. */
export function declarations(hostSources: readonly PersonalDataSource[]): PersonalDataSource[] {
  return [...userCoreSources, ...hostSources].toSorted((a, b) => (a.source < b.source ? -1 : 1))
}

/** Returns the step that erases a table of ours. Where the pipeline has no step `account`, clean-up erases it all. */
function ownStep({ treatment }: PersonalDataSource, account: string = operations.cleanUp): string | undefined {
  if (treatment.erase === 'never') return undefined
  if (treatment.erase !== 'step' || treatment.by === 'account') return account
  return treatment.by === 'finish' ? operations.finish : operations.cleanUp
}

function hostStep(
  { treatment }: PersonalDataSource,
  steps: readonly PlannedStep[],
  sources: string | undefined,
): string | undefined {
  if (treatment.erase === 'never') return undefined
  return treatment.erase === 'step' ? steps.find(({ step }) => step === treatment.by)?.step : sources
}

function plannedSource(
  { source, table, schema, columns, treatment }: PersonalDataSource,
  step: string | null,
): PlanFrame['sources'][number] {
  return {
    source,
    table: schema === undefined ? table : `${schema}.${table}`,
    erase: treatment.erase,
    step,
    why: treatment.erase === 'never' ? treatment.why : null,
    overwritten: Object.keys(
      treatment.erase === 'rows' ? treatment.redacted : treatment.erase === 'columns' ? treatment.emptied : {},
    ),
    retained: Object.entries(columns).flatMap(([column, declared]) =>
      typeof declared === 'string' || !('for' in declared)
        ? []
        : [{ column, why: declared.why, days: declared.for.days, since: declared.for.since }],
    ),
  }
}

function byText(a: SourceReference, b: SourceReference): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
}
