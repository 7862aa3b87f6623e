import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { createUserCore } from '../../../src/create-user-core.ts'
import { kyselyRepository, migrate, type UserTable, verifyMapping } from '../../../src/kysely/index.ts'
import { system } from '../../../src/site/actor.ts'
import { databases } from '../../stores/databases.ts'
import { makeMembers, mappingOn, soundColumns } from './table.ts'

/** Columns that hold the state of a person, and those that mark a row as deleted. */
const states = [
  {
    columns: { enabled: 'varchar(20) not null', gone: 'varchar(30) null' },
    status: { active: ['enabled', 'trial'], inactive: 'blocked' },
    deleted: { column: 'gone' },
    mark: '2024-06-15',
  },
  {
    columns: { enabled: 'integer not null', gone: 'integer default 0 not null' },
    status: { active: [1, 2], inactive: 0 },
    deleted: { column: 'gone', is: 1 },
    mark: 1,
  },
] as const

describe.each(Object.entries(databases))('the state of a person in a table of the host on %s', (_, create) => {
  it.each(states)('is a value of $columns.enabled, and a row marked in $columns.gone is absent', async (state) => {
    const database = await create('empty')
    const { dialect } = database
    const db = database.connect()
    const { status, deleted, mark } = state
    const users: UserTable = { ...mappingOn(dialect), status, deleted }
    await makeMembers(db, dialect, { ...soundColumns[dialect], ...state.columns })
    expect(await verifyMapping(db, { dialect, users })).toEqual([])
    const nowhere = { ...users, deleted: { column: 'nowhere' } }
    expect(await verifyMapping(db, { dialect, users: nowhere })).toMatchObject([
      { code: 'no_column', column: 'nowhere' },
    ])
    await migrate(db, { dialect, users })
    const repository = kyselyRepository(db, { dialect, users })
    const core = createUserCore({ repository })
    const add = (username: string) =>
      core.accounts.create(system, { username, email: `${username}@example.com`, name: username }, { active: true })
    const stored = async () =>
      (await sql<{ enabled: unknown }>`select enabled from members`.execute(db)).rows[0]?.enabled
    const isActive = async () => (await core.accounts.get(system, 'ada')).is_active

    const { id } = await add('ada')
    expect([await stored(), await isActive()]).toEqual([status.active[0], true])
    await core.accounts.updateAsOperator(system, 'ada', { is_active: false })
    expect([await stored(), await isActive()]).toEqual([status.inactive, false])
    expect(await repository.select('users', { is_active: false })).toHaveLength(1)
    await sql`update members set enabled = ${status.active[1]}`.execute(db)
    expect(await isActive()).toBe(true)
    await core.accounts.update({ username: 'ada' }, 'ada', { bio: 'x' })
    expect(await stored()).toBe(status.active[1])

    await sql`update members set gone = ${mark}`.execute(db)
    await expect(core.accounts.get(system, 'ada')).rejects.toMatchObject({ code: 'user_not_found' })
    await expect(core.accounts.get(system, { id })).rejects.toMatchObject({ code: 'user_not_found' })
    expect(await repository.select('users', {})).toEqual([])
    await expect(add('ada')).rejects.toMatchObject({ field_errors: { username: { code: 'conflict' }, email: {} } })
    await database.close()
  })
})
