import fc from 'fast-check'
import type { JsonValue } from '../../src/values/json.ts'

/** Names that code often mishandles, and that reach no prototype. */
const hostileNames = [
  '',
  'a',
  'b',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'toJSON',
  'length',
  '0',
  '-',
  'a/b',
  'a~b',
  '~1',
  '.x',
]

/** JSON values whose members have such names. */
export const hostileJson: fc.Arbitrary<JsonValue> = fc.letrec<{ json: JsonValue }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(
      fc.constantFrom<JsonValue>(null, true, false, '', 'x'),
      fc.integer().map((number) => number || 0),
    ),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...hostileNames), tie('json'), { maxKeys: 5 }).map((object) => ({ ...object })),
  ),
})).json

/** JSON values that reach for prototypes. */
export const pollutedJson: fc.Arbitrary<JsonValue> = fc
  .tuple(hostileJson, fc.constantFrom('__proto__', 'constructor', 'prototype'), hostileJson)
  .map(([value, name, member]) =>
    JSON.parse(`{"a":${JSON.stringify(value)},"${name}":${JSON.stringify(member)},"z":1}`),
  )

/** Paths into such values, valid and invalid ones. */
export const hostilePath: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...hostileNames, '1', '01', '__proto__', 'constructor', 'prototype'), { maxLength: 4 })
  .map((tokens) => tokens.map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''))
