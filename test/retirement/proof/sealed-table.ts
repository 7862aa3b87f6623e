import { memoryRepository } from '../../../src/memory/index.ts'
import type { Repository } from '../../../src/port/repository.ts'
import {
  actors,
  adaOf,
  argumentsOf,
  callingCore,
  everyCall,
  openSealed,
  outcomeOf,
  prepare,
  type StoringCall,
  stages,
} from './sealed-calls.ts'

/** The columns of the table: the stages, and a cool-off in which the site stores everything. */
const columns = ['cool-off with all', ...Object.keys(stages)]

/**
 * Makes the table of every operation, with what it answers each kind of actor about a person at each stage of a
 * retirement. Stages with the same outcome share a line.
 */
export async function sealedTable(): Promise<string> {
  const sections: string[] = []
  for (const call of everyCall) {
    const lines = new Map<string, string[]>()
    const names = call.operation.list[0]?.name === 'actor' ? Object.keys(actors) : ['system']
    for (const name of names) {
      const outcomes = await outcomesOf(call, name)
      const line = shorten(outcomes)
      lines.set(line, [...(lines.get(line) ?? []), name])
    }
    const rows = [...lines].map(([line, who]) => `  ${who.join(', ')}: ${line}\n`)
    sections.push(`${call.name}\n${rows.join('')}`)
  }
  return sections.join('\n')
}

/** Returns the outcomes of a call at each stage. */
async function outcomesOf(call: StoringCall, actor: string): Promise<(readonly [string, string])[]> {
  const outcomes: (readonly [string, string])[] = []
  for (const coolOff of ['all', 'none'] as const) {
    const memory = memoryRepository()
    const repository = memory as Repository
    const site = await openSealed(repository, coolOff)
    const { id } = await adaOf(repository)
    const found = await prepare(site, call, id, repository)
    for (const [stage, reach] of Object.entries(stages)) {
      await reach(site, repository)
      const ada = await adaOf(repository)
      const as = actors[actor]?.(ada) ?? { anonymous: true }
      let outcome = ''
      // What the call stores is dropped, so that the next stage begins as this one.
      await memory
        .transaction(async (transaction) => {
          const inside = repository.with(transaction)
          const users = callingCore(site, repository).with(transaction)
          outcome = await outcomeOf(users, inside, id, call, argumentsOf(call, found, ada, as))
          throw dropped
        })
        .catch((error) => {
          if (error !== dropped) throw error
        })
      if (coolOff === 'none') outcomes.push([stage, outcome])
      else if (stage === 'cool-off') outcomes.push([`${stage} with all`, outcome])
    }
  }
  return outcomes
}

const dropped = new Error('dropped')

function shorten(outcomes: readonly (readonly [string, string])[]): string {
  const told = new Set(outcomes.map(([, outcome]) => outcome))
  if (told.size === 1 && outcomes.length === columns.length) return [...told].join('')
  const byOutcome = Map.groupBy(outcomes, ([, outcome]) => outcome)
  return [...byOutcome].map(([outcome, same]) => `${same.map(([stage]) => stage).join(', ')}: ${outcome}`).join(' | ')
}
