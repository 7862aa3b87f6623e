import { accountLists } from './contract/account-lists.ts'
import { accounts } from './contract/accounts.ts'
import { bigLists } from './contract/big-lists.ts'
import { claims } from './contract/claims.ts'
import { erasure } from './contract/erasure.ts'
import { failures } from './contract/failures.ts'
import { hostTransactions } from './contract/host-transactions.ts'
import { orgTags } from './contract/org-tags.ts'
import { outbox } from './contract/outbox.ts'
import { people } from './contract/people.ts'
import { preferences } from './contract/preferences.ts'
import { races } from './contract/races.ts'
import { references } from './contract/references.ts'
import { requiredPeople } from './contract/required-people.ts'
import { retirementLeases } from './contract/retirement-leases.ts'
import { retirements } from './contract/retirements.ts'
import { roundTrip } from './contract/round-trip.ts'
import { selection } from './contract/selection.ts'
import { selections } from './contract/selections.ts'
import { statements } from './contract/statements.ts'
import type { Group, StoreUnderTest } from './contract/store.ts'
import { textSearch } from './contract/text-search.ts'
import { units } from './contract/units.ts'
import { requireFunctions, runGroups } from './groups.ts'

/** `it` or `test` of a test runner. */
export type It = (name: string, test: () => Promise<void>) => unknown

/** Groups of cases by the beginning of their names. */
const groups: Readonly<Record<string, Group>> = {
  people,
  accounts,
  preferences,
  'org tags': orgTags,
  claims,
  'account lists': accountLists,
  retirements,
  selection,
  selections,
  'text search': textSearch,
  units,
  'required people': requiredPeople,
  references,
  races,
  'host transactions': hostTransactions,
  outbox,
  'retirement leases': retirementLeases,
  'round trip': roundTrip,
  'big lists': bigLists,
  statements,
  erasure,
  failures,
}

/**
 * Runs the repository contract: a case for every promise in the comments of `Repository`. Works with any runner.
 *
 * ```ts
 * describe('my repository', () => testRepository(it, openMyStore))
 * ```
 *
 * None of the cases is optional. The name of each begins with its group, such as `races: …`. Those of `big lists` can
 * take seconds.
 *
 * Throws `config_error` for an `it` or an `open` that is no function.
 */
export function testRepository<Transaction>(it: It, open: () => Promise<StoreUnderTest<Transaction>>): void {
  requireFunctions({ it, open })
  runGroups(it, groups, open as () => Promise<StoreUnderTest<unknown>>)
}
