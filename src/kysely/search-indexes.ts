import { DummyDriver, Kysely, type RawBuilder, sql } from 'kysely'
import { dialectOf } from './dialect.ts'
import type { MigrateOptions } from './migrate.ts'
import { namesOf } from './names.ts'
import { requireNaming } from './options.ts'
import { statements } from './statements.ts'

/**
 * Returns the statements that make the indexes which `accounts.list` reads along in tables of a host or of another system,
 * for their owner to run: the library never alters these tables. None where people are in a table of the library. Without
 * them lists are right, and their time grows with the number of people.
 *
 * An index of MySQL on the name or the address itself is there already, since both are unique; a `status` in the place of
 * `is_active` is not indexed.
 *
 * ```ts
 * const columns = { id: 'id', username: 'login', email: 'mail', is_active: 'enabled', date_joined: 'joined' }
 * const statements = searchIndexes({ dialect: 'postgres', users: { table: 'members', idType: 'bigint', columns } })
 * ```
 */
export function searchIndexes(options: MigrateOptions): string[] {
  requireNaming(options)
  const dialect = dialectOf(options.dialect)
  const names = namesOf(options)
  const { users, layout } = names
  if (users === undefined) return []
  const db = new Kysely<unknown>({ dialect: { ...dialect.kyselyParts, createDriver: () => new DummyDriver() } })
  const on = statements(db, dialect, names)
  const make = (name: string, table: RawBuilder<unknown>, columns: readonly RawBuilder<unknown>[]) =>
    `${sql`create index ${sql.id(names.own(`list_${name}`))} on ${table} (${sql.join(columns)})`.compile(db).sql};`
  const id = on.column('users', 'id')
  const ofPeople = (name: string, columns: readonly RawBuilder<unknown>[]) => make(name, on.table('users'), columns)
  const texts = (['username', 'email'] as const).flatMap((name) => {
    if (name === 'username' && names.hasIdsAsNames) return []
    const { indexed } = dialect.listedForeign(on.column('users', `${name}_key`))
    return indexed === undefined ? [] : [ofPeople(name, [indexed])]
  })
  return [
    ...texts,
    ofPeople('date_joined', [on.column('users', 'date_joined'), id]),
    ...(users.status === undefined ? [ofPeople('is_active', [on.column('users', 'is_active'), id])] : []),
    ...(layout === undefined ? [] : [make('country', layout.profileTable, [sql.ref('country'), sql.ref('user_id')])]),
  ]
}
