import { type RawBuilder, sql } from 'kysely'
import type { OrgTagRecord } from '../port/org-tag-record.ts'
import type { OrgTagSelector } from '../port/repository.ts'
import type { ValueList } from './dialect.ts'
import { parameter } from './insert-text.ts'
import { isOneOf, listParameter } from './people.ts'
import { isExactly } from './select.ts'
import type { Statements } from './statements.ts'

/** Loads people with their tags: one statement, of the few columns that are needed. */
export async function findOrgTags(on: Statements, { ids, orgs, key }: OrgTagSelector): Promise<OrgTagRecord[]> {
  const people = listParameter(on, 'id', ids)
  const places = listParameter(on, 'text', orgs)
  const ofTags = [...places.parameters, on.canHold('text', key) ? key : null]
  const { rows } = await on.run(
    `org tags ${people.shape} ${places.shape}`,
    () => orgTagsText(on, people, places),
    isJoined(on, people) ? [...people.parameters, ...ofTags] : [...ofTags, ...people.parameters],
  )
  const isAskedFor = isOneOf(on, ids)
  const isWanted = isForeign(on) ? isExactly('org_tags', { org: orgs, key }) : () => true
  const { codec } = on
  const records: OrgTagRecord[] = []
  for (const row of rows) {
    const user_id = codec.id(row.user_id)
    if (!isAskedFor(user_id)) continue
    const hasTag = row.modified_at !== null && isWanted(row)
    records.push({
      user_id,
      username: text(row.username),
      email: text(row.email),
      profile_name: textOrNull(row.profile_name),
      value: hasTag ? textOrNull(row.value) : null,
      modified_at: hasTag ? codec.instant(row.modified_at) : null,
    })
  }
  return records
}

const text = (cell: unknown) => (typeof cell === 'string' ? cell : String(cell))
const textOrNull = (cell: unknown) => (cell === null ? null : text(cell))

/** Tells whether another system keeps the tags, whose collations can take more for equal. */
function isForeign({ names }: Statements): boolean {
  return names.layout?.keeps('org_tags') === true
}

/** Tells whether people are found by a join with their ids: by the primary key of a table of ours. */
function isJoined({ names }: Statements, people: ValueList): people is ValueList & Required<Pick<ValueList, 'asRows'>> {
  return names.users === undefined && people.asRows !== undefined
}

function orgTagsText(on: Statements, people: ValueList, places: ValueList): RawBuilder<unknown> {
  const id = on.column('users', 'id', 'person')
  const [user_id, source, isWanted] = isJoined(on, people)
    ? [
        people.asRows.value,
        // The words that keep SQLite from beginning with the other table.
        sql`${people.asRows.source} cross join ${on.source('users')}`,
        sql`${id} = ${people.asRows.value}`,
      ]
    : [on.cell('users', 'id', 'person'), on.source('users'), people.contains(id)]
  const columns = [
    sql`${user_id} as user_id`,
    sql`${on.cell('users', 'username', 'person')} as username`,
    sql`${on.cell('users', 'email', 'person')} as email`,
    sql`${on.cell('profiles', 'name', 'profile')} as profile_name`,
    ...(isForeign(on) ? ['org', 'key', 'value', 'modified_at'] : ['value', 'modified_at']).map(
      (column) => sql`${on.cell('org_tags', column, 'tag')} as ${sql.id(column)}`,
    ),
  ]
  return sql`select ${sql.join(columns)} from ${source} as person
    left join ${on.source('profiles')} as profile on profile.user_id = ${id}
    left join ${on.source('org_tags')} as tag on tag.user_id = ${id}
      and ${places.contains(sql.ref('tag.org'))} and ${sql.ref('tag.key')} = ${parameter}
    where ${isWanted}`
}
