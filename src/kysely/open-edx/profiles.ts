import { type RawBuilder, sql } from 'kysely'
import { type ProfileRow, tables, type UserId } from '../../port/tables.ts'
import { parameter } from '../insert-text.ts'
import type { Places } from '../table-definition.ts'
import { documentIn } from './extended-profiles.ts'
import { type BaseValues, base, digest, type KeptTable, ours, theirs, type Unit } from './kept-table.ts'

type SameColumn = Exclude<keyof ProfileRow, 'version'>

/** The columns of profiles that have the same name in both: all columns of the original. */
const sameColumns = Object.keys(tables.profiles.columns).filter((column) => column !== 'version') as SameColumn[]

/** Versions above this are not counted but made from the stored values: the original has written the account. */
const counted = sql.lit(2 ** 48)

/**
 * Profiles. Our table of that name keeps the version that we gave an account, and the digest of its values then: the
 * version holds while the account is still the same.
 */
export function profiles(places: Places): KeptTable<'profiles'> {
  const columns = Object.fromEntries(sameColumns.map((column) => [column, base(column)])) as Record<
    SameColumn,
    RawBuilder<unknown>
  >
  return {
    base: 'auth_userprofile',
    rows: (locks) => {
      const content = accountDigest(places, locks)
      return {
        from: sql`${theirs(places, 'auth_userprofile')} as base
          left join ${ours(places, 'profiles')} as sealed on sealed.user_id = base.user_id`,
        cells: {
          ...columns,
          // Not nullable there.
          location: sql`nullif(base.location, '')`,
          version: sql`if(sealed.digest = ${content}, sealed.version, ${counted} + ${content})`,
        },
      }
    },
    stored: Object.fromEntries(sameColumns.map((column) => [column, column])),
    defaults: { meta: '', courseware: 'course.xml', language: '' },
    derive: async (_, rows) => rows.map(({ location }) => (location === null ? { location: '' } : {})),
  }
}

/** The digest of all values that the version of an account covers. The platform's own data in `meta` is not in it. */
function accountDigest(places: Places, locks: boolean): RawBuilder<unknown> {
  const all = (from: RawBuilder<unknown>, ...values: RawBuilder<unknown>[]) =>
    sql`(select json_array(count(*), bit_xor(${digest(...values)})) from ${from}${locks ? sql` for update` : sql``})`
  const part = (table: string) => sql`${theirs(places, table)} as part where part.user_profile_id = base.id`
  const ofUser = (table: RawBuilder<unknown>) => sql`${table} as part where part.user_id = base.user_id`
  return digest(
    base('id'),
    ...sameColumns.map(base),
    documentIn(base('meta')),
    all(part('student_languageproficiency'), sql`part.code`),
    all(part('student_sociallink'), sql`part.platform`, sql`part.social_link`),
    all(ofUser(ours(places, 'extended_profiles')), sql`part.owner`, sql`part.document`, sql`part.schema_version`),
    all(ofUser(theirs(places, 'auth_accountrecovery')), sql`part.secondary_email`, sql`part.is_active`),
  )
}

/** Stores the versions that accounts got in a unit, once all their rows are written. */
export async function sealProfiles({ on, places, versions }: Unit): Promise<void> {
  const profiles = [...versions.values()].filter(({ table }) => table === 'profiles')
  for (const [version, rows] of Map.groupBy(profiles, (row) => row.version)) {
    const list = on.dialect.list(
      'id',
      rows.map(({ key }) => key.user_id),
    )
    await on.run(
      `seal ${list.shape}`,
      () => sql`insert into ${ours(places, 'profiles')} (user_id, version, digest)
        select base.user_id, ${parameter}, ${accountDigest(places, false)}
        from ${theirs(places, 'auth_userprofile')} as base where ${list.contains(base('user_id'))}
        on duplicate key update version = values(version), digest = values(digest)`,
      [version, ...list.parameters],
    )
  }
}

/** Keeps rows of a person in a table of the original that refers to profiles. */
function partOfProfile(places: Places, table: string) {
  return sql`${theirs(places, table)} as base
    join ${theirs(places, 'auth_userprofile')} as profile on profile.id = base.user_profile_id`
}

/** Returns the profiles that new rows belong to. */
async function profilesOf(
  { on, places }: Unit,
  rows: readonly { readonly user_id?: UserId }[],
): Promise<BaseValues[] | undefined> {
  const list = on.dialect.list('id', [...new Set(rows.flatMap(({ user_id }) => user_id ?? []))])
  if (list.parameters.length === 0) return rows.map(() => ({}))
  const found = await on.run(
    `profiles of ${list.shape}`,
    () => sql`select base.id, base.user_id from ${theirs(places, 'auth_userprofile')} as base
      where ${list.contains(base('user_id'))} lock in share mode`,
    list.parameters,
  )
  const ids = new Map(found.rows.map((row) => [on.codec.id(row.user_id), row.id]))
  const values = rows.map(({ user_id = 0 }) => ({ user_profile_id: ids.get(user_id) }))
  return values.every(({ user_profile_id }) => user_profile_id !== undefined) ? values : undefined
}

export function languageProficiencies(places: Places): KeptTable<'language_proficiencies'> {
  return {
    base: 'student_languageproficiency',
    rows: () => ({
      from: partOfProfile(places, 'student_languageproficiency'),
      cells: { user_id: sql`profile.user_id`, code: base('code') },
    }),
    stored: { code: 'code' },
    isPartOfAccount: true,
    derive: profilesOf,
    derived: ['user_profile_id'],
  }
}

/** Links. No constraint keeps a platform from coming twice: then the newest counts, and a write replaces all. */
export function socialLinks(places: Places): KeptTable<'social_links'> {
  const links = theirs(places, 'student_sociallink')
  return {
    base: 'student_sociallink',
    rows: (locks) => {
      const isNewest = sql`not exists (select 1 from ${links} as newer
        where newer.user_profile_id = base.user_profile_id and newer.platform = base.platform and newer.id > base.id)`
      const from = partOfProfile(places, 'student_sociallink')
      return {
        from: locks ? from : sql`${from} and ${isNewest}`,
        cells: { user_id: sql`profile.user_id`, platform: base('platform'), social_link: base('social_link') },
      }
    },
    stored: { platform: 'platform', social_link: 'social_link' },
    isPartOfAccount: true,
    isWithoutKey: true,
    derive: profilesOf,
    derived: ['user_profile_id'],
  }
}
