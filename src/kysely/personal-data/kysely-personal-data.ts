import type { Kysely, Transaction } from 'kysely'
import { type DeclaredSources, declaredSources } from '../../port/declared-sources.ts'
import type { PersonalDataSource } from '../../port/personal-data.ts'
import type { PersonalDataStore } from '../../port/personal-data-store.ts'
import { turnsOn } from '../../port/turns.ts'
import { type DialectName, dialectOf } from '../dialect.ts'
import { type Erasure, erasureOf } from '../erasure.ts'
import { connectionOf, inSchemaOf, plain, schemaOf } from '../host-database.ts'
import { type NamingOptions, namesOf } from '../names.ts'
import { requireDatabase, requireTransaction } from '../options.ts'
import { reading, type Statements, statements } from '../statements.ts'
import { eraseChunk } from './erase-chunk.ts'
import { findEqual } from './find-equal.ts'
import { findTraces } from './find-traces.ts'
import { liveSources } from './live-sources.ts'
import { findReferences } from './source-references.ts'
import { countRows, readCursor, readRows } from './source-rows.ts'

/** Options of `kyselyPersonalData`: its database, and the tables of the host with data of people. */
export interface KyselyPersonalDataOptions extends NamingOptions {
  /** The database behind the Kysely instance. */
  readonly dialect: DialectName
  /** The tables of the host with data of people: see `definePersonalData`. Those of the library are known. */
  readonly sources: readonly PersonalDataSource[]
}

/**
 * Makes the store of personal data over tables of the host, for the option `personalData` of `createUserCore`. It takes the
 * options of `kyselyRepository`, and has to be over the same database where `users.with` is used. Tables are described by
 * the catalogue when they are first asked for.
 *
 * ```ts
 * const options = { dialect: 'sqlite' } as const
 * const users = createUserCore({
 *   repository: kyselyRepository(db, options),
 *   personalData: kyselyPersonalData(db, { ...options, sources: [orders] }),
 * })
 * ```
 *
 * Throws `config_error` for invalid options and sources.
 */
export function kyselyPersonalData<DB>(
  db: Kysely<DB> | Transaction<DB>,
  options: KyselyPersonalDataOptions,
): PersonalDataStore<Transaction<DB>> {
  requireDatabase(db, options)
  const home = schemaOf(db)
  const inHome = (source: PersonalDataSource) =>
    source.schema === undefined && home !== undefined ? { ...source, schema: home } : source
  const declared = declaredSources(options.sources, inHome)
  const on = statements(plain(db), dialectOf(options.dialect), namesOf(inSchemaOf(db, options)))
  return storeOn<DB>(on, { declared, schema: home, live: liveSources(), erasure: erasureOf(on) })
}

/** The parts of a store that are the same inside transactions. */
interface Parts {
  readonly declared: DeclaredSources
  readonly schema: string | undefined
  readonly live: ReturnType<typeof liveSources>
  readonly erasure: Erasure
}

function storeOn<DB>(on: Statements, parts: Parts): PersonalDataStore<Transaction<DB>> {
  const { declared, schema, live, erasure } = parts
  const find = (name: string) => live(on, declared.of(name))
  return {
    sources: declared.sources,
    async count(name, person) {
      const source = await find(name)
      return reading(on, 'count of a source', () => countRows(on, source, person))
    },
    async read(name, person, { after, limit }) {
      const source = await find(name)
      const behind = readCursor(source, after)
      return reading(on, 'page of a source', () => readRows(on, source, person, behind, limit))
    },
    async find(name, person, search) {
      const source = await find(name)
      const behind = readCursor(source, search.after)
      return reading(on, 'search of a source', () => findTraces(on, source, person, search, behind))
    },
    async findEqual(name, columns, values) {
      const source = await find(name)
      return reading(on, 'search of a source', () => findEqual(on, source, columns, values))
    },
    async erase(name, person, { after, pseudonym }) {
      const { erase } = declared.of(name).source.treatment
      if (erase === 'step' || erase === 'never') return { rows: 0, next: null }
      const source = await find(name)
      const behind = readCursor(source, after)
      await erasure.prepare(on)
      const chunk = await eraseChunk(on, source, person, behind, pseudonym)
      if (chunk.next === null) await erasure.finish(on)
      return chunk
    },
    references: () => reading(on, 'references to sources', () => findReferences(on, declared.sources)),
    with(transaction) {
      requireTransaction(transaction, schema, on.dialect.name)
      const db = plain(transaction)
      const inside = storeOn<DB>(on.on(db), parts)
      const turn = turnsOn(() => connectionOf(db))
      return {
        ...inside,
        count: (source, person) => turn(() => inside.count(source, person)),
        read: (source, person, page) => turn(() => inside.read(source, person, page)),
        find: (source, person, search) => turn(() => inside.find(source, person, search)),
        findEqual: (source, columns, values) => turn(() => inside.findEqual(source, columns, values)),
        erase: (source, person, options) => turn(() => inside.erase(source, person, options)),
        references: () => turn(() => inside.references()),
      }
    },
  }
}
