import { parseDocument } from '../../src/accounts/extended-profile/document.ts'
import type { ToldChange } from '../../src/outbox/told-change.ts'
import type { OutboxRow, UserId } from '../../src/port/tables.ts'
import type { Actor } from '../../src/site/actor.ts'
import type { JsonObject, JsonValue } from '../../src/values/json.ts'
import type { Subject } from './subject.ts'

type Arguments = { readonly [name: string]: JsonValue | undefined }
type Inspect = (subject: Subject, actor: Actor, args: Arguments) => Promise<unknown>

/** The reads of cases past the public interface: rows of the store, and messages of the outbox. */
export const inspect: Record<string, Inspect> = {
  'inspect.user': async (subject, _actor, { ref }) => {
    const id = await idOf(subject, ref)
    const [user] = await subject.repository.select('users', { id })
    const [profile] = await subject.repository.select('profiles', { user_id: id })
    if (user === undefined) throw new Error(`there is no person ${ref}`)
    const { username, email, first_name, last_name, is_active } = user
    return {
      username,
      email,
      first_name,
      last_name,
      is_active,
      has_usable_password: subject.host.hasUsablePassword(id),
      profile:
        profile === undefined
          ? null
          : {
              ...profile,
              language_proficiencies: await subject.repository.select('language_proficiencies', { user_id: id }),
              social_links: await subject.repository.select('social_links', { user_id: id }),
              meta: await metaOf(subject, id),
            },
    }
  },
  'inspect.registration': async (subject, _actor, { ref }) => {
    const [row] = await subject.repository.select('registrations', { user_id: await idOf(subject, ref) })
    return row === undefined ? null : { activation_timestamp: row.activated_at }
  },
  'inspect.pendingChanges': async (subject, _actor, { ref }) => {
    const user_id = await idOf(subject, ref)
    const emails = await subject.repository.select('pending_email_changes', { user_id })
    const [name] = await subject.repository.select('pending_name_changes', { user_id })
    return {
      email: emails.find((row) => row.kind === 'primary')?.new_email ?? null,
      secondary_email: emails.find((row) => row.kind === 'secondary')?.new_email ?? null,
      name: name?.new_name ?? null,
    }
  },
  'inspect.accountRecovery': async (subject, _actor, { ref }) => {
    const [row] = await subject.repository.select('account_recoveries', { user_id: await idOf(subject, ref) })
    return row === undefined ? null : { secondary_email: row.secondary_email, is_active: row.is_active }
  },
  'inspect.orgTags': async (subject, _actor, { ref }) => {
    const rows = await subject.repository.select('org_tags', { user_id: await idOf(subject, ref) })
    return rows.filter((row) => row.value !== null).map(({ org, key, value }) => ({ org, key, value }))
  },
  'inspect.emails': async (subject) =>
    (await messages(subject, 'mail')).map(({ payload }) => ({ to: (payload.to ?? null) as JsonValue })),
  'inspect.events': async (subject, _actor, { ref, setting }) => {
    const user_id = await idOf(subject, ref)
    return (await messages(subject, 'event'))
      .filter((row) => row.user_id === user_id)
      .flatMap((row) => (row.payload.changes ?? []) as unknown as ToldChange[])
      .filter((change) => change.setting === setting)
  },
  'inspect.retirement': async ({ repository }, _actor, { original_username }) => {
    const [row] = await repository.select('retirements', { original_username: String(original_username) })
    if (row === undefined) return null
    const history = await repository.select('retirement_history', { user_id: row.user_id })
    const lines = history.sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ to_state, note }) => `${to_state} ${note}`)
    return { ...row, responses: lines.join('\n') }
  },
  'inspect.retirementRequest': async (subject, _actor, { ref }) => {
    const rows = await subject.repository.select('retirement_requests', { user_id: await idOf(subject, ref) })
    return rows.length > 0
  },
  'inspect.retirements': async (subject) => {
    const rows = await subject.repository.select('retirements', {})
    const users = await subject.repository.select('users', { id: rows.map(({ user_id }) => user_id) })
    return users.map(({ username }) => ({ username }))
  },
  'inspect.partnerReports': async ({ repository }) => {
    const rows = await repository.select('partner_reports', {})
    return rows.map(({ original_username, batch_id }) => ({
      original_username,
      is_being_processed: batch_id !== null,
    }))
  },
  'inspect.hostNotifications': async (subject, _actor, { name }) =>
    (await messages(subject, 'notification')).filter((row) => row.name === name).map((row) => row.payload),
  'inspect.removedImages': async (subject) =>
    (await messages(subject, 'notification'))
      .filter((row) => row.name === 'profile_image.removed')
      .flatMap((row) => row.payload.names as string[]),
}

async function idOf(subject: Subject, ref: JsonValue | undefined): Promise<UserId> {
  const given = subject.people.get(String(ref))
  if (given !== undefined) return given.id
  const users = await subject.repository.select('users', { username: String(ref) })
  if (users[0] === undefined) throw new Error(`no person ever had the name ${ref}`)
  return users[0].id
}

async function messages(subject: Subject, kind: OutboxRow['kind']): Promise<OutboxRow[]> {
  const rows = await subject.repository.select('outbox', { kind })
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** The fields of the extended profile as the original keeps them: with earlier names and addresses among them. */
async function metaOf(subject: Subject, user_id: UserId): Promise<JsonObject> {
  const [row] = await subject.repository.select('extended_profiles', { user_id, owner: 'user' })
  const history = await subject.repository.select('account_history', { user_id })
  const old = async (field: 'name' | 'email') => {
    const rows = history.filter((entry) => entry.field === field).sort((a, b) => (a.changed_at < b.changed_at ? -1 : 1))
    const entries = rows.map(async ({ old_value, reason, changed_by, changed_at }) =>
      field === 'name'
        ? [old_value, `${reason} by ${await nameOf(subject, changed_by)}`, changed_at]
        : [old_value, changed_at],
    )
    return rows.length === 0 ? {} : { [`old_${field}s`]: await Promise.all(entries) }
  }
  return { ...(parseDocument(row?.document ?? '') ?? {}), ...(await old('name')), ...(await old('email')) }
}

async function nameOf(subject: Subject, id: UserId | null): Promise<string> {
  const users = id === null ? [] : await subject.repository.select('users', { id })
  return users[0]?.username ?? 'no known person'
}
