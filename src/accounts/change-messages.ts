import { message } from '../outbox/messages.ts'
import { type SettingChange, type ToldChange, tellChange } from '../outbox/told-change.ts'
import type { UserId } from '../port/tables.ts'
import type { Write } from '../port/write.ts'
import type { Context } from '../site/context.ts'

const extendedProfile = 'extended_profile.'

/** Returns the event `account.changed`, with values only where the site lets events tell them. */
export function changeMessages(user_id: UserId, changes: readonly SettingChange[], context: Context): Write[] {
  if (changes.length === 0) return []
  const told = changes.map((change) => tell(change, context))
  return [{ insert: 'outbox', rows: [message('event', 'account.changed', user_id, { changes: told }, context)] }]
}

function tell(change: SettingChange, { extendedProfile: definition, settings }: Context): ToldChange {
  const field = change.setting.startsWith(extendedProfile) ? change.setting.slice(extendedProfile.length) : undefined
  // A name that the site knows nothing of was made up by the person, and can say anything.
  const isPrivateName =
    field !== undefined && !settings.extended_profile_fields.includes(field) && !Object.hasOwn(definition.fields, field)
  return isPrivateName
    ? tellChange({ ...change, setting: 'extended_profile' }, false)
    : tellChange(change, settings.event_value_fields.includes(change.setting))
}
