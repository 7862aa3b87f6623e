import { type RawBuilder, sql } from 'kysely'
import type { PreferenceRecord } from '../preferences/preference-record.ts'
import type { PreferenceSelector } from '../repository.ts'
import { columnsOf, decodeJsonRows, decodeRow, storable } from './codecs.ts'
import { listOf, selectorOf } from './people.ts'
import { parameter, type Statements } from './statements.ts'

/** Loads preferences and tags of people: one statement, which takes names and keys as one parameter each. */
export async function findPreferences(on: Statements, request: PreferenceSelector): Promise<PreferenceRecord[]> {
  const { by, keys, org, course_id } = request
  const { column, list } = selectorOf(on, by)
  const wanted = keys === undefined ? [] : [on.dialect.encodeList('text', storable(keys))]
  const { rows } = await on.run(
    `preferences by ${column} ${keys === undefined} ${org === undefined} ${course_id === undefined}`,
    () => preferencesText(on, column, request),
    [
      ...wanted,
      ...(org === undefined ? [] : [org, ...wanted]),
      ...(course_id === undefined ? [] : [course_id, ...wanted]),
      list,
    ],
  )
  return rows.map((row) => ({
    user: decodeRow('users', row),
    preferences: decodeJsonRows('preferences', row.preferences),
    org_tags: decodeJsonRows('org_tags', row.org_tags ?? null),
    course_tags: decodeJsonRows('course_tags', row.course_tags ?? null),
    preference_count: Number(row.preference_count),
  }))
}

function preferencesText(on: Statements, column: string, { keys, org, course_id }: PreferenceSelector) {
  const wanted = keys === undefined ? sql`` : sql` and ${on.dialect.isOneOf(sql.ref('part.key'), parameter)}`
  const lists: RawBuilder<unknown>[] = [listOf(on, 'preferences', wanted)]
  if (org !== undefined) lists.push(listOf(on, 'org_tags', sql` and part.org = ${parameter}${wanted}`))
  if (course_id !== undefined) lists.push(listOf(on, 'course_tags', sql` and part.course_id = ${parameter}${wanted}`))
  const count = sql`(select count(*) from ${sql.table(on.tableName('preferences'))} as part
    where part.user_id = person.id and part.value is not null) as preference_count`
  const columns = columnsOf('users').map((name) => sql.ref(`person.${name}`))
  return sql`select ${sql.join([...columns, ...lists, count])} from ${sql.table(on.tableName('users'))} as person
    where ${on.dialect.isOneOf(sql.ref(`person.${column}`), parameter)}`
}
