import { requireFunctions, runGroups } from './groups.ts'
import { erasing } from './personal-data/erasing.ts'
import { finding } from './personal-data/finding.ts'
import { searching } from './personal-data/searching.ts'
import type { PersonalDataUnderTest, SourceGroup } from './personal-data/store.ts'
import { inTransactions, sourceFailures, sourceStatements } from './personal-data/transactions.ts'
import type { It } from './repository-contract.ts'

/** Groups of cases by the beginning of their names. */
const groups: Readonly<Record<string, SourceGroup>> = {
  finding,
  searching,
  erasing,
  'in transactions': inTransactions,
  statements: sourceStatements,
  failures: sourceFailures,
}

/**
 * Runs the contract of a store of personal data: a case for every promise in the comments of `PersonalDataStore`. Works with
 * any runner. `open` makes the tables of `contractTables`, and a store over them with the sources of `contractSources`.
 *
 * ```ts
 * describe('my store', () => testPersonalData(it, openMySources))
 * ```
 *
 * Throws `config_error` for an `it` or an `open` that is no function.
 */
export function testPersonalData<Transaction>(it: It, open: () => Promise<PersonalDataUnderTest<Transaction>>): void {
  requireFunctions({ it, open })
  runGroups(it, groups, open as () => Promise<PersonalDataUnderTest<unknown>>)
}
