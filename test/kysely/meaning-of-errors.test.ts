import { describe, expect, it } from 'vitest'
import { type DialectName, dialectOf } from '../../src/kysely/dialect.ts'

/** Errors as drivers throw them, by their meaning for a unit of work. */
const errors: Readonly<Record<DialectName, Readonly<Record<string, readonly object[]>>>> = {
  postgres: {
    taken: [{ code: '23505' }, { code: '23503' }],
    busy: [{ code: '40001' }, { code: '40P01' }, { code: '55P03' }],
    failure: [{ code: '42P01' }, { code: '57P01' }, {}],
  },
  pglite: { taken: [{ code: '23505' }], busy: [{ code: '40001' }], failure: [{ code: '42P01' }] },
  mysql: {
    taken: [{ errno: 1062 }, { errno: 1586 }, { errno: 1451 }, { errno: 1452 }],
    busy: [
      { errno: 1213 },
      { errno: 1205 },
      { errno: 1020 },
      { errno: 3101 },
      { errno: 1180, message: "Got error 149 - 'Lock deadlock; Retry transaction' during COMMIT" },
    ],
    failure: [
      { errno: 1064 },
      { errno: 1180, message: "Got error 28 - 'No space left on device' during COMMIT" },
      { errno: 1180, message: "Got error 1149 - 'Unknown error' during COMMIT" },
      { errno: '1213' },
      {},
    ],
  },
  sqlite: {
    taken: [{ code: 'SQLITE_CONSTRAINT_UNIQUE' }, { errcode: 2067 }],
    busy: [{ code: 'SQLITE_BUSY' }, { code: 'SQLITE_BUSY_SNAPSHOT' }, { errcode: 5 }, { errcode: 517 }],
    failure: [{ code: 'SQLITE_FULL' }, { errcode: 13 }, {}],
  },
}

describe.each(Object.keys(errors) as DialectName[])('errors of %s', (name) => {
  const cases = Object.entries(errors[name]).flatMap(([meaning, list]) =>
    list.map((error) => [error, meaning] as const),
  )

  it.each(cases)('%j means %s', (error, meaning) => {
    expect(dialectOf(name).meaningOf(Object.assign(new Error('from a driver'), error))).toBe(meaning)
  })

  it('an error that is none of a driver is a failure', () => {
    for (const thrown of [undefined, null, 'text', 1213]) {
      expect(dialectOf(name).meaningOf(thrown)).toBe('failure')
    }
  })
})
