import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject, JsonValue } from '../../src/values/json.ts'

/** One call of a case. */
export interface Call {
  readonly op: string
  readonly actor: string
  readonly args: JsonObject
}

/** The outcome that a call must have. */
export interface Outcome {
  readonly ok?: JsonValue
  readonly match?: 'exact' | 'subset'
  readonly unordered?: boolean
  readonly error?: string | readonly string[]
  readonly fields?: readonly string[]
  readonly details?: JsonObject
}

export interface Vector {
  readonly id: string
  readonly source: string
  readonly layer?: 'request'
  readonly tags?: readonly string[]
  readonly given: JsonObject
  readonly when: Call
  readonly then: Outcome
  readonly after?: readonly (Call & Outcome)[]
}

/** Reads every case of a folder of vectors, with `$repeat` written out. */
export function readVectors(folder: string): Vector[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .flatMap((file) => writeOut(JSON.parse(readFileSync(join(folder, file), 'utf8'))) as unknown as Vector[])
}

function writeOut(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(writeOut)
  if (typeof value !== 'object' || value === null) return value
  const object = value as JsonObject
  const repeat = object.$repeat as { text: string; count: number } | undefined
  if (repeat !== undefined) return repeat.text.repeat(repeat.count)
  return Object.fromEntries(Object.entries(object).map(([name, member]) => [name, writeOut(member)]))
}
