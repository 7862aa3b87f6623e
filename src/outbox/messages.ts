import type { OutboxRow, UserId } from '../port/tables.ts'
import type { Context } from '../site/context.ts'
import { instantOf } from '../values/instant.ts'
import type { JsonObject, JsonValue } from '../values/json.ts'

/** One setting of a person that got another value. */
export type SettingChange = {
  /** Name of the account field or the preference. */
  readonly setting: string
  /** Null: there was none. */
  readonly old: JsonValue
  /** Null: there is none any more. */
  readonly new: JsonValue
}

/** A change as events tell it: values only where the site allows it, texts cut at 12,500 characters. */
export type ToldChange =
  | (SettingChange & {
      /** Which of the two texts was cut; left out when neither was. */
      readonly truncated?: readonly ('old' | 'new')[]
    })
  | {
      readonly setting: string
      /** The setting changed; its values are nobody's business. */
      readonly redacted: true
    }

/** Texts in events are cut here. Source: Open edX, a quarter of the largest tracking event. */
const longestText = 12_500

/**
 * A change as an event may tell it. `tellsValues` says whether the site lets events carry the values of this setting.
 */
export function tellChange(change: SettingChange, tellsValues: boolean): ToldChange {
  if (!tellsValues) return { setting: change.setting, redacted: true }
  const truncated = (['old', 'new'] as const).filter((side) => isLong(change[side]))
  return {
    setting: change.setting,
    old: cut(change.old),
    new: cut(change.new),
    ...(truncated.length > 0 ? { truncated } : {}),
  }
}

function isLong(value: JsonValue): value is string {
  return typeof value === 'string' && value.length > longestText
}

function cut(value: JsonValue): JsonValue {
  return isLong(value) ? value.slice(0, longestText).toWellFormed() : value
}

/** Makes a message for the host, to be stored with the change that it tells of. */
export function message(
  kind: OutboxRow['kind'],
  name: string,
  user_id: UserId,
  payload: JsonObject,
  context: Pick<Context, 'ids' | 'now'>,
): OutboxRow {
  return {
    id: context.ids(),
    kind,
    name,
    user_id,
    payload,
    created_at: instantOf(context.now),
    leased_until: null,
    lease: null,
  }
}
