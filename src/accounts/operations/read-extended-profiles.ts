import { requireHolderOr } from '../../runtime/authorize.ts'
import { type Core, contextOf } from '../../runtime/core.ts'
import { loadAccount, loadAccounts } from '../../runtime/load-account.ts'
import { type Actor, isStaff, requireAuthenticated } from '../../site/actor.ts'
import type { Whom } from '../../site/whom.ts'
import { type ExtendedProfileSection, readParts } from '../extended-profile/document.ts'
import { type ReadValues, readValues } from '../extended-profile/read-values.ts'
import { visibleExtendedNames } from '../extended-profile/visible-fields.ts'
import { readingOf } from '../visibility.ts'

/** Reads the extended profiles of people, each as the actor sees it. */
export async function readProfiles<W extends Whom>(
  core: Core,
  actor: Actor,
  whom: readonly W[],
): Promise<Map<W, ReadValues>> {
  requireAuthenticated(actor)
  const context = contextOf(core)
  const reading = readingOf(actor, {}, core.settings)
  const found = new Map<W, ReadValues>()
  for (const [element, record] of await loadAccounts(core, whom, actor)) {
    const names = visibleExtendedNames(record, reading, context)
    found.set(element, await readValues(record, names, context))
  }
  return found
}

/** Reads the sections of an extended profile, each with the fields that the actor sees. */
export async function readSections(core: Core, actor: Actor, whom: Whom): Promise<ExtendedProfileSection[]> {
  const record = await loadAccount(core, await requireHolderOr(core, actor, whom, isStaff), actor)
  const context = contextOf(core)
  const names = new Set(visibleExtendedNames(record, readingOf(actor, {}, core.settings), context))
  return readParts(record.extended_profiles, context.extendedProfile).map((section) => ({
    ...section,
    document: Object.fromEntries(Object.entries(section.document).filter(([name]) => names.has(name))),
  }))
}
