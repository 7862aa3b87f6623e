import type { JsonValue } from '../values/json.ts'

/** A change of one account field or one preference. */
export type SettingChange = {
  /** Name of the account field or the preference. */
  readonly setting: string
  /** The value before; null when there was none. */
  readonly old: JsonValue
  /** The value after; null when there is none any more. */
  readonly new: JsonValue
}

/** A change as events carry it: values only where the setting `event_value_fields` allows it, texts cut at 12,500 characters. */
export type ToldChange =
  | (SettingChange & {
      /** The texts that were cut; left out when neither was. */
      readonly truncated?: readonly ('old' | 'new')[]
    })
  | {
      /** Name of the account field or the preference. */
      readonly setting: string
      /** The field changed; its values are withheld. */
      readonly redacted: true
    }

/** UTF-16 units of a text in an event. Source: Open edX, a quarter of the largest tracking event. */
const longestText = 12_500

/**
 * Returns a change as an event may carry it. `tellsValues` says whether the site lets events carry the values of this field.
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
