import { type Kysely, sql } from 'kysely'
import type { DialectName } from '../../src/kysely/index.ts'
import type { UserId } from '../../src/port/tables.ts'
import type { JsonValue } from '../../src/values/json.ts'

/** Rows of tables of the host, as they are planted and as they are read. */
export type Planted = Readonly<Record<string, readonly Readonly<Record<string, JsonValue>>[]>>

/** Returns rows of one person in each of the eight tables. Texts hold `mark`, so that a copy of one is found anywhere. */
export function rowsOf(user_id: UserId, other: UserId, first: number, mark: string): Planted {
  const ordered_at = '2024-06-15T12:00:00.000000Z'
  return {
    orders: [0, 1].map((at) => ({
      id: first + at,
      customer_id: user_id,
      ordered_at,
      recipient: `${mark} recipient`,
      phone: `${mark} phone`,
      total: 100 + at,
    })),
    order_lines: [0, 1].flatMap((at) =>
      [1, 2, 3].map((line) => ({
        order_id: first + at,
        line,
        article: `${mark} ${line}`,
        engraving: `${mark} forever`,
      })),
    ),
    subscriptions: [{ id: first, email: `${mark}@Example.com`, topic: `${mark} topic` }],
    letters: [
      { id: first, sender_id: user_id, recipient_id: other, body: `${mark} body`, answer: `answer to ${first}` },
    ],
    carts: [{ user_id, content: { items: [`${mark} item`], open: true } }],
    support_notes: [{ id: first, user_id, note: `${mark} called`, noted_at: ordered_at }],
    loyalty_cards: [0, 1].map((at) => ({ id: first + at, user_id, number: `${mark}-${at}`, points: at })),
    page_views: [{ user_id, path: `/${mark}`, viewed_at: ordered_at }],
  }
}

/** Stores rows, past the library. */
export async function plantRows(db: Kysely<unknown>, dialect: DialectName, planted: Planted): Promise<void> {
  for (const [table, rows] of Object.entries(planted)) {
    const columns = Object.keys(rows[0] ?? {})
    const valuesOf = (row: (typeof rows)[number]) =>
      sql`(${sql.join(columns.map((column) => sql`${cellOf(dialect, column, row[column] ?? null)}`))})`
    for (let first = 0; first < rows.length; first += rowsAtOnce) {
      const values = sql.join(rows.slice(first, first + rowsAtOnce).map(valuesOf))
      const names = sql.join(columns.map((column) => sql.id(column)))
      await sql`insert into ${sql.id(table)} (${names}) values ${values}`.execute(db)
    }
  }
}

const rowsAtOnce = 500

function cellOf(dialect: DialectName, column: string, value: JsonValue): unknown {
  if (value === null) return null
  if (typeof value === 'object') return JSON.stringify(value)
  const isMoment = column.endsWith('_at') && dialect === 'mysql'
  return isMoment ? String(value).replace('T', ' ').replace('Z', '') : value
}

/** Empties the tables of the host. */
export async function clearRows(db: Kysely<unknown>): Promise<void> {
  const tables = [
    'page_views',
    'loyalty_cards',
    'support_notes',
    'carts',
    'letters',
    'subscriptions',
    'order_lines',
    'orders',
  ]
  for (const table of tables) await sql`delete from ${sql.id(table)}`.execute(db)
}
