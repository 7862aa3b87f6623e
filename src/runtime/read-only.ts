import type { Actor } from '../site/actor.ts'
import type { FieldHolder } from '../site/host.ts'
import { type Issue, readOnlyIssue } from '../values/issues.ts'
import { type Core, refusal } from './core.ts'

/** Tells whether a field of an account may not be written. */
export type IsReadOnly = (field: string) => Promise<boolean>

/**
 * Returns the one decision, for every way in, on the fields of an account that an actor may not write. Each field is
 * decided once.
 *
 * The setting `extra_readonly_account_fields` binds all actors, staff and trusted code included; the hook `isReadOnly`
 * gets the actor.
 */
export function readOnlyFor({ host, settings }: Core, actor: Actor, holder: FieldHolder): IsReadOnly {
  const decided = new Map<string, Promise<boolean>>()
  const decide = async (field: string) =>
    settings.extra_readonly_account_fields.includes(field) ||
    ((await host.isReadOnly?.(actor, holder, field)) ?? false) !== false
  return (field) => {
    const decision = decided.get(field) ?? decide(field)
    decided.set(field, decision)
    return decision
  }
}

/** Returns the issues of those fields that may not be written. */
export async function issuesOfReadOnly(isReadOnly: IsReadOnly, fields: readonly string[]): Promise<Issue[]> {
  const issues: Issue[] = []
  for (const field of fields) {
    if (await isReadOnly(field)) issues.push(readOnlyIssue(field))
  }
  return issues
}

/** Returns the issues of those fields that the actor may not write. */
export function readOnlyIssues(
  core: Core,
  actor: Actor,
  holder: FieldHolder,
  fields: readonly string[],
): Promise<Issue[]> {
  return issuesOfReadOnly(readOnlyFor(core, actor, holder), fields)
}

/** Throws `account_validation_error` at a field that the actor may not write. */
export async function requireWritable(core: Core, actor: Actor, holder: FieldHolder, field: string): Promise<void> {
  const issues = await readOnlyIssues(core, actor, holder, [field])
  if (issues.length > 0) throw refusal('account_validation_error', issues, core)
}
