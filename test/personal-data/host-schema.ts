import { type CreateTableBuilder, type Kysely, type RawBuilder, sql } from 'kysely'
import { definePersonalData, type PersonalDataSource } from '../../src/index.ts'
import type { DialectName } from '../../src/kysely/index.ts'

/** The types of a database that the tables of the host need. */
interface Types {
  readonly id: RawBuilder<unknown>
  readonly name: RawBuilder<unknown>
  readonly text: RawBuilder<unknown>
  readonly json: RawBuilder<unknown>
  readonly moment: RawBuilder<unknown>
}

function typesOf(dialect: DialectName): Types {
  const [id, name, text, json, moment] = {
    sqlite: ['integer', 'text', 'text', 'text', 'text'],
    postgres: ['bigint', 'varchar(255)', 'text', 'jsonb', 'timestamptz'],
    pglite: ['bigint', 'varchar(255)', 'text', 'jsonb', 'timestamptz'],
    mysql: ['bigint', 'varchar(255)', 'longtext', 'json', 'datetime(6)'],
  }[dialect].map((type) => sql.raw(type)) as [RawBuilder<unknown>, ...RawBuilder<unknown>[]]
  return { id, name, text, json, moment } as Types
}

/** A table of the host: its columns by type, and what else it has. */
interface HostTable {
  readonly columns: Readonly<Record<string, keyof Types>>
  readonly primary?: readonly string[]
  readonly unique?: readonly string[]
  readonly indexes?: readonly string[]
  /** Columns that reference the `id` of another table, people among them. */
  readonly references?: Readonly<Record<string, { readonly to: string; readonly onDelete?: 'cascade' }>>
}

const people = 'usercore_users'

/** The eight tables of a shop, in the order in which they are made. */
const hostTables: Readonly<Record<string, HostTable>> = {
  // Belongs to a person directly.
  orders: {
    columns: { id: 'id', customer_id: 'id', ordered_at: 'moment', recipient: 'name', phone: 'name', total: 'id' },
    primary: ['id'],
    indexes: ['customer_id', 'phone'],
    references: { customer_id: { to: people } },
  },
  // Two levels deep, with a composite key.
  order_lines: {
    columns: { order_id: 'id', line: 'id', article: 'name', engraving: 'text' },
    primary: ['order_id', 'line'],
    references: { order_id: { to: 'orders', onDelete: 'cascade' } },
  },
  // By e-mail, without a reference.
  subscriptions: {
    columns: { id: 'id', email: 'name', topic: 'name' },
    primary: ['id'],
    indexes: ['email'],
  },
  // A row of two people.
  letters: {
    columns: { id: 'id', sender_id: 'id', recipient_id: 'id', body: 'text', answer: 'text' },
    primary: ['id'],
    indexes: ['sender_id'],
    references: { sender_id: { to: people }, recipient_id: { to: people } },
  },
  // JSON, whose key is the person.
  carts: {
    columns: { user_id: 'id', content: 'json' },
    primary: ['user_id'],
    references: { user_id: { to: people, onDelete: 'cascade' } },
  },
  // Free text.
  support_notes: {
    columns: { id: 'id', user_id: 'id', note: 'text', noted_at: 'moment' },
    primary: ['id'],
    indexes: ['user_id'],
    references: { user_id: { to: people } },
  },
  // A unique column.
  loyalty_cards: {
    columns: { id: 'id', user_id: 'id', number: 'name', points: 'id' },
    primary: ['id'],
    unique: ['number'],
    indexes: ['user_id'],
    references: { user_id: { to: people } },
  },
  // Without a key.
  page_views: {
    columns: { user_id: 'id', path: 'text', viewed_at: 'moment' },
    indexes: ['user_id'],
  },
}

/** The declarations of the eight tables. */
export const hostSources: readonly PersonalDataSource[] = [
  definePersonalData({
    source: 'orders',
    table: 'orders',
    subject: { user_id: 'customer_id' },
    columns: {
      id: 'key',
      customer_id: 'key',
      ordered_at: 'fact',
      recipient: { meaning: 'personal', why: 'tax law', for: { days: 3650, since: 'ordered_at' } },
      phone: 'identifier',
      total: 'fact',
    },
    treatment: { erase: 'columns', emptied: { phone: null } },
  }),
  definePersonalData({
    source: 'order_lines',
    table: 'order_lines',
    subject: { through: 'orders', column: 'order_id', references: 'id' },
    columns: { order_id: 'key', line: 'key', article: 'personal', engraving: 'free_text' },
    treatment: { erase: 'rows', redacted: { article: '', engraving: '' } },
  }),
  definePersonalData({
    source: 'subscriptions',
    table: 'subscriptions',
    subject: { email: 'email' },
    columns: { id: 'key', email: 'identifier', topic: 'personal' },
    treatment: { erase: 'rows', redacted: { email: { keyed: true }, topic: '' } },
  }),
  definePersonalData({
    source: 'letters',
    table: 'letters',
    subject: { user_id: 'sender_id' },
    columns: { id: 'key', sender_id: 'key', recipient_id: 'others', body: 'free_text', answer: 'others' },
    treatment: { erase: 'columns', emptied: { body: '' } },
  }),
  definePersonalData({
    source: 'carts',
    table: 'carts',
    subject: { user_id: 'user_id' },
    columns: { user_id: 'key', content: 'personal' },
    treatment: { erase: 'rows', redacted: { content: {} } },
  }),
  definePersonalData({
    source: 'support_notes',
    table: 'support_notes',
    subject: { user_id: 'user_id' },
    columns: { id: 'key', user_id: 'key', note: 'free_text', noted_at: 'fact' },
    treatment: { erase: 'columns', emptied: { note: '' } },
  }),
  definePersonalData({
    source: 'loyalty_cards',
    table: 'loyalty_cards',
    subject: { user_id: 'user_id' },
    key: ['number'],
    columns: { id: 'key', user_id: 'key', number: 'identifier', points: 'personal' },
    treatment: { erase: 'rows', redacted: { number: { perRow: 'gone-' }, points: 0 } },
  }),
  definePersonalData({
    source: 'page_views',
    table: 'page_views',
    subject: { user_id: 'user_id' },
    columns: { user_id: 'key', path: 'personal', viewed_at: 'personal' },
    treatment: { erase: 'step', by: 'analytics' },
  }),
]

/** The table of people: that of the library, or of the host. */
interface PeopleTable {
  readonly table: string
  readonly idType?: string
}

/** Makes the eight tables beside those of the library. */
export async function createHostSchema(
  db: Kysely<unknown>,
  dialect: DialectName,
  owners: PeopleTable = { table: people },
): Promise<void> {
  const types = typesOf(dialect)
  for (const [name, table] of Object.entries(hostTables)) await createTable(db, name, table, types, owners)
}

async function createTable(
  db: Kysely<unknown>,
  name: string,
  table: HostTable,
  types: Types,
  owners: PeopleTable,
): Promise<void> {
  const { columns, primary = [], unique = [], indexes = [], references = {} } = table
  let made: CreateTableBuilder<string, string> = db.schema.createTable(name)
  for (const [column, type] of Object.entries(columns)) {
    const isInKey = primary.includes(column) || unique.includes(column)
    const ownerType = references[column]?.to === people ? owners.idType : undefined
    const sqlType = ownerType === undefined ? types[type] : sql.raw(ownerType)
    made = made.addColumn(column, sqlType as RawBuilder<string>, (build) => (isInKey ? build.notNull() : build))
  }
  if (primary.length > 0) made = made.addPrimaryKeyConstraint(`${name}_key`, primary as string[])
  for (const column of unique) made = made.addUniqueConstraint(`${name}_${column}`, [column])
  for (const [column, { to, onDelete }] of Object.entries(references)) {
    made = made.addForeignKeyConstraint(
      `${name}_${column}_to`,
      [column],
      to === people ? owners.table : to,
      ['id'],
      (build) => (onDelete === undefined ? build : build.onDelete(onDelete)),
    )
  }
  await made.execute()
  for (const column of indexes) await db.schema.createIndex(`${name}_by_${column}`).on(name).column(column).execute()
}
