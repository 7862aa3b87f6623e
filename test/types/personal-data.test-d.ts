import { describe, expectTypeOf, it } from 'vitest'
import { definePersonalData, type PersonalDataSource } from '../../src/index.ts'

const columns = { id: 'key', owner_id: 'key', note: 'free_text', made_at: 'fact' } as const
const source = { source: 'notes', table: 'notes', columns } as const

describe('a declared source', () => {
  it('knows the names of its columns', () => {
    const notes = definePersonalData({
      ...source,
      subject: { user_id: 'owner_id' },
      key: ['id'],
      treatment: { erase: 'columns', emptied: { note: '' } },
    })
    expectTypeOf(notes).toEqualTypeOf<PersonalDataSource<'id' | 'owner_id' | 'note' | 'made_at'>>()
    expectTypeOf(notes).toExtend<PersonalDataSource>()
  })

  it('refuses names that are not declared, where they stand', () => {
    const subject = { user_id: 'owner_id' } as const
    const treatment = { erase: 'columns', emptied: { note: { perRow: 'gone-' } } } as const
    // @ts-expect-error the subject
    definePersonalData({ ...source, treatment, subject: { user_id: 'other' } })
    // @ts-expect-error the key
    definePersonalData({ ...source, treatment, subject, key: ['other'] })
    // @ts-expect-error a column to empty
    definePersonalData({ ...source, subject, treatment: { erase: 'columns', emptied: { other: '' } } })
    // @ts-expect-error a column to redact
    definePersonalData({ ...source, subject, treatment: { erase: 'rows', redacted: { other: '' } } })
    // @ts-expect-error two ways to belong to a person
    definePersonalData({ ...source, treatment, subject: { user_id: 'owner_id', email: 3 } })
    // @ts-expect-error a meaning
    definePersonalData({ ...source, columns: { ...columns, note: 'secret' }, subject, treatment })
    // @ts-expect-error a treatment
    definePersonalData({ ...source, subject, treatment: { erase: 'maybe' } })
    definePersonalData({
      ...source,
      subject,
      // @ts-expect-error the column from which a time is counted
      columns: { ...columns, note: { meaning: 'personal', why: 'tax law', for: { days: 10, since: 'other' } } },
      treatment: { erase: 'columns', emptied: {} },
    })
  })
})
