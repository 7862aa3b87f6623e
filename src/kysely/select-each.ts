import { sql } from 'kysely'
import type { RowSelection, Selected } from '../port/repository.ts'
import { parsed } from './read-nested.ts'
import { conditionOf, isExactly } from './select.ts'
import type { Statements } from './statements.ts'

/** Reads the rows of some selections: one union, of which each row has its cells as one JSON array. */
export async function selectEach<const Selections extends readonly RowSelection[]>(
  on: Statements,
  selections: Selections,
): Promise<Selected<Selections>> {
  const parts = selections.map(([table, where]) => ({ table, where, condition: conditionOf(on, table, where) }))
  const text = () => {
    const selects = parts.map(({ table, condition }, index) => {
      const cells = on.dialect.read('json', on.dialect.cellsAsJson(on.cells(table, 'entry')))
      return sql`select ${sql.lit(index)} as part, ${cells} as cells
        from ${on.source(table)} as entry${condition.text('entry')}`
    })
    return sql.join(selects, sql` union all `)
  }
  const shape = parts.map(({ table, condition }) => `${table} ${condition.shape}`).join('; ')
  const parameters = parts.flatMap(({ condition }) => condition.parameters)
  const { rows } = parts.length === 0 ? { rows: [] } : await on.run(`each ${shape}`, text, parameters)
  const found = parts.map((): object[] => [])
  for (const { part, cells } of rows) {
    const index = Number(part)
    const selection = parts[index]
    if (selection !== undefined) found[index]?.push(on.codec.cells(selection.table, parsed(cells)))
  }
  return parts.map(({ table, where }, index) => found[index]?.filter(isExactly(table, where))) as Selected<Selections>
}
