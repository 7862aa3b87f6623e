import { describe, expect, it } from 'vitest'
import { codecOf } from '../../src/kysely/codecs.ts'
import { writtenRows } from '../../src/kysely/written-rows.ts'
import { type ColumnType, type TableName, tables } from '../../src/port/tables.ts'

const codec = codecOf({ users: undefined, layout: undefined })

/** A value of each type as JSON has it, another one for each column. */
const cellOf: Readonly<Record<ColumnType, (index: number) => unknown>> = {
  id: (index) => `${index + 1}`,
  integer: (index) => 100 + index,
  text: (index) => `text ${index}`,
  boolean: (index) => index % 2,
  instant: (index) => `2026-01-${10 + index} 12:00:00`,
  json: (index) => ({ index }),
}

function cellsOf(table: TableName): Map<string, unknown> {
  const columns = Object.entries<ColumnType>(tables[table].columns)
  return new Map(columns.map(([column, type], index) => [column, cellOf[type](index)]))
}

describe('rows that are written out', () => {
  const names = Object.keys(writtenRows) as TableName[]

  it.each(names)('%s has the columns and values of the table, in their order', (table) => {
    const cells = cellsOf(table)
    const row = codec.row(table, Object.fromEntries(cells))
    const owned = [...cells].filter(([column]) => column !== 'user_id').map(([, cell]) => cell)
    const written = writtenRows[table]?.(1, ['before', ...owned, 'behind'], 1)
    expect(written).toStrictEqual(row)
    expect(Object.keys(written ?? {})).toEqual(Object.keys(row))
  })

  it('users has the columns and values of the table, in their order', () => {
    const cells = cellsOf('users')
    const row = codec.row('users', Object.fromEntries(cells))
    const written = codec.userRow(['before', ...cells.values(), 'behind'], 1)
    expect(written).toStrictEqual(row)
    expect(Object.keys(written)).toEqual(Object.keys(row))
  })
})
