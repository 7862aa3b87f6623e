import { type RawBuilder, sql } from 'kysely'
import { ownPart } from '../../port/owners.ts'
import type { AccountHistoryRow, ExtendedProfileRow, UserId } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { applyWrite } from '../apply-write.ts'
import { inOneCollation } from '../dialects/mysql.ts'
import { parameter } from '../insert-text.ts'
import { select } from '../select.ts'
import type { Places } from '../table-definition.ts'
import { base, ours, theirs, type Unit } from './kept-table.ts'
import { lockAccounts } from './lock-rows.ts'
import { hasDocument, platformNames, withDocument, withHistory, withoutDocument, withoutHistory } from './meta.ts'

/** Selects the document of the holder in `meta`: all of it but the platform's own names. */
export function documentIn(meta: RawBuilder<unknown>): RawBuilder<unknown> {
  const paths = sql.join(platformNames.map((name) => sql.lit(`$.${name}`)))
  // The inner condition is not evaluated for a text that is no JSON; `concat` makes text of it, which JSON functions
  // quote.
  return sql`if(if(json_valid(${meta}), json_contains_path(${meta}, 'one', ${paths}), 0),
    ${inOneCollation(sql`concat(json_remove(${meta}, ${paths}), '')`)}, ${inOneCollation(meta)})`
}

/**
 * Selects extended profiles: the holder's section from `meta`, with its schema version from our table, where the
 * document of that row is empty; the sections of others from our table.
 *
 * Two rows for each profile, of which those without a section are dropped: a union would be read as a whole each time.
 */
export function extendedProfiles(places: Places): RawBuilder<unknown> {
  return sql`(select base.user_id,
      if(kind.own, ${sql.lit(ownPart)}, part.owner) as owner,
      if(kind.own, ${documentIn(base('meta'))}, ${inOneCollation(sql`part.document`)}) as document,
      coalesce(part.schema_version, 1) as schema_version
    from ${theirs(places, 'auth_userprofile')} as base cross join (select 1 as own union all select 0) as kind
    left join ${ours(places, 'extended_profiles')} as part
      on part.user_id = base.user_id and (part.owner = ${sql.lit(ownPart)}) = kind.own
    where if(kind.own, base.meta <> '', part.user_id is not null))`
}

/** Selects the people who have any section. */
export function ownersOfParts(places: Places): RawBuilder<unknown> {
  return sql`(select base.user_id from ${theirs(places, 'auth_userprofile')} as base
    where base.meta <> '' or exists (select 1 from ${ours(places, 'extended_profiles')} as part
      where part.user_id = base.user_id and part.owner <> ${sql.lit(ownPart)}))`
}

/** A write of extended profiles. */
export type ExtendedProfileWrite = Extract<Write, OfTable<'extended_profiles'>>

type OfTable<Name> =
  | { readonly insert: Name }
  | { readonly upsert: Name }
  | { readonly update: Name }
  | { readonly delete: Name }

/** Applies a write of extended profiles to the tables that hold the sections. */
export async function writeExtendedProfiles(unit: Unit, write: ExtendedProfileWrite): Promise<boolean> {
  if ('insert' in write) return save(unit, write.rows, true)
  if ('upsert' in write) return save(unit, write.rows, false)
  const found = await select(unit.on, 'extended_profiles', write.where)
  if (write.guarded === true && found.length !== 1) return false
  await lockAccounts(
    unit,
    found.map(({ user_id }) => user_id),
  )
  if ('update' in write) {
    const { set } = write
    return save(
      unit,
      found.map((row) => ({ ...row, ...set })),
      false,
    )
  }
  const own = found.filter(({ owner }) => owner === ownPart)
  await changeMeta(
    unit,
    own.map(({ user_id }) => user_id),
    withoutDocument,
  )
  for (const [owner, rows] of Map.groupBy(found, (row) => row.owner)) {
    await applyWrite(unit.on, {
      delete: 'extended_profiles',
      where: { owner, user_id: rows.map(({ user_id }) => user_id) },
    })
  }
  return true
}

async function save(unit: Unit, rows: readonly ExtendedProfileRow[], areNew: boolean): Promise<boolean> {
  await lockAccounts(
    unit,
    rows.map(({ user_id }) => user_id),
  )
  const own = new Map(rows.filter(({ owner }) => owner === ownPart).map((row) => [row.user_id, row]))
  let existing = 0
  const changed = await changeMeta(unit, [...own.keys()], (meta, user_id) => {
    existing += Number(hasDocument(meta))
    return withDocument(meta, own.get(user_id)?.document ?? '')
  })
  // Without a profile there is no row for it.
  if (changed < own.size || (areNew && existing > 0)) return false
  const others = rows.filter(({ owner }) => owner !== ownPart)
  // Documents that name no version have the first.
  const versions = [...own.values()].filter(({ schema_version }) => schema_version > 1)
  const beside = [...others, ...versions.map((row) => ({ ...row, document: '' }))]
  if (beside.length === 0) return true
  return applyWrite(
    unit.on,
    areNew ? { insert: 'extended_profiles', rows: beside } : { upsert: 'extended_profiles', rows: beside },
  )
}

/** Changes `meta` of people, under the lock of their rows. Returns how many of them have a profile. */
async function changeMeta(
  { on, places }: Unit,
  user_ids: readonly UserId[],
  change: (meta: string, user_id: UserId) => string,
): Promise<number> {
  if (user_ids.length === 0) return 0
  const profiles = theirs(places, 'auth_userprofile')
  const list = on.dialect.list('id', user_ids)
  const { rows } = await on.run(
    `lock meta ${list.shape}`,
    () => sql`select base.id, base.user_id, base.meta from ${profiles} as base
      where ${list.contains(base('user_id'))} for update`,
    list.parameters,
  )
  for (const row of rows) {
    const meta = String(row.meta ?? '')
    const changed = change(meta, on.codec.id(row.user_id))
    if (changed === meta) continue
    await on.run('set meta', () => sql`update ${profiles} set meta = ${parameter} where id = ${parameter}`, [
      changed,
      row.id,
    ])
  }
  return rows.length
}

/** Adds earlier names and addresses to `meta`, beside our own history. */
export async function addToMeta(unit: Unit, rows: readonly AccountHistoryRow[]): Promise<void> {
  for (const [user_id, entries] of Map.groupBy(rows, (row) => row.user_id)) {
    await changeMeta(unit, [user_id], (meta) => entries.reduce(withHistory, meta))
  }
}

/** Removes earlier names and addresses from `meta`. */
export async function removeHistory(unit: Unit, user_ids: readonly UserId[]): Promise<void> {
  await changeMeta(unit, user_ids, withoutHistory)
}
