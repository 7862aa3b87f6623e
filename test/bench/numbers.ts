import type { Place } from './places.ts'

const digit = `(select 0 as d ${Array.from({ length: 9 }, (_, index) => `union all select ${index + 1}`).join(' ')})`

/** Returns a table of the numbers from 1 to some count, called `numbers`, with the column `n`; on MySQL a few more. */
export function numbersTo({ dialect }: Pick<Place, 'dialect'>, count: number): string {
  if (dialect === 'postgres') return `(select generate_series(1, ${count}) as n) as numbers`
  if (dialect === 'sqlite') {
    return `(with recursive up(n) as (select 1 union all select n + 1 from up where n < ${count}) select n from up) as numbers`
  }
  // Digits, as neither MySQL nor MariaDB has a series that both understand.
  const places = Array.from({ length: Math.max(1, Math.ceil(Math.log10(count))) }, (_, index) => 10 ** index)
  const names = places.map((place) => `d${place}.d * ${place}`).join(' + ')
  return `(select 1 + ${names} as n from ${places.map((place) => `${digit} as d${place}`).join(', ')}) as numbers`
}

/** Joins texts and numbers. */
export function joined({ dialect }: Pick<Place, 'dialect'>, ...parts: readonly string[]): string {
  return dialect === 'mysql' ? `concat(${parts.join(', ')})` : parts.join(' || ')
}

/** Returns a moment, so many seconds after the beginning of 2026, as an expression for a column. */
export function secondsIn2026({ dialect }: Pick<Place, 'dialect'>, seconds: string): string {
  if (dialect === 'postgres') return `timestamptz '2026-01-01 00:00:00Z' + ${seconds} * interval '1 second'`
  if (dialect === 'mysql') return `date_add('2026-01-01 00:00:00', interval ${seconds} second)`
  return `strftime('%Y-%m-%dT%H:%M:%S', '2026-01-01', (${seconds}) || ' seconds') || '.000000Z'`
}
