import type { RetirementHoldRow, RetirementRow, RetirementStepResultRow, UserRow } from '../../port/tables.ts'
import { tables } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import type { Core } from '../../runtime/core.ts'
import type { Context } from '../../site/context.ts'
import { nodeCrypto } from '../../values/built-ins.ts'
import { canonicalJson } from '../../values/canonical-json.ts'
import { isPlainObject } from '../../values/json.ts'
import { sourcesOf } from '../hold.ts'
import { erasureBody, type Fingerprints, type RetainedData, receiptWrite } from '../receipt.ts'
import { declarations, type PlanFrame } from '../retirement-plan.ts'
import { erasureId } from './journal.ts'
import { loadStates } from './load-retirement.ts'
import { namesOfPerson } from './person-names.ts'
import { endOf, framePlan } from './plan-retirement.ts'
import { lookedAtOf } from './verified-end.ts'

/** Returns the writes of the receipts of people whose erasure is complete, to be stored with their clean-up. */
export async function erasureReceipts(
  core: Core,
  retirements: readonly RetirementRow[],
  users: readonly UserRow[],
  holds: readonly RetirementHoldRow[],
  context: Context,
): Promise<Write[]> {
  const states = await loadStates(core)
  const frame = await framePlan(core)
  const fingerprints = fingerprintsOf(core, frame, states)
  const user_id = retirements.map((row) => row.user_id)
  const history = await core.repository.select('retirement_history', { user_id })
  const results = await core.repository.select('retirement_step_results', { user_id })
  const replayed = await core.repository.select('retirement_work', { user_id, is_replay: true })
  const writes: Write[] = []
  for (const retirement of retirements) {
    const own = results.filter((row) => row.user_id === retirement.user_id)
    const user = users.find(({ id }) => id === retirement.user_id)
    const body = erasureBody(retirement, {
      states,
      history: history.filter((move) => move.user_id === retirement.user_id),
      retained: [
        ...heldData(holds.filter((hold) => hold.user_id === retirement.user_id)),
        ...(user === undefined ? [] : await retainedOf(core, frame, user)),
        ...own.flatMap(retainedBySteps),
      ],
      results: new Map(own.map((row) => [row.step, resultOf(row)])),
      looked_at: lookedAtOf(own),
      fingerprints,
      plan: frame.hash,
    })
    const ids = () => erasureId(retirement, history)
    const isReplay = replayed.some((work) => work.user_id === retirement.user_id)
    writes.push(receiptWrite(isReplay ? 'replay' : 'erasure', retirement.user_id, body, { ...context, ids }))
  }
  return writes
}

function fingerprintsOf({ personalData }: Core, frame: PlanFrame, states: readonly object[]): Fingerprints {
  const columns = Object.entries(tables).map(([name, shape]) => [name, shape.columns])
  return {
    registry: hashOf(declarations(personalData?.sources ?? [])),
    pipeline: hashOf(states),
    schema: hashOf({ tables: Object.fromEntries(columns), references: frame.references }),
  }
}

function hashOf(value: unknown): string {
  return nodeCrypto()
    .createHash('sha256')
    .update(canonicalJson(value) ?? '')
    .digest('hex')
}

function resultOf({ attempts, removed, masked }: RetirementStepResultRow) {
  return { outcome: 'done', attempts, counts: { removed, masked } }
}

/** Returns what the systems of the host have said that they keep. */
function retainedBySteps({ step, retained }: RetirementStepResultRow): RetainedData[] {
  const items = Array.isArray(retained.items) ? retained.items : []
  return items.filter(isPlainObject).map(({ what, why, until }) => ({
    source: step,
    column: String(what),
    why: String(why),
    until: typeof until === 'string' ? until : null,
  }))
}

/** Returns what holds keep of a person. */
function heldData(holds: readonly RetirementHoldRow[]): RetainedData[] {
  return holds.flatMap((hold) =>
    sourcesOf(hold).map((source) => ({ source, column: null, why: hold.reason, until: hold.held_until })),
  )
}

/** Returns what tables of the host keep of a person: columns for a time, and rows that are never erased. */
async function retainedOf(core: Core, frame: PlanFrame, user: UserRow): Promise<RetainedData[]> {
  const { personalData } = core
  const hosts = new Set(personalData?.sources.map(({ source }) => source))
  const keeping = frame.sources.filter(
    ({ source, retained, erase }) => hosts.has(source) && (retained.length > 0 || erase === 'never'),
  )
  if (personalData === undefined || keeping.length === 0) return []
  const person = await namesOfPerson(core, user)
  const found: RetainedData[] = []
  for (const { source, retained, why } of keeping) {
    const { rows, latest } = await personalData.count(source, person)
    if (rows === 0) continue
    if (why !== null) found.push({ source, column: null, why, until: null })
    for (const { column, why, days, since } of retained)
      found.push({ source, column, why, until: endOf(latest[since], days) })
  }
  return found
}
