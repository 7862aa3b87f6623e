import { type RawBuilder, sql } from 'kysely'
import type { DeclaredSource } from '../../port/declared-sources.ts'
import type { PersonalDataSource } from '../../port/personal-data.ts'
import { StorageError } from '../../port/repository.ts'
import { configError } from '../../values/arguments.ts'
import type { HostCell } from '../host-cells.ts'
import { reading, type Statements } from '../statements.ts'

/** A source as the catalogue of the database knows it. */
export interface LiveSource extends DeclaredSource {
  readonly columns: ReadonlyMap<string, HostCell>
  /** The columns that name a row; none where the table has no key. */
  readonly key: readonly string[]
  /** The column that names people. */
  readonly ownerCell: HostCell
}

/** Returns the name of the table of a source, in a statement. */
export function tableOf({ schema, table }: PersonalDataSource): RawBuilder<unknown> {
  return schema === undefined ? sql.id(table) : sql`${sql.id(schema)}.${sql.id(table)}`
}

/** Reads each source from the catalogue of the database once. What fails is read again by the next call. */
export function liveSources(): (on: Statements, declared: DeclaredSource) => Promise<LiveSource> {
  const known = new Map<string, LiveSource>()
  return async (on, declared) => {
    const name = declared.source.source
    const live = known.get(name) ?? (await readSource(on, declared))
    known.set(name, live)
    return live
  }
}

async function readSource(on: Statements, declared: DeclaredSource): Promise<LiveSource> {
  const { source, path, owner } = declared
  const columns = await cellsOf(on, source)
  const last = path.at(-1) ?? source
  const ownerCells = last === source ? columns : await cellsOf(on, last)
  const key = source.key ?? (await primaryKey(on, source))
  const { erase } = source.treatment
  if (key.length === 0 && (erase === 'rows' || erase === 'columns'))
    throw configError(
      'sources',
      'of tables with a key, unless a step erases them: say in `key` which columns name a row',
    )
  return { ...declared, columns, key, ownerCell: ownerCells.get(owner.column) ?? on.dialect.hostCell('', on.dialect) }
}

/** Returns how the columns of a table are read. */
async function cellsOf(on: Statements, { table, schema }: PersonalDataSource): Promise<ReadonlyMap<string, HostCell>> {
  const { dialect, db } = on
  const description = await reading(on, 'source of personal data', () =>
    dialect.schema.describeTable(db, table, schema),
  )
  if (description === undefined)
    throw new StorageError('source of personal data', 'NO_TABLE', { isSchemaMissing: true })
  const json = await reading(on, 'source of personal data', async () => dialect.schema.jsonColumns?.(db, table, schema))
  return new Map(
    description.columns.map(({ name, type }) => [
      name,
      dialect.hostCell(json?.includes(name) === true ? 'json' : type, dialect),
    ]),
  )
}

async function primaryKey(on: Statements, { table, schema }: PersonalDataSource): Promise<readonly string[]> {
  const { dialect, db } = on
  const tables = await reading(on, 'source of personal data', () => dialect.schema.listTables(db, schema))
  return tables.find(({ name }) => name === table)?.key ?? []
}

/** Returns how a column is read; one that the catalogue does not have makes the statement fail. */
export function cellOf(on: Statements, { columns }: LiveSource, column: string): HostCell {
  return columns.get(column) ?? on.dialect.hostCell('', on.dialect)
}
