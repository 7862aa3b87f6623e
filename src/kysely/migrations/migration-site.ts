import { type CreateTableBuilder, type Kysely, sql } from 'kysely'
import type { TableName } from '../../port/tables.ts'
import type { DescribeTable } from '../catalog.ts'
import type { Dialect, SchemaDialect } from '../dialect.ts'
import type { Names } from '../names.ts'
import { renewStoredKeys } from '../renew-keys.ts'
import type { TableDefinition } from '../table-definition.ts'

type Table = CreateTableBuilder<string, string>

/** The indexes of a table by the end of their names, with their columns. */
type Indexes = Readonly<Record<string, readonly string[]>>

/** The SQL types of columns. */
export type ColumnTypes = { readonly [Type in keyof SchemaDialect['types']]: ReturnType<typeof sql.raw<never>> }

/** The database that a migration runs on. */
export interface MigrationSite {
  readonly types: ColumnTypes
  /** Tells whether people are in a table of the host, which no migration makes. */
  readonly hasOwnUsers: boolean
  /** Returns the name of a constraint. */
  constraint(name: string): string
  /** Returns the name of a table, as references take it. */
  reference(name: string): string
  /** Makes a table, if it is missing, and its indexes, without the columns that another system keeps. */
  createTable(name: string, define: TableDefinition, indexes?: Indexes): Promise<void>
  /** Makes a table with rows of people, in the column `user_id`: they are deleted with the person. */
  createPart(name: string, define: TableDefinition, indexes?: Indexes): Promise<void>
  /**
   * Makes the table of ours beside rows of people that another system keeps, if it is missing. Returns whether another
   * system keeps them; if not, nothing is done.
   */
  createBeside(table: TableName): Promise<boolean>
  /** Adds a column to a table of ours alone, if it is missing: one that may be null, or has a value in all rows. */
  addColumn(table: string, column: string, type: ColumnTypes[keyof ColumnTypes], value?: number): Promise<void>
  /** Copies a column into another one, in all rows where it is not null. */
  copyColumn(table: string, from: string, to: string): Promise<void>
  /**
   * Adds an index to a table, if it is missing, unless another system keeps the rows. `notNull` names a column: where the
   * database can, the index has no rows in which that is null.
   */
  addIndex(table: TableName, index: string, columns: readonly string[], notNull?: string): Promise<void>
  /** Drops the index of a table of ours alone that has these columns, if it is there. */
  dropIndex(table: string, index: string, columns: readonly string[]): Promise<void>
  /** Makes the stored keys anew, by the rule of `identifierKey`; does nothing where statements are only printed. */
  renewKeys(): Promise<void>
  /** Adds a column that numbers itself and is the primary key. */
  addNumber(table: Table, column: string): Table
}

export function migrationSite(
  db: Kysely<unknown>,
  dialect: Dialect,
  names: Names,
  describeTable: DescribeTable,
): MigrationSite {
  const { schema } = dialect
  const idType = names.users?.idType ?? schema.types.id
  const types = Object.fromEntries(
    Object.entries({ ...schema.types, id: idType }).map(([type, text]) => [type, sql.raw(text)]),
  ) as unknown as ColumnTypes
  const nameOf = (name: string) => names.place(names.own(name))

  const makeTable = async (name: string, define: TableDefinition, indexes: Indexes) => {
    let table = define(db.schema.createTable(nameOf(name)).ifNotExists())
    const all = Object.entries(indexes)
    if (!schema.hasIndexIfNotExists) {
      for (const [index, columns] of all) table = table.addIndex(names.own(`${name}_${index}`), [...columns])
    }
    await (schema.tableOptions === undefined ? table : table.modifyEnd(schema.tableOptions)).execute()
    if (!schema.hasIndexIfNotExists) return
    for (const [index, columns] of all) {
      await db.schema
        .createIndex(names.own(`${name}_${index}`))
        .ifNotExists()
        .on(nameOf(name))
        .columns([...columns])
        .execute()
    }
  }

  const describe = (table: string) => describeTable(db, names.own(table), names.schema)

  /** Tells whether a table has an index of these columns; undefined where statements are only printed. */
  const hasIndex = async (table: string, columns: readonly string[]) =>
    (await describe(table))?.indexes.some((index) => index.columns.join() === columns.join())

  /** Returns the columns of a table that are ours to make, and its indexes; another system has the rest. */
  const leftOf = (name: string, define: TableDefinition, indexes: Indexes = {}) => {
    const own = names.layout === undefined ? define : names.layout.define(name, define, types)
    return { own, indexes: own === define ? indexes : {} }
  }

  const makePart = (name: string, own: TableDefinition, indexes: Indexes) =>
    makeTable(
      name,
      (table) =>
        own(table.addColumn('user_id', types.id, (column) => column.notNull())).addForeignKeyConstraint(
          names.own(`${name}_user_fk`),
          ['user_id'],
          names.table('users'),
          [names.column('users', 'id') ?? 'id'],
          (constraint) => constraint.onDelete('cascade'),
        ),
      indexes,
    )

  return {
    types,
    hasOwnUsers: names.users === undefined,
    constraint: (name) => names.own(name),
    reference: nameOf,
    async createTable(name, define, indexes) {
      const left = leftOf(name, define, indexes)
      if (left.own !== undefined) await makeTable(name, left.own, left.indexes)
    },
    async createPart(name, define, indexes) {
      const left = leftOf(name, define, indexes)
      if (left.own !== undefined) await makePart(name, left.own, left.indexes)
    },
    async createBeside(table) {
      const own = names.layout?.defineBeside(table, types)
      if (own !== undefined) await makePart(table, own, {})
      return own !== undefined
    },
    async addColumn(table, column, type, value) {
      const { columns = [] } = (await describe(table)) ?? {}
      if (columns.some(({ name }) => name === column)) return
      await db.schema
        .alterTable(nameOf(table))
        .addColumn(column, type, (build) => (value === undefined ? build : build.notNull().defaultTo(sql.lit(value))))
        .execute()
    },
    async copyColumn(table, from, to) {
      const [source, target] = [from, to].map((column) => sql.ref(column))
      await sql`update ${sql.table(nameOf(table))} set ${target} = ${source} where ${source} is not null`.execute(db)
    },
    async addIndex(table, index, columns, notNull) {
      if (names.layout?.keeps(table) === true) return
      const made = db.schema
        .createIndex(names.own(`${table}_${index}`))
        .on(nameOf(table))
        .columns([...columns])
      if (!schema.hasIndexIfNotExists) {
        if (!(await hasIndex(table, columns))) await made.execute()
        return
      }
      const partial = notNull === undefined ? made : made.where(sql.ref(notNull), 'is not', null)
      await partial.ifNotExists().execute()
    },
    async dropIndex(table, index, columns) {
      if ((await hasIndex(table, columns)) === false) return
      const name = names.own(`${table}_${index}`)
      // Where indexes are made with their table, they have their names in it; elsewhere in its schema.
      if (!schema.hasIndexIfNotExists) await db.schema.dropIndex(name).on(nameOf(table)).execute()
      else await sql`drop index ${sql.table(names.place(name))}`.execute(db)
    },
    renewKeys: () => renewStoredKeys(db, names),
    addNumber: (table, column) =>
      table.addColumn(column, types.id, (build) =>
        schema.selfNumbering === 'identity'
          ? build.generatedByDefaultAsIdentity().primaryKey()
          : build.primaryKey().autoIncrement(),
      ),
  }
}
