import { ownPart, staffPart } from '../../port/owners.ts'
import type { UserRow } from '../../port/tables.ts'
import { type Actor, isSelf, isSystem, systemName } from '../../site/actor.ts'

/** Owners that begin like this keep texts that could not be read, each in a section of its own. */
export const quarantinePrefix = 'quarantine:'

/**
 * Returns the owner of the section that an actor writes, and no other: the person their own, named systems
 * `system:<name>`, staff that of `staff`. Code without a name writes as the person.
 */
export function partWrittenBy(actor: Actor, holder: Pick<UserRow, 'id' | 'username'>): string {
  if (isSelf(actor, holder)) return ownPart
  if (!isSystem(actor)) return staffPart
  const name = systemName(actor)
  return name === undefined ? ownPart : `system:${name}`
}

/** Compares two owners for a sort by how much their values count: the configured ones first, the person last. */
export function compareOwners(a: string, b: string, precedence: readonly string[]): number {
  const rank = (owner: string) => {
    const named = precedence.indexOf(owner)
    return named >= 0 ? named : precedence.length + Number(owner === ownPart)
  }
  return rank(a) - rank(b) || (a < b ? -1 : Number(a > b))
}
