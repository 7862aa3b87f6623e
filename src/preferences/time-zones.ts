import { requireKind } from '../values/arguments.ts'
import { moment, object, optional, orNothing, text } from '../values/kinds.ts'
import { once } from '../values/once.ts'
import { countryZones, otherZones, unlistedZones, zoneLetters } from './time-zone-data.ts'

/** A time zone at one moment. */
export interface TimeZone {
  /** Name of the tz database, such as `America/St_Johns`. */
  readonly time_zone: string
  /** Text for people: `America/St Johns (NDT, UTC-0230)`. */
  readonly description: string
  /** The name of the zone without underscores. */
  readonly display_name: string
  /** Letters where the zone has some (`NDT`), else the offset (`+0545`, `-03`). */
  readonly abbreviation: string
  /** The difference from UTC, as sign, hours and minutes: `-0230`. */
  readonly offset: string
}

const words = (text: string) => text.trim().split(/\s+/)
const lines = (text: string) => text.trim().split('\n')

const zonesOfCountry = once(
  (): ReadonlyMap<string, readonly string[]> =>
    new Map(
      lines(countryZones).map((line) => {
        const [country = '', ...zones] = words(line)
        return [country, zones]
      }),
    ),
)

/**
 * The zones that are listed: those of `zone.tab` of the tz database, and fifteen old names that Open edX takes as well.
 * The list of `Intl` does not serve: it lacks UTC, and has legacy names instead of many current ones.
 */
const listedZones = once((): ReadonlySet<string> => new Set([...zonesOfCountry().values(), words(otherZones)].flat()))

/** Letters by offset in minutes, by zone. */
const lettersOfZone = once(
  (): ReadonlyMap<string, ReadonlyMap<number, string>> =>
    new Map(
      lines(zoneLetters).flatMap((line) => {
        const [letters = '', zones = ''] = line.split(': ')
        const byOffset = new Map(
          words(letters).map((word): [number, string] => {
            const [, abbreviation = '', offset = ''] = /^([A-Za-z]+)(-?\d+)$/.exec(word) ?? []
            return [Number(offset), abbreviation]
          }),
        )
        return words(zones).map((zone): [string, ReadonlyMap<number, string>] => [zone, byOffset])
      }),
    ),
)

/** Names that are accepted beside the listed ones: a browser reports the name that is set on its machine. */
const otherNames = once((): ReadonlySet<string> => new Set(words(unlistedZones)))

/**
 * Tells whether a text names a time zone that can be chosen: any name of the tz database, also one of the past
 * (`Asia/Calcutta`) or of a plain offset (`Etc/GMT+5`), in its own spelling. Offsets such as `UTC+1` are no zones.
 *
 * ```ts
 * isTimeZone('Europe/Rome') // true
 * ```
 */
export function isTimeZone(name: string): boolean {
  return listedZones().has(name) || otherNames().has(name) || reportedZones().has(name)
}

/** The names that `Intl` reports; it can be newer than the list here. */
const reportedZones = once((): ReadonlySet<string> => new Set(Intl.supportedValuesOf('timeZone')))

const zoneOptions = object({ country_code: orNothing(text), at: optional(moment) })

/**
 * Returns the time zones that can be offered: those of a country (ISO 3166-1 alpha-2, any letter case); all where no
 * country is given, or one that is unknown or has no zones. They are described as they are `at` that moment, default now,
 * and sorted by description.
 *
 * ```ts
 * const [zone] = listTimeZones({ country_code: 'IT' })
 * ```
 *
 * Source: Open edX, `get_country_time_zones`.
 */
export function listTimeZones(options: { readonly country_code?: string | null; readonly at?: Date } = {}): TimeZone[] {
  requireKind(options, zoneOptions, 'options')
  const { country_code, at = new Date() } = options
  const names = zonesOfCountry().get(country_code?.toUpperCase() ?? '') ?? [...listedZones()]
  return names
    .flatMap((name) => describe(name, new Date(at)) ?? [])
    .sort((a, b) => (a.description < b.description ? -1 : 1))
}

/** Returns a zone at a moment; `undefined` where the `Intl` of this machine is older than the zone. */
function describe(time_zone: string, at: Date): TimeZone | undefined {
  const minutes = offsetMinutes(time_zone, at)
  if (minutes === undefined) return undefined
  const offset = formatOffset(minutes)
  const abbreviation = lettersOfZone().get(time_zone)?.get(minutes) ?? offset.replace(/00$/, '')
  const display_name = time_zone.replaceAll('_', ' ')
  const description = `${display_name} (${abbreviation}, UTC${offset})`
  return { time_zone, description, display_name, abbreviation, offset }
}

function formatOffset(minutes: number): string {
  const [hours, rest] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  return `${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}${String(rest).padStart(2, '0')}`
}

/** The formats by zone. Each is made once: making one costs as much as some hundred uses. */
const formats = new Map<string, Intl.DateTimeFormat | undefined>()

function offsetMinutes(zone: string, at: Date): number | undefined {
  if (!formats.has(zone)) formats.set(zone, offsetFormat(zone))
  const name = formats
    .get(zone)
    ?.formatToParts(at)
    .find((part) => part.type === 'timeZoneName')?.value
  if (name === undefined) return undefined
  const [, sign, hours = '0', minutes = '0'] = /^GMT(?:([+-])(\d\d):(\d\d))?/.exec(name) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

function offsetFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
  } catch {
    return undefined
  }
}
