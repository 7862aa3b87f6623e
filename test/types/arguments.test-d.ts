import { describe, expectTypeOf, it } from 'vitest'
import type { Actor } from '../../src/index.ts'
import type { ArgumentTable } from '../../src/runtime/checked-operations.ts'
import type { Argument } from '../../src/values/kinds.ts'

interface Operations {
  look(actor: Actor, name?: string | null): Promise<string>
  list(actor: Actor): AsyncGenerator<string>
  who(): string
  readonly nested: object
}

describe('a table of arguments', () => {
  it('has an entry for each operation, with as many arguments as it has parameters', () => {
    expectTypeOf<ArgumentTable<Operations>>().toEqualTypeOf<{
      readonly look: readonly [Argument, Argument]
      readonly list: { readonly items: readonly [Argument] }
      readonly who: { readonly value: readonly [] }
    }>()
  })
})
