import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyJsonPatch, diffJsonPatch, type JsonPatchOperation } from '../../src/patch/json-patch.ts'
import { applyMergePatch, diffMergePatch } from '../../src/patch/merge-patch.ts'
import { isUserCoreError } from '../../src/values/errors.ts'
import type { JsonValue } from '../../src/values/json.ts'
import { hostileJson, hostilePath, pollutedJson } from '../patch/arbitrary.ts'

/**
 * Fuzzing of the patch wrappers: whatever comes in, they answer JSON or throw a usercore error, leave their arguments
 * and every prototype alone, and share nothing with what they got.
 */

const numRuns = 100_000
const json = fc.oneof({ arbitrary: hostileJson, weight: 9 }, { arbitrary: pollutedJson, weight: 1 })
const operation = fc.record(
  {
    op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'toString', 'constructor'),
    path: hostilePath,
    from: hostilePath,
    value: json,
  },
  { requiredKeys: ['op', 'path'] },
) as fc.Arbitrary<JsonPatchOperation>

const prototypes = [Object.prototype, Array.prototype, Function.prototype, String.prototype]
const membersOf = () => prototypes.map((prototype) => Object.getOwnPropertyNames(prototype).join())
const before = membersOf()

/** Runs a call and checks what must hold whatever it does. */
function probe(call: (a: JsonValue, b: JsonValue) => JsonValue, a: JsonValue, b: JsonValue): void {
  const copies = [a, b].map((value) => JSON.stringify(value))
  try {
    const result = call(a, b)
    expect(JSON.parse(JSON.stringify(result))).toEqual(result)
    overwrite(result)
  } catch (error) {
    if (!isUserCoreError(error)) throw error
    expect(error.code).toBe('patch_error')
  }
  expect([a, b].map((value) => JSON.stringify(value))).toEqual(copies)
  expect(membersOf()).toEqual(before)
  expect(({} as Record<string, unknown>).a).toBeUndefined()
}

/** Ruins a value, to see whether anything else was part of it. */
function overwrite(value: JsonValue): void {
  if (typeof value !== 'object' || value === null) return
  for (const member of Object.values(value)) overwrite(member)
  if (Array.isArray(value)) (value as unknown[]).push('ruined')
  else (value as Record<string, unknown>).ruined = true
}

describe('fuzzing', () => {
  it('applyMergePatch', () => {
    fc.assert(
      fc.property(json, json, (document, patch) => probe(applyMergePatch, document, patch)),
      { numRuns },
    )
  })

  it('diffMergePatch', () => {
    fc.assert(
      fc.property(json, json, (one, other) => probe(diffMergePatch, one, other)),
      { numRuns },
    )
  })

  it('applyJsonPatch', () => {
    const call = (document: JsonValue, operations: JsonValue) =>
      applyJsonPatch(document, operations as unknown as JsonPatchOperation[])
    fc.assert(
      fc.property(json, fc.array(operation, { maxLength: 6 }), (document, operations) =>
        probe(call, document, operations as unknown as JsonValue),
      ),
      { numRuns },
    )
  })

  it('diffJsonPatch, applied', () => {
    const call = (one: JsonValue, other: JsonValue) => applyJsonPatch(one, diffJsonPatch(one, other))
    fc.assert(
      fc.property(json, json, (one, other) => probe(call, one, other)),
      { numRuns },
    )
  })
})
