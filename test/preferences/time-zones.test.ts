import moment from 'moment-timezone'
import { describe, expect, it } from 'vitest'
import { isTimeZone, listTimeZones } from '../../src/preferences/time-zones.ts'
import { timeZoneData } from './time-zone-source.ts'

const january = new Date('2026-01-15T12:00:00Z')
const july = new Date('2026-07-15T12:00:00Z')
const names = (country_code?: string | null) =>
  listTimeZones({ country_code: country_code ?? null }).map((zone) => zone.time_zone)

describe('the data of time zones', () => {
  it('is that of the installed tz database', async () => {
    await expect(timeZoneData()).toMatchFileSnapshot('../../src/preferences/time-zone-data.ts')
  })
})

describe('listTimeZones', () => {
  it.each([
    ['UTC', 'UTC (UTC, UTC+0000)', 'UTC (UTC, UTC+0000)'],
    ['America/Los_Angeles', 'America/Los Angeles (PST, UTC-0800)', 'America/Los Angeles (PDT, UTC-0700)'],
    ['America/St_Johns', 'America/St Johns (NST, UTC-0330)', 'America/St Johns (NDT, UTC-0230)'],
    [
      'America/Argentina/Buenos_Aires',
      'America/Argentina/Buenos Aires (-03, UTC-0300)',
      'America/Argentina/Buenos Aires (-03, UTC-0300)',
    ],
    ['Europe/Madrid', 'Europe/Madrid (CET, UTC+0100)', 'Europe/Madrid (CEST, UTC+0200)'],
    ['Europe/Dublin', 'Europe/Dublin (GMT, UTC+0000)', 'Europe/Dublin (IST, UTC+0100)'],
    ['Antarctica/Troll', 'Antarctica/Troll (+00, UTC+0000)', 'Antarctica/Troll (+02, UTC+0200)'],
    ['Asia/Tokyo', 'Asia/Tokyo (JST, UTC+0900)', 'Asia/Tokyo (JST, UTC+0900)'],
    ['Asia/Kolkata', 'Asia/Kolkata (IST, UTC+0530)', 'Asia/Kolkata (IST, UTC+0530)'],
    ['Asia/Kathmandu', 'Asia/Kathmandu (+0545, UTC+0545)', 'Asia/Kathmandu (+0545, UTC+0545)'],
    ['Asia/Dubai', 'Asia/Dubai (+04, UTC+0400)', 'Asia/Dubai (+04, UTC+0400)'],
    ['Australia/Lord_Howe', 'Australia/Lord Howe (+11, UTC+1100)', 'Australia/Lord Howe (+1030, UTC+1030)'],
    ['Pacific/Chatham', 'Pacific/Chatham (+1345, UTC+1345)', 'Pacific/Chatham (+1245, UTC+1245)'],
    ['Pacific/Marquesas', 'Pacific/Marquesas (-0930, UTC-0930)', 'Pacific/Marquesas (-0930, UTC-0930)'],
  ])('describes %s at a moment', (name, inJanuary, inJuly) => {
    const at = (moment: Date) => listTimeZones({ at: moment }).find((zone) => zone.time_zone === name)?.description
    expect([at(january), at(july)]).toEqual([inJanuary, inJuly])
  })

  it('has 433 zones, sorted by description', () => {
    const zones = listTimeZones({ at: january })
    expect(zones).toHaveLength(433)
    const descriptions = zones.map((zone) => zone.description)
    expect(descriptions).toEqual([...descriptions].sort())
    expect(descriptions.indexOf('America/Port of Spain (AST, UTC-0400)')).toBeLessThan(
      descriptions.indexOf('America/Port-au-Prince (EST, UTC-0500)'),
    )
  })

  it('returns the zones of a country, in any letter case', () => {
    expect(names('es')).toEqual(['Africa/Ceuta', 'Atlantic/Canary', 'Europe/Madrid'])
    expect([names('US'), names('CA'), names('AQ'), names('KZ'), names('JP')].map((list) => list.length)).toEqual([
      29, 23, 10, 7, 1,
    ])
  })

  it('returns all where the country has no zones or does not exist', () => {
    for (const country of [null, '', 'BV', 'HM', 'AA', 'Spain', '__proto__']) expect(names(country)).toHaveLength(433)
  })
})

describe('isTimeZone', () => {
  it.each([
    ...['UTC', 'GMT', 'Asia/Tokyo', 'Asia/Macau', 'Pacific/Midway', 'US/Pacific', 'Europe/Kyiv'],
    ...['Etc/GMT+5', 'Etc/GMT-14', 'Etc/GMT0', 'Etc/UTC', 'Etc/Zulu', 'GMT+0', 'Zulu', 'EST', 'EST5EDT', 'US/Michigan'],
  ])('accepts %s', (name) => expect(isTimeZone(name)).toBe(true))
  it('accepts every zone that is listed, and every zone that a browser can report', () => {
    for (const { time_zone } of listTimeZones()) expect(isTimeZone(time_zone)).toBe(true)
    for (const zone of ['Asia/Calcutta', Intl.DateTimeFormat().resolvedOptions().timeZone])
      expect(isTimeZone(zone)).toBe(true)
  })
  it('accepts every name of the tz database in its own spelling alone, and Intl knows each of them', () => {
    expect(moment.tz.names().filter((name) => !isTimeZone(name))).toEqual([])
    for (const name of moment.tz.names()) {
      expect(() => new Intl.DateTimeFormat('en', { timeZone: name })).not.toThrow()
      for (const other of [name.toLowerCase(), name.toUpperCase()].filter((text) => !moment.tz.names().includes(text)))
        expect(isTimeZone(other)).toBe(false)
    }
  })
  it.each([
    ...['', 'Asia/Africa', 'utc', 'etc/gmt+5', 'UTC+1', '+01:00', ' UTC ', 'UTC\n'],
    ...['Etc/GMT+13', 'Etc/GMT+05', 'Etc/Unknown', 'Factory', 'constructor'],
  ])('refuses %j', (name) => expect(isTimeZone(name)).toBe(false))
})
