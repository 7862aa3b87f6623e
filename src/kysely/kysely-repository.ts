import type { Kysely, Transaction } from 'kysely'
import { notStorable, type Repository } from '../port/repository.ts'
import { areStorable, isStorable } from '../port/storable.ts'
import type { UserId, UserRow } from '../port/tables.ts'
import { takingTurns } from '../port/turns.ts'
import type { Where, Write } from '../port/write.ts'
import { applyWrite, insertRows, isAtomic, runSteps } from './apply-write.ts'
import { countRetirements } from './count-retirements.ts'
import { type DialectName, dialectOf } from './dialect.ts'
import { type Erasure, erasureOf } from './erasure.ts'
import { expiredKeys } from './expired-keys.ts'
import { findAccounts } from './find-accounts.ts'
import { findClaims } from './find-claims.ts'
import { findOrgTags } from './find-org-tags.ts'
import { findPreferences } from './find-preferences.ts'
import { connectionOf, inSchemaOf, plain, schemaOf } from './host-database.ts'
import { insertForPerson } from './insert-for-person.ts'
import { leaseOutbox } from './lease-outbox.ts'
import { leasedRetirements, leaseRetirements } from './lease-retirements.ts'
import { type NamingOptions, namesOf } from './names.ts'
import { requireDatabase, requireTransaction } from './options.ts'
import { pageAccounts } from './page-accounts.ts'
import { pageRetirements } from './page-retirements.ts'
import { countOutbox, pageDeadMessages } from './read-outbox.ts'
import { searchTexts } from './search-texts.ts'
import { pageRows, pageUsers, select } from './select.ts'
import { selectEach } from './select-each.ts'
import { reading, type Statements, statements } from './statements.ts'
import { runStatement, runUnit } from './unit-of-work.ts'
import { unitStatement } from './unit-statement.ts'
import { isIntegerType } from './user-table.ts'

/** Options of a repository: its database, and the names of tables in it. */
export interface KyselyRepositoryOptions extends NamingOptions {
  /** The database behind the Kysely instance. */
  readonly dialect: DialectName
  /**
   * Makes reads wait until the node of a Galera cluster that they run on has applied all that was committed before, on
   * any node. Costs a round trip between the nodes for each read. Default false. Without effect on other databases, and
   * inside a transaction of the host, whose first read decides what the later ones see: set `wsrep_sync_wait` on its
   * connection.
   */
  readonly readAfterWrite?: boolean
}

/**
 * Makes a repository over a Kysely database of the host, or over a transaction of it. Plugins of the instance do not
 * touch our statements. The tables must be there: see `migrate`.
 */
export function kyselyRepository<DB>(
  db: Kysely<DB> | Transaction<DB>,
  options: KyselyRepositoryOptions,
): Repository<Transaction<DB>> {
  requireDatabase(db, options)
  const on = statements(plain(db), dialectOf(options.dialect), namesOf(inSchemaOf(db, options)))
  return repositoryOn<DB>(on, schemaOf(db), options.readAfterWrite === true ? on.afterWrites() : on, erasureOf(on))
}

/** Makes a repository whose writes and reads run on these statements. */
function repositoryOn<DB>(
  on: Statements,
  schema: string | undefined,
  reads: Statements,
  erasure: Erasure,
): Repository<Transaction<DB>> {
  const asHostTransaction = (db: Kysely<unknown>) => db as unknown as Transaction<DB>
  return {
    usernames: on.names.hasIdsAsNames ? 'ids' : undefined,
    idType: isIntegerType(on.names.users?.idType ?? 'bigint') ? 'integer' : 'text',
    findAccounts: (by) => reading(reads, 'find accounts', () => findAccounts(reads, by)),
    findPreferences: (request) => reading(reads, 'find preferences', () => findPreferences(reads, request)),
    findOrgTags: (request) => reading(reads, 'find tags', () => findOrgTags(reads, request)),
    findClaims: (by) => reading(reads, 'find claims', () => findClaims(reads, by)),
    pageRetirements: (page) => reading(reads, 'page of retirements', () => pageRetirements(reads, page)),
    pageAccounts: (page) => reading(reads, 'page of people', () => pageAccounts(reads, page)),
    pageUsers: (table, where, page) => reading(reads, `page ${table}`, () => pageUsers(reads, table, where, page)),
    select: (table, where) => reading(reads, `select ${table}`, () => select(reads, table, where)),
    selectEach: (selections) => reading(reads, 'select each', () => selectEach(reads, selections)),
    pageRows: (table, where, page) => reading(reads, `rows of ${table}`, () => pageRows(reads, table, where, page)),
    searchTexts: (table, search) => reading(reads, `search ${table}`, () => searchTexts(reads, table, search)),
    expiredKeys: (page) => reading(reads, 'expired keys', () => expiredKeys(reads, page)),

    async insertUser(user, rest, inside) {
      let id: UserId | undefined
      if (!areStorable([{ update: 'users', set: user, where: {} }])) throw notStorable()
      await erasure.prepare(on)
      const stored = await runUnit(
        on,
        async (unit) => {
          id = await insertUser(unit, user)
          if (id === undefined) return false
          const writes = rest(id)
          if (!areStorable(writes)) throw notStorable()
          return applyAll(unit, writes)
        },
        async (db) => {
          if (id !== undefined) await inside?.(asHostTransaction(db), id)
        },
      )
      return stored ? id : undefined
    },

    async commit(writes, inside, { erases = false } = {}) {
      if (!areStorable(writes)) throw notStorable()
      await erasure.prepare(on)
      const whole = unitStatement(on, writes)
      const apply = (unit: Statements) => (whole === undefined ? applyAll(unit, writes) : runSteps(unit, [whole]))
      const isAlone = inside === undefined && !on.db.isTransaction
      const isStored =
        isAlone && (whole !== undefined || isOneStatement(on, writes))
          ? await runStatement(on, () => apply(on))
          : await runUnit(on, apply, async (db) => inside?.(asHostTransaction(db)))
      if (isStored && erases) await erasure.finish(on)
      return isStored
    },

    async leaseOutbox(request) {
      await erasure.prepare(on)
      return reading(on, 'lease outbox', () => leaseOutbox(on, request))
    },
    countOutbox: ({ now }) => reading(reads, 'count outbox', () => countOutbox(reads, now)),
    pageDeadMessages: (page) => reading(reads, 'page of dead messages', () => pageDeadMessages(reads, page)),

    async leaseRetirements(request) {
      await erasure.prepare(on)
      const { layout } = on.names
      if (layout === undefined) return reading(on, 'lease retirements', () => leaseRetirements(on, request))
      let taken: readonly UserId[] = []
      const take = async (unit: Statements) => {
        taken = await layout.leaseRetirements(unit, request)
        return true
      }
      await runUnit(on, take, async () => {})
      return taken.length === 0
        ? []
        : reading(on, 'leased retirements', () => leasedRetirements(on, request.lease, taken))
    },
    countRetirements: ({ before }) => reading(reads, 'count retirements', () => countRetirements(reads, before)),

    with(transaction) {
      requireTransaction(transaction, schema, on.dialect.name)
      const db = plain(transaction)
      return takingTurns(() => connectionOf(db), repositoryOn<DB>(on.on(db), schema, reads.on(db), erasure))
    },
  }
}

/** Tells whether the writes of a unit are one statement that needs no transaction around it. */
function isOneStatement(on: Statements, [only, ...others]: readonly Write[]): boolean {
  return only !== undefined && others.length === 0 && on.names.layout === undefined && isAtomic(only, on.dialect)
}

async function applyAll(on: Statements, writes: readonly Write[]): Promise<boolean> {
  if (on.names.layout !== undefined) return on.names.layout.apply(on, writes)
  const last = insertForPerson(on, writes)
  for (const write of last === undefined ? writes : writes.slice(0, -2)) {
    if (!(await applyWrite(on, write))) return false
  }
  return last === undefined || runSteps(on, [last])
}

/** Returns the condition that finds a person by a column with a unique index. */
function uniqueOf({ names }: Statements, { username, username_key, email }: Omit<UserRow, 'id'>): Where<'users'> {
  if (names.hasIdsAsNames) return { email }
  return names.column('users', 'username_key') === undefined ? { username } : { username_key }
}

/** Stores a person. An id that the database gives is read back, since not every database has `returning`. */
async function insertUser(on: Statements, user: Omit<UserRow, 'id'>): Promise<UserId | undefined> {
  const { names } = on
  const id = names.users?.newId?.()
  if (names.users?.newId !== undefined && !isStorable('id', id)) {
    // The id could be a promise, whose rejection no other code would handle.
    Promise.resolve(id).catch(() => {})
    throw notStorable()
  }
  const columns = names.columns('users').filter((column) => column !== 'id' || id !== undefined)
  await insertRows(on, 'users', [{ ...user, id }], columns)
  if (id !== undefined) return id
  const [row] = await select(on, 'users', uniqueOf(on, user))
  return row?.id
}
