import type { PersonalDataSource } from '../port/personal-data.ts'
import type { RetirementHoldRow, RetirementRow, TableName } from '../port/tables.ts'
import type { Write } from '../port/write.ts'
import type { Instant } from '../values/instant.ts'

/** Tables of the library that a hold can keep: those of what a person wrote, which nothing else depends on. */
export const holdable = [
  'account_history',
  'course_tags',
  'extended_profile_history',
  'extended_profiles',
  'language_proficiencies',
  'org_tags',
  'preferences',
  'social_links',
] as const satisfies readonly TableName[]

/** Tells whether a hold stands: it was not released, and its end has not come. */
export function stands({ released_at, held_until }: RetirementHoldRow, now: Instant): boolean {
  return released_at === null && (held_until === null || held_until > now)
}

/** Returns the hold that keeps a person from being erased at all, that of the latest end; `undefined` where none does. */
export function wholeHold(holds: readonly RetirementHoldRow[], now: Instant): RetirementHoldRow | undefined {
  return holds
    .filter((hold) => hold.sources === null && stands(hold, now))
    .toSorted((a, b) => (endOf(a) < endOf(b) ? 1 : -1))[0]
}

/** Returns the names of the sources that a hold keeps; none where it keeps all. */
export function sourcesOf({ sources }: Pick<RetirementHoldRow, 'sources'>): readonly string[] {
  return Array.isArray(sources?.names) ? sources.names.filter((name) => typeof name === 'string') : []
}

/** Returns the names of the sources that holds keep now. */
export function heldSources(holds: readonly RetirementHoldRow[], now: Instant): ReadonlySet<string> {
  return new Set(holds.filter((hold) => stands(hold, now)).flatMap(sourcesOf))
}

/** Returns sources of the host with those through which their rows belong to a person: without these they would go too. */
export function withOwners(names: ReadonlySet<string>, sources: readonly PersonalDataSource[]): ReadonlySet<string> {
  const all = new Set(names)
  // A set also yields what is added meanwhile.
  for (const name of all) {
    const subject = sources.find(({ source }) => source === name)?.subject
    if (subject !== undefined && 'through' in subject) all.add(subject.through)
  }
  return all
}

/** Tells whether rows of a source are found by names of the person, which clean-up forgets. */
export function isFoundByNames(name: string, sources: readonly PersonalDataSource[]): boolean {
  const subject = sources.find(({ source }) => source === name)?.subject
  if (subject === undefined) return false
  return 'through' in subject ? isFoundByNames(subject.through, sources) : !('user_id' in subject)
}

const prefix = 'held:'
/** The end of a hold that is to be released. */
const never = '9999-12-31T23:59:59.999999Z'

function endOf({ held_until }: RetirementHoldRow): Instant {
  return held_until ?? never
}

/** Tells whether a lease is that of a hold, under which no worker is. */
export function isHeldLease(lease: string | null): boolean {
  return lease?.startsWith(prefix) ?? false
}

/** Returns the lease under which a held retirement is, so that no worker takes it; none where nothing holds it. */
export function heldLease(hold: RetirementHoldRow | undefined): Pick<RetirementRow, 'lease' | 'leased_until'> {
  return hold === undefined
    ? { lease: null, leased_until: null }
    : { lease: `${prefix}${hold.id}`, leased_until: endOf(hold) }
}

/** Returns the write that puts a retirement under the lease of a hold, or frees it of one, guarded by its version. */
export function putUnder({ user_id, version }: RetirementRow, hold: RetirementHoldRow | undefined): Write {
  const set = { ...heldLease(hold), version: version + 1 }
  return { update: 'retirements', set, where: { user_id, version }, guarded: true }
}
