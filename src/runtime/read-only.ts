import type { Actor } from '../site/actor.ts'
import type { FieldHolder } from '../site/host.ts'
import { type Issue, readOnlyIssue } from '../values/issues.ts'
import { type Core, refusal } from './core.ts'

/**
 * Tells whether an actor may not write a field of an account: the one decision for every way in. The setting
 * `extra_readonly_account_fields` binds all actors, staff and trusted code included; the hook `isReadOnly` gets the
 * actor.
 */
export async function isReadOnly(
  { host, settings }: Core,
  actor: Actor,
  holder: FieldHolder,
  field: string,
): Promise<boolean> {
  return (
    settings.extra_readonly_account_fields.includes(field) ||
    ((await host.isReadOnly?.(actor, holder, field)) ?? false) !== false
  )
}

/** Returns the issues of those fields that the actor may not write. */
export async function readOnlyIssues(
  core: Core,
  actor: Actor,
  holder: FieldHolder,
  fields: readonly string[],
): Promise<Issue[]> {
  const issues: Issue[] = []
  for (const field of fields) {
    if (await isReadOnly(core, actor, holder, field)) issues.push(readOnlyIssue(field))
  }
  return issues
}

/** Throws `account_validation_error` at a field that the actor may not write. */
export async function requireWritable(core: Core, actor: Actor, holder: FieldHolder, field: string): Promise<void> {
  const issues = await readOnlyIssues(core, actor, holder, [field])
  if (issues.length > 0) throw refusal('account_validation_error', issues, core)
}
