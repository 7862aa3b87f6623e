import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { expect, it } from 'vitest'
import { kyselyRepository, migrate } from '../../../src/kysely/index.ts'
import type { Repository } from '../../../src/port/repository.ts'
import { anonymous, system } from '../../../src/site/actor.ts'
import { drain, withPeople } from '../../support/host.ts'

it.each(['5/d', ''])(
  'a request for an activation key runs as many statements whether one is sent or not (limit: %o)',
  async (activation_rate_limit) => {
    const statements: string[] = []
    const db = new Kysely<unknown>({
      dialect: new SqliteDialect({ database: new Database(':memory:') }),
      log: (event) => void statements.push(event.query.sql),
    })
    await migrate(db, { dialect: 'sqlite' })
    const repository = kyselyRepository(db, { dialect: 'sqlite' }) as Repository
    const users = await withPeople(repository, { settings: { activation_rate_limit } })
    await users.accounts.create(system, { username: 'eve', email: 'eve@example.com', name: 'Eve' })
    await users.accounts.updateAsOperator(system, 'bob', { is_active: false })
    const ask = async (email: string) => {
      await drain(users)
      statements.length = 0
      await users.accounts.requestActivation(anonymous, email)
      const count = statements.length
      return { count, sent: (await drain(users)).map(({ name }) => name) }
    }
    const waiting = await ask('eve@example.com')
    expect(waiting.sent).toEqual(['activation'])
    for (const email of ['ada@example.com', 'bob@example.com', 'nobody@example.com', 'no address'])
      expect(await ask(email), email).toEqual({ count: waiting.count, sent: [] })
    if (activation_rate_limit === '') return
    for (let count = 1; count < 5; count++) expect(await ask('eve@example.com')).toEqual(waiting)
    expect(await ask('eve@example.com')).toEqual({ count: waiting.count, sent: [] })
  },
)
