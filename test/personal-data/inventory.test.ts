import { describe, expect, it } from 'vitest'
import { definePersonalData, inventoryMarkdown, type PersonalDataSource, userCoreSources } from '../../src/index.ts'
import { tables } from '../../src/port/tables.ts'

const invoices = definePersonalData({
  source: 'invoices',
  table: 'invoices',
  schema: 'shop',
  subject: { through: 'orders', column: 'order_id', references: 'id' },
  columns: {
    id: 'key',
    order_id: 'key',
    made_at: 'fact',
    address: { meaning: 'personal', why: 'tax law | § 147', for: { days: 3650, since: 'made_at' } },
    note: 'free_text',
  },
  treatment: { erase: 'columns', emptied: { note: '' } },
})

describe('the record of processing', () => {
  it('tells of each column what it holds, and what becomes of it', () => {
    const text = inventoryMarkdown([invoices])
    expect(text).toContain(
      '| invoices | `shop.invoices` | the owner of the row of orders that `order_id` names | columns are emptied, rows stay |',
    )
    expect(text).toContain(
      '| `address` | personal | is kept for 3650 days, counted from `made_at`: tax law \\| § 147 |',
    )
    expect(text).toContain('| `note` | free_text | is emptied |')
    expect(text).toContain('| `made_at` | fact | stays |')
    expect(text).toMatch(/[^\n]\n$/)
  })

  it.each<[string, PersonalDataSource['subject'], string]>([
    ['id', { user_id: 'id' }, 'the person whose id is in `id`'],
    ['address', { email: 'note' }, 'the person whose address is in `note`'],
    ['username', { username: 'note' }, 'the person whose username is in `note`'],
  ])('tells of rows that belong to a person by %s', (_, subject, told) =>
    expect(inventoryMarkdown([{ ...invoices, subject }])).toContain(told),
  )

  it('does not depend on the order of the sources', () =>
    expect(inventoryMarkdown([invoices, ...userCoreSources])).toBe(
      inventoryMarkdown([...userCoreSources.toReversed(), invoices]),
    ))

  it('refuses what is no source, and two of one name', () => {
    expect(() => inventoryMarkdown([{ ...invoices, table: '' }])).toThrow(
      /sources must .*: \/0\/table \(invalid_format\)/,
    )
    expect(() => inventoryMarkdown([invoices, invoices])).toThrow(/\/1\/source \(duplicate\)/)
  })
})

describe('our own tables', () => {
  it.each(userCoreSources.map((source) => [source.source, source] as const))('are right sources: %s', (_, source) =>
    expect(() => definePersonalData({ ...source, source: 'ours' })).not.toThrow(),
  )

  it('are all sources, but for those without rows of people', () => {
    const others = Object.keys(tables).filter((table) => !userCoreSources.some((source) => source.table === table))
    expect(others).toEqual(['retirement_states', 'retirement_receipts', 'retired_identifiers'])
  })
})
