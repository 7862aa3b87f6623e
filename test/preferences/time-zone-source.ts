import { createRequire } from 'node:module'
import moment from 'moment-timezone'

interface Meta {
  readonly zones: Readonly<Record<string, { readonly countries: readonly string[] }>>
}

const meta: Meta = createRequire(import.meta.url)('moment-timezone/data/meta/latest.json')

/** Names beside those of `zone.tab` that Open edX takes: the `common` set of pytz. */
const extras = [
  ...['Atlantic', 'Central', 'Eastern', 'Mountain', 'Newfoundland', 'Pacific'].map((name) => `Canada/${name}`),
  ...['Alaska', 'Arizona', 'Central', 'Eastern', 'Hawaii', 'Mountain', 'Pacific'].map((name) => `US/${name}`),
  'GMT',
  'UTC',
]

/** The zone that `zone.tab` gives to another country than the first of the list here. */
const countryOf = (zone: string) => (zone === 'Europe/Simferopol' ? 'UA' : (meta.zones[zone]?.countries[0] ?? ''))

/** The first part of a name; names of one part have none. */
const areaOf = (zone: string) => (zone.includes('/') ? zone.slice(0, zone.indexOf('/')) : '')

/** Letters that a zone uses for its time, each with the offset in minutes, as `CET60`; none where it uses numbers. */
function lettersOf(zone: string): string {
  const letters = new Map<number, string>()
  for (let day = Date.UTC(2025, 0, 1); day < Date.UTC(2026, 0, 1); day += 7 * 86_400_000) {
    const time = moment.tz(day, zone)
    if (/[A-Z]/.test(time.zoneAbbr())) letters.set(time.utcOffset(), time.zoneAbbr())
  }
  return [...letters]
    .sort(([a], [b]) => a - b)
    .map(([offset, abbreviation]) => abbreviation + offset)
    .join(' ')
}

/** The text of src/preferences/time-zone-data.ts, made from the data of moment-timezone. */
export function timeZoneData(): string {
  const zones = Object.keys(meta.zones).sort()
  const countries = Map.groupBy(zones, countryOf)
  const letters = Map.groupBy([...zones, ...extras].sort(), lettersOf)
  letters.delete('')
  const listed = new Set([...zones, ...extras])
  const others = moment.tz.names().filter((name) => !listed.has(name))
  return `// Made from the tz database by test/preferences/time-zones.test.ts; \`npx vitest -u test/preferences\` makes it anew.

/** The zones of each country: one country a line. A zone belongs to one country. Source: \`zone.tab\`. */
export const countryZones = \`
${lines(countries, ' ')}
\`

/** Zones of no country that are accepted as well. */
export const otherZones = \`
${wrap(extras).join('\n')}
\`

/** Every other name of the database: plain offsets and names of the past, which browsers report as they are set. */
export const unlistedZones = \`
${[...Map.groupBy(others, areaOf).values()].map((names) => names.join(' ')).join('\n')}
\`

/** Letters for the time of zones, each with its offset in minutes, then the zones that use them: one set a line. */
export const zoneLetters = \`
${lines(letters, ': ')}
\`
`
}

function lines(groups: ReadonlyMap<string, readonly string[]>, separator: string): string {
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, zones]) => key + separator + zones.join(' '))
    .join('\n')
}

function wrap(words: readonly string[]): string[] {
  return [words.slice(0, 6), words.slice(6)].map((part) => part.join(' '))
}
