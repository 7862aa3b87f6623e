import type { Kysely, Transaction } from 'kysely'
import { describe, expectTypeOf, it } from 'vitest'
import { createUserCore, type Repository } from '../../src/index.ts'
import { kyselyRepository } from '../../src/kysely/index.ts'
import type { Earlier, notNull, Tables, Where, Write } from '../../src/port/index.ts'

interface HostTables {
  orders: { id: number }
}

declare const db: Kysely<HostTables>
declare const trx: Transaction<HostTables>

describe('the transaction type of the host', () => {
  it('is inferred from its database, all the way to hooks and with', () => {
    const repository = kyselyRepository(db, { dialect: 'sqlite' })
    expectTypeOf(repository).toEqualTypeOf<Repository<Transaction<HostTables>>>()
    const users = createUserCore({
      repository,
      credentials: {
        verify: async () => true,
        set: async (_user, _password, transaction) => {
          expectTypeOf(transaction).toEqualTypeOf<Transaction<HostTables>>()
        },
        disable: async () => {},
      },
    })
    users.with(trx)
    // @ts-expect-error a database is no transaction
    users.with(db)
  })
})

describe('a write', () => {
  it('has the columns of its table', () => {
    expectTypeOf<{ delete: 'social_links'; where: { platform: string[] } }>().toExtend<Write>()
    expectTypeOf<Where<'profiles'>['bio']>().toEqualTypeOf<
      string | null | readonly string[] | typeof notNull | Earlier | undefined
    >()
    expectTypeOf<Where<'profiles'>['version']>().toEqualTypeOf<
      number | readonly number[] | typeof notNull | undefined
    >()
    // @ts-expect-error a column of another table
    const write: Write = { update: 'profiles', set: { username: 'x' }, where: {} }
    // @ts-expect-error a table without versions
    const put: Write = { put: 'social_links', rows: [] }
    void [write, put]
  })

  it('covers every table', () =>
    expectTypeOf<Extract<Write, { insert: unknown }>['insert']>().toEqualTypeOf<keyof Tables>())
})
