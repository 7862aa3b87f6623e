import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { applyJsonPatch, type JsonPatchOperation } from '../../src/patch/json-patch.ts'
import { applyMergePatch } from '../../src/patch/merge-patch.ts'
import type { JsonValue } from '../../src/values/json.ts'

interface JsonPatchCase {
  readonly comment?: string
  readonly doc: JsonValue
  readonly patch: JsonPatchOperation[]
  readonly expected?: JsonValue
  readonly error?: string
  readonly disabled?: boolean
}

const read = <T>(file: string): T[] => JSON.parse(readFileSync(join(import.meta.dirname, file), 'utf8'))
const nameOf = ({ comment, error, patch }: JsonPatchCase, index: number) =>
  `${index}: ${comment ?? error ?? JSON.stringify(patch)}`

describe.each(['json-patch-tests.json', 'json-patch-spec_tests.json'])('%s', (file) => {
  // The suite disables two kinds of cases itself; entries without a patch are headings.
  const cases = read<JsonPatchCase>(file).filter((entry) => entry.patch !== undefined && entry.disabled !== true)

  it('has its cases', () => expect(cases.length).toBeGreaterThan(10))

  it.each(cases.map((entry, index) => ({ name: nameOf(entry, index), entry })))('$name', ({ entry }) => {
    const before = structuredClone(entry)
    if (entry.error === undefined) {
      const result = applyJsonPatch(entry.doc, entry.patch)
      if (entry.expected !== undefined) expect(result).toEqual(entry.expected)
    } else {
      expect(() => applyJsonPatch(entry.doc, entry.patch)).toThrow(expect.objectContaining({ code: 'patch_error' }))
    }
    expect(entry).toEqual(before)
  })
})

describe('RFC 7396, appendix A', () => {
  const cases = read<{ original: JsonValue; patch: JsonValue; result: JsonValue }>('rfc7396-appendix-a.json')
  it('has its fifteen examples', () => expect(cases).toHaveLength(15))
  it.each(cases)('$original with $patch is $result', ({ original, patch, result }) =>
    expect(applyMergePatch(original, patch)).toEqual(result),
  )
})
