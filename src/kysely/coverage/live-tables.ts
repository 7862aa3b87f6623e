import type { Kysely } from 'kysely'
import type { ForeignKey, ListedTable, TableAddress, TableDescription } from '../catalog.ts'
import type { SchemaDialect } from '../dialect.ts'

/** The tables of some schemas, by the names that problems and waivers give them. */
export interface LiveTables {
  /** Returns the name of a table; that of its schema goes before it unless it is the one of the connection. */
  nameOf(name: string, schema: string | undefined): string
  readonly tables: ReadonlyMap<string, ListedTable>
  readonly foreignKeys: readonly LiveForeignKey[]
  /** The descriptions of the tables that were asked for. */
  readonly descriptions: ReadonlyMap<string, TableDescription>
}

/** A foreign key between tables by their names. */
export interface LiveForeignKey {
  readonly from: string
  readonly to: string
  /** The first of its columns. */
  readonly column: string
  readonly onDelete: ForeignKey['onDelete']
}

/** A table, in the schema of the connection for `undefined`. */
export interface NamedTable {
  readonly name: string
  readonly schema: string | undefined
}

/** Reads the tables of schemas, of which the first is the one of the connection, and describes some of them. */
export async function readLiveTables(
  db: Kysely<unknown>,
  dialect: SchemaDialect,
  schemas: readonly [string | undefined, ...(string | undefined)[]],
  described: readonly NamedTable[],
): Promise<LiveTables> {
  const listed: ListedTable[][] = []
  for (const schema of new Set(schemas)) listed.push([...(await dialect.listTables(db, schema))])
  const home = listed[0]?.[0]?.schema ?? schemas[0]
  const nameOf = (name: string, schema: string | undefined) =>
    schema === undefined || schema === home ? name : `${schema}.${name}`
  const label = ({ name, schema }: TableAddress) => nameOf(name, schema)
  const foreignKeys: LiveForeignKey[] = []
  for (const schema of new Set(listed.flat().map((table) => table.schema))) {
    for (const { from, to, columns, onDelete } of await dialect.foreignKeys(db, schema))
      foreignKeys.push({ from: label(from), to: label(to), column: columns[0] ?? '', onDelete })
  }
  const descriptions = new Map<string, TableDescription>()
  for (const { name, schema } of described) {
    const description = await dialect.describeTable(db, name, schema)
    if (description !== undefined) descriptions.set(nameOf(name, schema), description)
  }
  return { nameOf, tables: new Map(listed.flat().map((table) => [label(table), table])), foreignKeys, descriptions }
}
