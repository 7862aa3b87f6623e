import { describe, expect, it } from 'vitest'
import { errorStatus, isUserCoreError, UserCoreError } from '../../src/values/errors.ts'
import type { Issue } from '../../src/values/issues.ts'

function many<Item>(count: number, make: (index: number) => Item): Item[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

describe('UserCoreError', () => {
  const error = new UserCoreError('account_validation_error', {
    issues: [
      { pointer: '/bio', code: 'too_long', params: { max: 300 } },
      { pointer: '/social_links/0/platform', code: 'unknown_platform' },
      { pointer: '/social_links/1', code: 'not_an_object' },
    ],
  })

  it('reports one error per field and keeps every issue', () => {
    expect(Object.keys(error.field_errors)).toEqual(['bio', 'social_links'])
    expect(error.field_errors.social_links?.code).toBe('unknown_platform')
    expect(error.issues).toHaveLength(3)
  })

  it('says in its message which fields are wrong and how', () => {
    expect(error.message).toBe('account_validation_error: bio (too_long), social_links (unknown_platform)')
    expect(error.field_errors.bio?.developer_message).toBe('too_long at /bio')
    expect(error.field_errors.bio?.user_message).toBe('This must have 300 characters at most.')
  })

  it('lets the host make the sentences, and stays English where the host has none', () => {
    const translated = new UserCoreError('account_validation_error', {
      issues: error.issues,
      translate: ({ code, field, params }) => (code === 'too_long' ? `${field}: höchstens ${params?.max}` : undefined),
    })
    expect(translated.field_errors.bio?.user_message).toBe('bio: höchstens 300')
    expect(translated.field_errors.social_links?.user_message).toBe('This platform is not supported.')
  })

  it('takes a field called __proto__ for a field', () => {
    const hostile = new UserCoreError('account_validation_error', {
      issues: [{ pointer: '/__proto__', code: 'forbidden_name' }],
    })
    expect(Object.keys(hostile.field_errors)).toEqual(['__proto__'])
    expect(({} as Record<string, unknown>).code).toBeUndefined()
  })

  it.each([
    ['fields', (n: number) => ({ issues: many(n, (index) => ({ pointer: `/field${index}`, code: 'unknown_field' })) })],
    ['a long name', (n: number) => ({ issues: [{ pointer: `/${'a/b~0'.repeat(n)}`, code: 'unknown_field' }] })],
    [
      'a name of pairs',
      (n: number) => ({ issues: [{ pointer: `/x${'\u{1f469}'.repeat(n)}`, code: 'unknown_field' }] }),
    ],
    ['tildes', (n: number) => ({ issues: [{ pointer: `/${'~1'.repeat(n)}`, code: 'unknown_field' }] })],
    ['items', (n: number) => ({ issues: many(n, (index) => ({ pointer: `/list/${index}`, code: 'not_an_object' })) })],
    ['a message', (n: number) => ({ issues: [{ pointer: '/x', code: 'schema', params: { message: 'm'.repeat(n) } }] })],
    ['params', (n: number) => ({ params: { settings: many(n, (index) => `setting${index}`).join(', ') } })],
  ] satisfies [string, (n: number) => ConstructorParameters<typeof UserCoreError>[1]][])(
    'is bounded, and a well-formed text, with any number of %s',
    (_, options) => {
      const sizes = [10_000, 20_000].map((n) => {
        const { message, params, issues, field_errors } = new UserCoreError('account_validation_error', options(n))
        expect(message.length).toBeLessThanOrEqual(1000)
        for (const { pointer } of issues) expect(pointer).toMatch(/^(?:[^~]|~[01])*$/u)
        return JSON.stringify({ message, params, issues, field_errors }).length
      })
      expect(Math.max(...sizes)).toBeLessThan(100_000)
      expect(sizes[1]).toBeLessThanOrEqual((sizes[0] ?? 0) + 10)
    },
  )

  it('tells the first hundred issues, and how many are left', () => {
    const issues = many(250, (index): Issue => ({ pointer: `/field${index}`, code: 'unknown_field' }))
    const bounded = new UserCoreError('account_validation_error', { issues })
    expect(bounded.issues).toEqual(issues.slice(0, 100))
    expect(Object.keys(bounded.field_errors)).toHaveLength(100)
    expect(bounded.issues_omitted).toBe(150)
    expect(bounded.message).toMatch(/… and 150 more issues$/)
    expect(error.issues_omitted).toBe(0)
  })

  it('is recognised by its name, so that another copy of the package counts', () => {
    expect(isUserCoreError(error)).toBe(true)
    expect(isUserCoreError(Object.assign(new Error(), { name: 'UserCoreError', code: 'conflict' }))).toBe(true)
    expect(isUserCoreError(new Error())).toBe(false)
    expect(isUserCoreError({ name: 'UserCoreError', code: 'conflict' })).toBe(false)
  })
})

describe('errorStatus', () => {
  it.each([
    ['not_authenticated', 401],
    ['not_authorized', 403],
    ['user_not_found', 404],
    ['rate_limited', 429],
    ['account_validation_error', 400],
    ['internal_error', 500],
  ] as const)('returns the status of the original for %s', (code, status) => {
    expect(errorStatus(new UserCoreError(code))).toBe(status)
  })

  it('returns 500 for any other error', () => expect(errorStatus(new Error())).toBe(500))
})
