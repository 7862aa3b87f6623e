import { type Expression, type Kysely, type SqlBool, sql } from 'kysely'
import { jsonArrayFrom as postgresArray } from 'kysely/helpers/postgres'
import { jsonArrayFrom as sqliteArray } from 'kysely/helpers/sqlite'
import type { UserId } from '../../src/port/tables.ts'
import type { JsonObject } from '../../src/values/json.ts'
import type { Executor, Schema, Statement } from './executor.ts'
import type { Place } from './places.ts'

/**
 * The reads and writes of the operations, written by hand as a host would: without rules, visibility and history.
 * PostgreSQL and SQLite read lists as JSON beside each person, MySQL and MariaDB with a statement a list.
 */

/** An account as it is read by hand. */
export interface AccountByHand {
  readonly id: UserId
  readonly username: string
  readonly version: number
  readonly languages: readonly unknown[]
  readonly links: readonly unknown[]
  readonly documents: readonly { readonly owner: string; readonly document: JsonObject }[]
  readonly privacy: readonly unknown[]
}

const profileColumns = [
  'p.version',
  'p.name',
  'p.gender',
  'p.year_of_birth',
  'p.level_of_education',
  'p.goals',
  'p.bio',
  'p.country',
  'p.state',
  'p.city',
  'p.mailing_address',
  'p.phone_number',
  'p.profile_image_uploaded_at',
] as const

/** Makes the beginning of a read of accounts, for one name or for any number. */
function people(db: Kysely<Schema>, names: readonly string[]) {
  const query = db
    .selectFrom('usercore_users as u')
    .innerJoin('usercore_profiles as p', 'p.user_id', 'u.id')
    .select(['u.id', 'u.username', 'u.email', 'u.is_active', 'u.date_joined', 'u.last_login', ...profileColumns])
  const [name] = names
  return name !== undefined && names.length === 1
    ? query.where('u.username_key', '=', name)
    : query.where('u.username_key', 'in', names)
}

const privacyValues = ['account_privacy', 'visibility.%']

/** Makes the statement that reads accounts with their lists as JSON. */
function accountsAsJson(jsonArrayFrom: typeof postgresArray): Statement<[readonly string[]], JsonAccount> {
  return {
    name: 'accounts',
    build: (db, names) =>
      people(db, names).select((eb) => [
        jsonArrayFrom(
          eb.selectFrom('usercore_language_proficiencies as l').select('l.code').whereRef('l.user_id', '=', 'u.id'),
        ).as('languages'),
        jsonArrayFrom(
          eb
            .selectFrom('usercore_social_links as s')
            .select(['s.platform', 's.social_link'])
            .whereRef('s.user_id', '=', 'u.id'),
        ).as('links'),
        jsonArrayFrom(
          eb
            .selectFrom('usercore_extended_profiles as e')
            .select(['e.owner', 'e.document', 'e.schema_version'])
            .whereRef('e.user_id', '=', 'u.id'),
        ).as('documents'),
        jsonArrayFrom(
          eb
            .selectFrom('usercore_preferences as f')
            .select(['f.key', 'f.value'])
            .whereRef('f.user_id', '=', 'u.id')
            .where((on) => on.or([on('f.key', '=', 'account_privacy'), on('f.key', 'like', 'visibility.%')])),
        ).as('privacy'),
      ]),
    values: (names) => [...privacyValues, ...names],
  }
}

interface StoredDocument {
  readonly owner: string
  readonly document: string
}

/** Reads a document, as a host does that shows its fields. */
const readDocument = ({ owner, document }: StoredDocument) => ({ owner, document: JSON.parse(document) as JsonObject })

type JsonAccount = Omit<AccountByHand, 'languages' | 'links' | 'documents' | 'privacy'> & {
  readonly languages: AccountByHand['languages'] | string
  readonly links: AccountByHand['links'] | string
  readonly documents: readonly StoredDocument[] | string
  readonly privacy: AccountByHand['privacy'] | string
}

const accountsAlone: Statement<[readonly string[]], Pick<AccountByHand, 'id' | 'username' | 'version'>> = {
  name: 'accounts',
  build: people,
  values: (names) => names,
}

type Owned = 'language_proficiencies' | 'social_links' | 'extended_profiles' | 'preferences'

/** Makes the statement that reads the rows of some people in one table. */
function rowsOf<Row>(
  table: Owned,
  condition?: { readonly term: Expression<SqlBool>; readonly values: readonly unknown[] },
): Statement<[readonly UserId[]], Row & { readonly user_id: UserId }> {
  return {
    name: `rows of ${table}`,
    build(db, ids) {
      const [id] = ids
      const query = db.selectFrom(`usercore_${table}`).selectAll()
      const some =
        id !== undefined && ids.length === 1 ? query.where('user_id', '=', id) : query.where('user_id', 'in', ids)
      return (condition === undefined ? some : some.where(condition.term)).$castTo<Row & { readonly user_id: UserId }>()
    },
    values: (ids) => [...ids, ...(condition?.values ?? [])],
  }
}

const privacy = sql<SqlBool>`(\`key\` = ${privacyValues[0]} or \`key\` like ${privacyValues[1]})`

const languagesOf = rowsOf<object>('language_proficiencies')
const linksOf = rowsOf<object>('social_links')
const documentsOf = rowsOf<StoredDocument>('extended_profiles')
const privacyOf = rowsOf<object>('preferences', { term: privacy, values: privacyValues })

const asJson = { postgres: accountsAsJson(postgresArray), sqlite: accountsAsJson(sqliteArray as typeof postgresArray) }

/** Reads accounts by their names. */
export async function readAccounts(
  on: Executor,
  { dialect }: Place,
  names: readonly string[],
): Promise<AccountByHand[]> {
  if (dialect !== 'mysql') {
    const { rows } = await on.run(asJson[dialect], names)
    return rows.map((row) => ({
      ...row,
      languages: parsed(row.languages),
      links: parsed(row.links),
      documents: parsed(row.documents).map(readDocument),
      privacy: parsed(row.privacy),
    }))
  }
  const { rows } = await on.run(accountsAlone, names)
  const ids = rows.map(({ id }) => id)
  const languages = Map.groupBy((await on.run(languagesOf, ids)).rows, ownerOf)
  const links = Map.groupBy((await on.run(linksOf, ids)).rows, ownerOf)
  const documents = Map.groupBy((await on.run(documentsOf, ids)).rows, ownerOf)
  const preferences = Map.groupBy((await on.run(privacyOf, ids)).rows, ownerOf)
  return rows.map((row) => ({
    ...row,
    languages: languages.get(row.id) ?? [],
    links: links.get(row.id) ?? [],
    documents: (documents.get(row.id) ?? []).map(readDocument),
    privacy: preferences.get(row.id) ?? [],
  }))
}

const ownerOf = (row: { readonly user_id: UserId }) => row.user_id

/** Returns a list that SQLite gives as text. */
export function parsed<Member>(list: readonly Member[] | string): readonly Member[] {
  return typeof list === 'string' ? (JSON.parse(list) as Member[]) : list
}
