import { describe, expect, it } from 'vitest'
import { accountDocument } from '../../src/accounts/account-document.ts'
import { patchableAccount, updateFromJsonPatch } from '../../src/accounts/json-patch-update.ts'
import { readingOf } from '../../src/accounts/visibility.ts'
import type { JsonPatchOperation } from '../../src/patch/json-patch.ts'
import { isUserCoreError } from '../../src/values/errors.ts'
import type { JsonObject } from '../../src/values/json.ts'
import { context } from '../support/context.ts'
import { record } from '../support/record.ts'

const rules = context()
const link = { user_id: 7, platform: 'x', social_link: 'https://www.x.com/ada' }
const stored = record({ bio: 'Hello', country: 'US', state: 'MA' }, { social_links: [link] })

function update(operations: readonly JsonPatchOperation[], extended_profile: JsonObject = {}) {
  const document = accountDocument(stored, readingOf({ username: 'ada' }, {}, rules.settings), rules)
  return updateFromJsonPatch(patchableAccount(document, extended_profile, rules), operations, rules)
}

/** The pointer and code of the issue that stops the operations. */
function refusal(operations: readonly JsonPatchOperation[]) {
  try {
    return update(operations)
  } catch (error) {
    return isUserCoreError(error) && `${error.code} ${error.issues[0]?.pointer} ${error.issues[0]?.code}`
  }
}

describe('a JSON Patch of an account', () => {
  it('becomes an update of the fields that differ in the end', () => {
    const operations: JsonPatchOperation[] = [
      { op: 'test', path: '/bio', value: 'Hello' },
      { op: 'replace', path: '/bio', value: 'Changed' },
      { op: 'replace', path: '/country', value: 'DE' },
      { op: 'replace', path: '/country', value: 'US' },
      { op: 'remove', path: '/state' },
      { op: 'copy', from: '/name', path: '/goals' },
      { op: 'add', path: '/city', value: 'Turin' },
      { op: 'add', path: '/language_proficiencies/-', value: { code: 'it' } },
    ]
    expect(update(operations)).toEqual({
      patch: {
        bio: 'Changed',
        state: null,
        goals: 'Ada Example',
        city: 'Turin',
        language_proficiencies: [{ code: 'it' }],
      },
      extendedProfile: undefined,
      issues: [],
    })
  })

  it('works on the rest where a field holds a value that could not be stored now', () => {
    const odd = JSON.parse('{"a":{"constructor":1},"b":"\\ud800","__proto__":1,"good":1}')
    expect(update([{ op: 'replace', path: '/extended_profile/good', value: 2 }], odd).extendedProfile).toEqual({
      before: { good: 1 },
      after: { good: 2 },
    })
  })

  it('names the links that are gone, and empties lists that are removed', () => {
    const gone = [{ platform: 'x', social_link: '' }]
    expect(update([{ op: 'remove', path: '/social_links/0' }]).patch).toEqual({ social_links: gone })
    expect(update([{ op: 'remove', path: '/social_links' }]).patch).toEqual({ social_links: gone })
    const other = { platform: 'facebook', social_link: 'ada' }
    expect(update([{ op: 'replace', path: '/social_links/0', value: other }]).patch).toEqual({
      social_links: [other, ...gone],
    })
    expect(update([{ op: 'replace', path: '/social_links', value: 'x' }]).patch).toEqual({ social_links: 'x' })
  })

  it('hands on the extended profile before and after', () => {
    const before = { a: 1, b: { c: 2 } }
    const operations: JsonPatchOperation[] = [
      { op: 'remove', path: '/extended_profile/a' },
      { op: 'move', from: '/extended_profile/b/c', path: '/extended_profile/d' },
    ]
    expect(update(operations, before).extendedProfile).toEqual({ before, after: { b: {}, d: 2 } })
    expect(update([{ op: 'remove', path: '/extended_profile' }], before).extendedProfile).toEqual({ before, after: {} })
    expect(update([{ op: 'replace', path: '/extended_profile', value: [] }]).issues).toEqual([
      { pointer: '/extended_profile', code: 'not_an_object' },
    ])
  })

  it('is refused where it changes a field that no patch changes', () => {
    const operations: JsonPatchOperation[] = [
      { op: 'replace', path: '/id', value: 8 },
      { op: 'add', path: '/profile_image/has_image', value: true },
      { op: 'replace', path: '/time_zone', value: 'Europe/Rome' },
      { op: 'replace', path: '/username', value: 'bob' },
      { op: 'replace', path: '/bio', value: 'x' },
    ]
    expect(update(operations).issues.map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([
      '/profile_image read_only',
      '/username read_only',
      '/time_zone read_only',
      '/id read_only',
    ])
    expect(update([{ op: 'replace', path: '', value: [] }]).issues).toEqual([{ pointer: '', code: 'not_an_object' }])
  })

  it.each([
    [[{ op: 'test', path: '/bio', value: 'x' }], 'patch_error /0/path test_failed'],
    [[{ op: 'test', path: '/password', value: 'x' }], 'patch_error /0/path path_not_found'],
    [[{ op: 'copy', from: '/extended_profile/hidden', path: '/bio' }], 'patch_error /0/from path_not_found'],
    [[{ op: 'add', path: '/__proto__/a', value: 1 }], 'patch_error /0/path forbidden_name'],
    [[{ op: 'nothing', path: '/bio' }], 'patch_error /0/op unknown_operation'],
    ['x', 'patch_error  not_a_list'],
  ])('%j is refused as a whole', (operations, expected) => expect(refusal(operations as never)).toBe(expected))

  it('cannot grow beyond its limits', () => {
    const double: JsonPatchOperation[] = Array.from({ length: 40 }, () => ({
      op: 'copy',
      from: '/extended_profile',
      path: '/extended_profile/x',
    }))
    expect(refusal(double)).toMatch(/^patch_error \/\d+ too_(deep|large)$/)
  })
})
