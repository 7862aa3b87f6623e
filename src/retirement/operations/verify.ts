import type { RetirementRow, UserRow } from '../../port/tables.ts'
import { requireRight } from '../../runtime/authorize.ts'
import type { Core } from '../../runtime/core.ts'
import { findUser } from '../../runtime/load-account.ts'
import type { Actor } from '../../site/actor.ts'
import type { Whom } from '../../site/whom.ts'
import { UserCoreError } from '../../values/errors.ts'
import { plainTexts, searchTermsOf } from '../search-terms.ts'
import { traceMatcher } from '../trace-matcher.ts'
import { type SourceFindings, type Verification, verificationOf } from '../verification.ts'
import { knownIdentifiers } from './known-identifiers.ts'
import { findRetirementByAnyName } from './load-retirement.ts'
import { namesOfPerson } from './person-names.ts'
import { verifyHostSource } from './verify-host-source.ts'
import { type Quest, verifyOwnTables } from './verify-own-tables.ts'

/** The depth of a verification, and a signal that breaks it off. */
export interface VerifyOptions {
  /** Also looks through the free text in rows of all other people. Reads every such row. Default false. */
  readonly deep?: boolean
  readonly signal?: AbortSignal
}

export async function verifyRetirement(
  core: Core,
  actor: Actor,
  whom: Whom,
  { deep: isDeep = false, signal }: VerifyOptions,
): Promise<Verification> {
  requireRight(core, actor, 'retire_user')
  const retirement = await findRetirementByAnyName(core, whom)
  const user = retirement && (await findUser(core, { id: retirement.user_id }))
  if (retirement === undefined || user === undefined)
    throw new UserCoreError('not_found', { params: { what: 'retirement' } })
  return lookFor(core, await questFor(core, retirement, user, { isDeep, signal }))
}

/** Returns what is looked for of a person: everything that names them, as long as their retirement knows it. */
export async function questFor(
  core: Core,
  retirement: RetirementRow,
  user: UserRow,
  how: Pick<Quest, 'isDeep' | 'isOwnAlone' | 'signal'>,
): Promise<Quest> {
  const terms = searchTermsOf(await knownIdentifiers(core, retirement))
  return {
    person: await namesOfPerson(core, user),
    terms,
    texts: plainTexts(terms.words),
    ...how,
    ...traceMatcher(terms, core.settings),
  }
}

/** Looks for a person in the tables of the library, then in those of the host. */
export async function lookFor(core: Core, quest: Quest): Promise<Verification> {
  const findings: SourceFindings[] = await verifyOwnTables(core, quest)
  const { personalData } = core
  for (const source of personalData?.sources ?? []) {
    if (personalData !== undefined) findings.push(await verifyHostSource(personalData, source, quest))
  }
  return verificationOf(findings)
}
