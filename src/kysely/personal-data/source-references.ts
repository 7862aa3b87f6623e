import type { PersonalDataSource } from '../../port/personal-data.ts'
import type { SourceReference } from '../../port/personal-data-store.ts'
import type { ForeignKey } from '../catalog.ts'
import type { Statements } from '../statements.ts'

/** Returns the foreign keys that reference the tables of sources whose rows are deleted. */
export async function findReferences(
  { db, dialect }: Statements,
  sources: readonly PersonalDataSource[],
): Promise<SourceReference[]> {
  const home = (await dialect.schema.listTables(db, undefined))[0]?.schema
  const schemas = new Set([home, ...sources.map(({ schema }) => schema ?? home)])
  const keys: ForeignKey[] = []
  for (const schema of schemas) keys.push(...(await dialect.schema.foreignKeys(db, schema)))
  const deleted = sources.filter(({ treatment }) => treatment.erase === 'rows')
  return deleted.flatMap(({ source, table, schema = home }) =>
    keys
      .filter(({ to }) => to.name === table && to.schema === schema)
      .map(({ from, columns, onDelete }) => ({
        source,
        table: from.schema === home ? from.name : `${from.schema}.${from.name}`,
        columns,
        on_delete: onDelete,
      })),
  )
}
