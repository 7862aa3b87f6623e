import { type RawBuilder, sql } from 'kysely'
import type { PreferenceRecord } from '../port/preference-record.ts'
import type { PreferenceSelector } from '../port/repository.ts'
import type { ValueList } from './dialect.ts'
import { parameter } from './insert-text.ts'
import { askedFor, listOf, listParameter, type PeopleSelector, selectorOf } from './people.ts'
import { isExactly } from './select.ts'
import type { Statements } from './statements.ts'

/** Loads preferences and tags of people: one statement for any number of names and keys. */
export async function findPreferences(on: Statements, request: PreferenceSelector): Promise<PreferenceRecord[]> {
  const { by, keys, org, course_id } = request
  const selector = selectorOf(on, by)
  const wanted = keys && listParameter(on, 'text', keys)
  const placeOf = (value: string) => (on.canHold('text', value) ? value : null)
  const wantedParameters = wanted?.parameters ?? []
  const { rows } = await on.run(
    `preferences by ${selector.shape} ${wanted?.shape} ${wanted === undefined} ${org === undefined} ${course_id === undefined}`,
    () => preferencesText(on, selector, wanted, request),
    [
      ...wantedParameters,
      ...(org === undefined ? [] : [placeOf(org), ...wantedParameters]),
      ...(course_id === undefined ? [] : [placeOf(course_id), ...wantedParameters]),
      ...selector.list.parameters,
    ],
  )
  const { codec } = on
  const ofKeys = { key: keys }
  const records = rows.map((row) => ({
    user: codec.row('users', row),
    preferences: codec.jsonRows('preferences', row.preferences).filter(isExactly('preferences', ofKeys)),
    org_tags: codec.jsonRows('org_tags', row.org_tags ?? null).filter(isExactly('org_tags', { ...ofKeys, org })),
    course_tags: codec
      .jsonRows('course_tags', row.course_tags ?? null)
      .filter(isExactly('course_tags', { ...ofKeys, course_id })),
    preference_count: Number(row.preference_count),
  }))
  return records.filter(askedFor(on, by))
}

function preferencesText(
  on: Statements,
  { column, list }: PeopleSelector,
  keys: ValueList | undefined,
  { org, course_id }: PreferenceSelector,
): RawBuilder<unknown> {
  const wanted = keys === undefined ? sql`` : sql` and ${keys.contains(sql.ref('part.key'))}`
  const lists: RawBuilder<unknown>[] = [listOf(on, 'preferences', wanted)]
  if (org !== undefined) lists.push(listOf(on, 'org_tags', sql` and part.org = ${parameter}${wanted}`))
  if (course_id !== undefined) lists.push(listOf(on, 'course_tags', sql` and part.course_id = ${parameter}${wanted}`))
  const count = sql`(select count(*) from ${on.source('preferences')} as part
    where part.user_id = ${on.column('users', 'id', 'person')} and part.value is not null) as preference_count`
  return on.dialect.aggregating(sql`select ${sql.join([...on.selected('users', 'person'), ...lists, count])}
    from ${on.source('users')} as person where ${list.contains(on.column('users', column, 'person'))}`)
}
