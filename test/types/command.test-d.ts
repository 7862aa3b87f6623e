import type { Kysely } from 'kysely'
import { expectTypeOf, it } from 'vitest'
import type { CommandConfig } from '../../src/kysely/index.ts'

interface Tables {
  members: { id: number }
}

it('a file for the command line opens a database of any tables', () => {
  expectTypeOf<{ connect: () => Kysely<Tables> }>().toExtend<CommandConfig<Tables>>()
  expectTypeOf<{ connect: () => Promise<Kysely<unknown>> }>().toExtend<CommandConfig>()
  expectTypeOf<{ dialect: 'oracle' }>().not.toExtend<CommandConfig>()
})
