import { definePersonalData } from '../../port/define-personal-data.ts'
import type { PersonalDataSource } from '../../port/personal-data.ts'

/** A table that the contract needs: a store under test has to have them, empty. */
export interface ContractTable {
  readonly table: string
  /** The columns with their types; all may be null but for those of `primary`. */
  readonly columns: Readonly<Record<string, 'integer' | 'text' | 'instant' | 'json'>>
  /** The columns of the primary key; none for a table without one. */
  readonly primary: readonly string[]
}

const integer = 'integer'
const text = 'text'

/** The tables of the contract of `PersonalDataStore`. */
export const contractTables: readonly ContractTable[] = [
  {
    table: 'contract_orders',
    columns: {
      id: integer,
      user_id: integer,
      phone: text,
      note: text,
      address: 'json',
      seller: text,
      placed_at: 'instant',
      invoice: text,
    },
    primary: ['id'],
  },
  {
    table: 'contract_lines',
    columns: { order_id: integer, line: integer, code: text, engraving: text },
    primary: ['order_id', 'line'],
  },
  { table: 'contract_wishes', columns: { id: integer, code: text, wish: text }, primary: ['id'] },
  { table: 'contract_letters', columns: { id: text, email: text, body: text }, primary: ['id'] },
  { table: 'contract_handles', columns: { id: integer, username: text, handle: text }, primary: ['id'] },
  { table: 'contract_cards', columns: { number: text, user_id: integer }, primary: ['number'] },
  { table: 'contract_views', columns: { user_id: integer, path: text }, primary: [] },
]

const cardColumns = { number: 'identifier', user_id: 'key' } as const

/** The sources of the contract. */
export const contractSources: readonly PersonalDataSource[] = [
  definePersonalData({
    source: 'orders',
    table: 'contract_orders',
    subject: { user_id: 'user_id' },
    columns: {
      id: 'key',
      user_id: 'key',
      phone: 'identifier',
      note: 'free_text',
      address: 'personal',
      seller: 'others',
      placed_at: 'fact',
      invoice: { meaning: 'personal', why: 'tax law', for: { days: 3650, since: 'placed_at' } },
    },
    treatment: { erase: 'columns', emptied: { phone: null, note: '', address: {} } },
  }),
  definePersonalData({
    source: 'lines',
    table: 'contract_lines',
    subject: { through: 'orders', column: 'order_id', references: 'id' },
    key: ['order_id', 'line'],
    columns: { order_id: 'key', line: 'key', code: 'key', engraving: 'free_text' },
    treatment: { erase: 'rows', redacted: { engraving: '' } },
  }),
  definePersonalData({
    source: 'wishes',
    table: 'contract_wishes',
    subject: { through: 'lines', column: 'code', references: 'code' },
    columns: { id: 'key', code: 'key', wish: 'free_text' },
    treatment: { erase: 'rows', redacted: {} },
  }),
  definePersonalData({
    source: 'letters',
    table: 'contract_letters',
    subject: { email: 'email' },
    columns: { id: 'key', email: 'identifier', body: 'free_text' },
    treatment: { erase: 'rows', redacted: { body: '' } },
  }),
  definePersonalData({
    source: 'handles',
    table: 'contract_handles',
    subject: { username: 'username' },
    columns: { id: 'key', username: 'identifier', handle: 'identifier' },
    treatment: { erase: 'columns', emptied: { username: { keyed: true }, handle: { perRow: 'gone-' } } },
  }),
  definePersonalData({
    source: 'cards',
    table: 'contract_cards',
    subject: { user_id: 'user_id' },
    key: ['number'],
    columns: cardColumns,
    treatment: { erase: 'rows', redacted: { number: { perRow: 'gone-' } } },
  }),
  definePersonalData({
    source: 'stamps',
    table: 'contract_cards',
    subject: { user_id: 'user_id' },
    key: ['number'],
    columns: cardColumns,
    treatment: { erase: 'rows', redacted: { number: 'gone' } },
  }),
  definePersonalData({
    source: 'kept_cards',
    table: 'contract_cards',
    subject: { user_id: 'user_id' },
    key: ['number'],
    columns: cardColumns,
    treatment: { erase: 'never', why: 'shows how rows stay' },
  }),
  definePersonalData({
    source: 'views',
    table: 'contract_views',
    subject: { user_id: 'user_id' },
    columns: { user_id: 'key', path: 'personal' },
    treatment: { erase: 'step', by: 'analytics' },
  }),
]
