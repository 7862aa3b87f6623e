import fc from 'fast-check'
import type { JsonValue } from '../../src/values/json.ts'

const spelt = fc.constantFrom('5', '-0', '1.0', '1e3', 'True', 'False', 'true', 'null', '{}', '[]', '""', ' 5', 'dark')
const text = fc.oneof(
  fc.string(),
  spelt,
  fc.jsonValue().map((value) => JSON.stringify(value)),
)
const quotedText = fc.tuple(text, fc.nat(3)).map(([inner, times]) => {
  let quoted = inner
  for (let count = 0; count < times; count++) quoted = JSON.stringify(quoted)
  return quoted
})

/** Values of preferences, most of them texts that spell another value. */
export function anyValue(): fc.Arbitrary<JsonValue> {
  const value = fc.oneof(
    quotedText,
    fc.jsonValue() as fc.Arbitrary<JsonValue>,
    fc.boolean(),
    fc.double({ noNaN: true }),
  )
  return value.filter((one) => one !== null && Number.isFinite(typeof one === 'number' ? one : 0))
}
