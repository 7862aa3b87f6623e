import { jsonArrayFrom as postgresArray } from 'kysely/helpers/postgres'
import { jsonArrayFrom as sqliteArray } from 'kysely/helpers/sqlite'
import type { UserId } from '../../src/port/tables.ts'
import { parsed } from './by-hand.ts'
import type { Executor, Statement } from './executor.ts'
import type { Place } from './places.ts'

/** A preference as it is stored. */
export interface PreferenceByHand {
  readonly key: string
  readonly value: string | null
  readonly version: number
}

const preferencesOf: Statement<
  [name: string],
  { readonly [Name in 'key' | 'value' | 'version']: PreferenceByHand[Name] | null } & { readonly id: UserId }
> = {
  name: 'preferences',
  build: (db, name) =>
    db
      .selectFrom('usercore_users as u')
      .leftJoin('usercore_preferences as f', 'f.user_id', 'u.id')
      .select(['u.id', 'f.key', 'f.value', 'f.version'])
      .where('u.username_key', '=', name),
  values: (name) => [name],
}

/** Reads all preferences of a person: one join. Throws for an unknown person. */
export async function readPreferences(
  on: Executor,
  name: string,
): Promise<{ readonly id: UserId; readonly preferences: readonly PreferenceByHand[] }> {
  const { rows } = await on.run(preferencesOf, name)
  const [first] = rows
  if (first === undefined) throw new Error('the account is missing')
  const preferences = rows.flatMap(({ key, value, version }) =>
    key === null || version === null ? [] : [{ key, value, version }],
  )
  return { id: first.id, preferences }
}

type Choice = { readonly key: string; readonly value: string | null }
type Chosen = {
  readonly id: UserId
  readonly own: readonly Choice[] | string
  readonly tags: readonly Choice[] | string
}

/** Makes the statement that reads some preferences of a person and of an organisation as JSON. */
function chosenAsJson(
  jsonArrayFrom: typeof postgresArray,
): Statement<[name: string, keys: readonly string[], org: string], Chosen> {
  return {
    name: 'chosen',
    build: (db, name, keys, org) =>
      db
        .selectFrom('usercore_users as u')
        .select((eb) => [
          'u.id',
          jsonArrayFrom(
            eb
              .selectFrom('usercore_preferences as f')
              .select(['f.key', 'f.value'])
              .whereRef('f.user_id', '=', 'u.id')
              .where('f.key', 'in', keys),
          ).as('own'),
          jsonArrayFrom(
            eb
              .selectFrom('usercore_org_tags as t')
              .select(['t.key', 't.value'])
              .whereRef('t.user_id', '=', 'u.id')
              .where('t.org', '=', org)
              .where('t.key', 'in', keys),
          ).as('tags'),
        ])
        .where('u.username_key', '=', name),
    values: (name, keys, org) => [...keys, org, ...keys, name],
  }
}

const chosen = { postgres: chosenAsJson(postgresArray), sqlite: chosenAsJson(sqliteArray as typeof postgresArray) }

const idOf: Statement<[name: string], { readonly id: UserId }> = {
  name: 'id of',
  build: (db, name) => db.selectFrom('usercore_users').select('id').where('username_key', '=', name),
  values: (name) => [name],
}

const ownChoices: Statement<[id: UserId, keys: readonly string[]], Choice> = {
  name: 'own choices',
  build: (db, id, keys) =>
    db.selectFrom('usercore_preferences').select(['key', 'value']).where('user_id', '=', id).where('key', 'in', keys),
  values: (id, keys) => [id, ...keys],
}

const tagChoices: Statement<[id: UserId, keys: readonly string[], org: string], Choice> = {
  name: 'tag choices',
  build: (db, id, keys, org) =>
    db
      .selectFrom('usercore_org_tags')
      .select(['key', 'value'])
      .where('user_id', '=', id)
      .where('org', '=', org)
      .where('key', 'in', keys),
  values: (id, keys, org) => [id, org, ...keys],
}

/** Returns the values that apply to a person: those of the organisation, else those of the person. */
export async function resolvePreferences(
  on: Executor,
  { dialect }: Place,
  name: string,
  keys: readonly string[],
  org: string,
): Promise<Record<string, string | null>> {
  const { own, tags } =
    dialect === 'mysql' ? await joined(on, name, keys, org) : await asJson(on, dialect, name, keys, org)
  const values = new Map([...own, ...tags].map(({ key, value }) => [key, value]))
  return Object.fromEntries(keys.map((key) => [key, values.get(key) ?? null]))
}

async function asJson(
  on: Executor,
  dialect: 'postgres' | 'sqlite',
  name: string,
  keys: readonly string[],
  org: string,
) {
  const { rows } = await on.run(chosen[dialect], name, keys, org)
  return { own: parsed(rows[0]?.own ?? []), tags: parsed(rows[0]?.tags ?? []) }
}

async function joined(on: Executor, name: string, keys: readonly string[], org: string) {
  const [person] = (await on.run(idOf, name)).rows
  if (person === undefined) throw new Error('the account is missing')
  const own = await on.run(ownChoices, person.id, keys)
  const tags = await on.run(tagChoices, person.id, keys, org)
  return { own: own.rows, tags: tags.rows }
}
