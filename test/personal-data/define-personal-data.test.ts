import { describe, expect, it } from 'vitest'
import { definePersonalData, isUserCoreError, type PersonalDataSource } from '../../src/index.ts'

const retained = { meaning: 'personal', why: 'tax law', for: { days: 3650, since: 'made_at' } } as const

/** A right source; the cases replace its members. */
const right = {
  source: 'orders',
  table: 'orders',
  schema: 'shop',
  subject: { user_id: 'customer_id' },
  key: ['id'],
  columns: {
    id: 'key',
    customer_id: 'key',
    seller: 'others',
    made_at: 'fact',
    phone: 'identifier',
    note: 'free_text',
    invoice: retained,
  },
  treatment: { erase: 'columns', emptied: { phone: { perRow: 'gone-' }, note: '' } },
} as const satisfies PersonalDataSource

/** A right source whose rows are deleted. */
const deleted = { ...right, columns: { ...right.columns, invoice: 'personal' }, treatment: rows({}) }

function rows(redacted: object) {
  return { erase: 'rows', redacted }
}

const emptied = (more: object) => ({ erase: 'columns', emptied: { phone: '', note: '', ...more } })

/** Returns the issues of a value as `pointer code`. */
function issuesOf(source: unknown): string[] {
  try {
    definePersonalData(source as PersonalDataSource)
    return []
  } catch (error) {
    if (!isUserCoreError(error, 'config_error')) throw error
    expect(error.params).toEqual({ option: 'source' })
    return error.issues.map(({ pointer, code }) => `${pointer} ${code}`)
  }
}

const without = (member: string) => Object.fromEntries(Object.entries(right).filter(([name]) => name !== member))
const withColumn = (declared: unknown) => ({ ...right, columns: { ...right.columns, invoice: declared } })
const withSubject = (subject: unknown) => ({ ...right, subject })
const withTreatment = (treatment: unknown) => ({ ...right, treatment })

describe('a source', () => {
  it.each([
    ['with all members', right],
    ['without schema and key', { ...right, schema: undefined, key: undefined }],
    ['by an address', withSubject({ email: 'phone' })],
    ['by a username', withSubject({ username: 'phone' })],
    ['through another source', withSubject({ through: 'carts', column: 'id', references: 'order_id' })],
    ['whose rows are deleted', deleted],
    [
      'with replacements for each row',
      { ...deleted, treatment: rows({ phone: { keyed: true }, id: { perRow: 'x' } }) },
    ],
    ['with JSON in the place of values', withTreatment(emptied({ note: { text: [null] } }))],
    ['that a step erases', withTreatment({ erase: 'step', by: 'shop' })],
    ['that stays', withTreatment({ erase: 'never', why: 'is evidence' })],
  ])('is taken %s', (_, source) => expect(issuesOf(source)).toEqual([]))

  it('is copied', () => {
    const source = structuredClone(right)
    const defined = definePersonalData(source)
    expect(defined).toEqual(right)
    expect(defined.columns).not.toBe(source.columns)
  })

  it.each<[string, unknown, readonly string[]]>([
    ['no object', 'orders', [' not_an_object']],
    ['no JSON', { ...right, key: () => 'id' }, ['/key not_json']],
    ['unknown members', { ...right, colour: 'red' }, ['/colour unknown_field']],
    ['no name', without('source'), ['/source required']],
    ['a name in capitals', { ...right, source: 'Orders' }, ['/source invalid_format']],
    ['a name that is too long', { ...right, source: 'o'.repeat(64) }, ['/source invalid_format']],
    ['a name of ours', { ...right, source: 'usercore_users' }, ['/source reserved_name']],
    ['the name of the manifest', { ...right, source: 'manifest' }, ['/source reserved_name']],
    ['no table', without('table'), ['/table required']],
    ['an empty table', { ...right, table: '' }, ['/table invalid_format']],
    ['a table with its schema', { ...right, table: 'shop.orders' }, ['/table invalid_format']],
    ['a table with a line break', { ...right, table: 'orders\n' }, ['/table invalid_format']],
    ['a table longer than any', { ...right, table: 't'.repeat(65) }, ['/table invalid_format']],
    ['a schema that is no name', { ...right, schema: 5 }, ['/schema invalid_format']],
    ['no subject', without('subject'), ['/subject required']],
    ['a subject that is a text', withSubject('customer_id'), ['/subject not_an_object']],
    ['two subjects', withSubject({ user_id: 'id', email: 'phone' }), ['/subject invalid_choice']],
    ['half a path', withSubject({ through: 'carts', column: 'id' }), ['/subject invalid_choice']],
    ['a subject that is not declared', withSubject({ user_id: 'owner' }), ['/subject/user_id unknown_field']],
    [
      'a path through itself',
      withSubject({ through: 'orders', column: 'id', references: 'id' }),
      ['/subject/through mismatch'],
    ],
    [
      'a path over wrong names',
      withSubject({ through: '', column: 'cart', references: 'a.b' }),
      ['/subject/through required', '/subject/column unknown_field', '/subject/references invalid_format'],
    ],
    ['a key that is no list', { ...right, key: 'id' }, ['/key not_a_list']],
    ['an empty key', { ...right, key: [] }, ['/key required']],
    ['a key with unknown columns', { ...right, key: ['id', 'no', 'id'] }, ['/key/1 unknown_field', '/key/2 duplicate']],
    ['a list of columns', { ...right, columns: ['id'] }, ['/columns not_an_object']],
    ['a meaning that is none', withColumn('secret'), ['/columns/invoice invalid_choice']],
    [
      'a column of a bad name',
      { ...deleted, columns: { ...deleted.columns, 'a.b': 'fact' } },
      ['/columns/a.b invalid_format'],
    ],
    [
      'a name that reaches the prototype',
      { ...deleted, columns: JSON.parse('{ "id": "key", "customer_id": "key", "__proto__": "fact" }') },
      ['/columns/__proto__ forbidden_name'],
    ],
    [
      'a retained column without ground and time',
      withColumn({ meaning: 'personal' }),
      ['/columns/invoice/why required', '/columns/invoice/for required'],
    ],
    ['a retained fact', withColumn({ ...retained, meaning: 'fact' }), ['/columns/invoice/meaning invalid_choice']],
    ['a retained column with more', withColumn({ ...retained, until: 5 }), ['/columns/invoice/until unknown_field']],
    [
      'a time that is none',
      withColumn({ ...retained, for: { days: 0, since: 'then', hours: 1 } }),
      [
        '/columns/invoice/for/hours unknown_field',
        '/columns/invoice/for/days out_of_range',
        '/columns/invoice/for/since unknown_field',
      ],
    ],
    ['no treatment', without('treatment'), ['/treatment required']],
    ['a treatment that is a text', withTreatment('rows'), ['/treatment not_an_object']],
    ['a treatment that is none', withTreatment({ erase: 'toString' }), ['/treatment/erase invalid_choice']],
    ['rows without replacements', withTreatment({ erase: 'rows' }), ['/treatment/redacted required']],
    ['members of another treatment', withTreatment({ ...emptied({}), why: 'law' }), ['/treatment/why unknown_field']],
    ['a list of replacements', withTreatment({ erase: 'columns', emptied: [] }), ['/treatment/emptied not_an_object']],
    ['a step without a name', withTreatment({ erase: 'step', by: '' }), ['/treatment/by required']],
    ['a reason that is no text', withTreatment({ erase: 'never', why: 5 }), ['/treatment/why not_text']],
    [
      'a reason that is too long',
      withTreatment({ erase: 'never', why: 'w'.repeat(1001) }),
      ['/treatment/why too_long'],
    ],
    [
      'a redacted column that is not declared',
      { ...deleted, treatment: rows({ no: '' }) },
      ['/treatment/redacted/no unknown_field'],
    ],
    [
      'an emptied column that is not declared',
      withTreatment(emptied({ no: '' })),
      ['/treatment/emptied/no unknown_field'],
    ],
    [
      'a replacement of two forms',
      withTreatment(emptied({ note: { perRow: 'x', keyed: true } })),
      ['/treatment/emptied/note invalid'],
    ],
    [
      'an empty text for each row',
      withTreatment(emptied({ note: { perRow: '' } })),
      ['/treatment/emptied/note invalid'],
    ],
    [
      'a pseudonym that is none',
      withTreatment(emptied({ note: { keyed: false } })),
      ['/treatment/emptied/note invalid'],
    ],
    [
      'personal columns neither emptied nor retained',
      withTreatment({ erase: 'columns', emptied: {} }),
      ['/treatment/emptied/phone required', '/treatment/emptied/note required'],
    ],
    ['a column emptied and retained', withTreatment(emptied({ invoice: '' })), ['/treatment/emptied/invoice conflict']],
    ['an emptied column about others', withTreatment(emptied({ seller: '' })), ['/treatment/emptied/seller conflict']],
    ['an emptied column of the key', withTreatment(emptied({ id: '' })), ['/treatment/emptied/id conflict']],
    ['a column retained in rows that go', { ...right, treatment: rows({}) }, ['/columns/invoice conflict']],
  ])('is refused with %s', (_, source, issues) => expect(issuesOf(source)).toEqual(issues))

  it('is refused with everything that is wrong at once, in a message without values', () => {
    const wrong = { ...right, source: 'Secret', subject: { user_id: 'secret' }, key: ['secret'] }
    expect(issuesOf(wrong)).toEqual([
      '/source invalid_format',
      '/subject/user_id unknown_field',
      '/key/0 unknown_field',
    ])
    expect(() => definePersonalData(wrong as never)).toThrow(/^(?!.*secret).*\/subject\/user_id \(unknown_field\)/i)
  })
})
