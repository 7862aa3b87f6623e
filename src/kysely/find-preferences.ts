import { sql } from 'kysely'
import type { PreferenceRecord } from '../port/preference-record.ts'
import type { PreferenceSelector } from '../port/repository.ts'
import type { TableName } from '../port/tables.ts'
import { parameter } from './insert-text.ts'
import { askedFor, listParameter, selectorOf } from './people.ts'
import { type PeopleList, readPeople } from './read-people.ts'
import { isExactly } from './select.ts'
import type { Statements } from './statements.ts'

/** Loads preferences and tags of people: one statement for any number of names and keys. */
export async function findPreferences(on: Statements, request: PreferenceSelector): Promise<PreferenceRecord[]> {
  const { by, keys, org, course_id } = request
  const wanted = keys && listParameter(on, 'text', keys)
  const ofKeys = wanted === undefined ? sql`` : sql` and ${wanted.contains(sql.ref('part.key'))}`
  const keyParameters = wanted?.parameters ?? []
  /** Selects the rows of one organisation or course; a value that no column can hold matches none. */
  const tagsOf = (table: TableName, column: string, value: string | undefined): PeopleList[] =>
    value === undefined
      ? []
      : [
          {
            table,
            wanted: sql` and ${sql.ref(`part.${column}`)} = ${parameter}${ofKeys}`,
            parameters: [on.canHold('text', value) ? value : null, ...keyParameters],
          },
        ]
  const people = await readPeople(on, {
    shape: `preferences ${wanted?.shape} ${wanted === undefined} ${org === undefined} ${course_id === undefined}`,
    by: selectorOf(on, by),
    singles: [],
    lists: [
      { table: 'preferences', wanted: ofKeys, parameters: keyParameters },
      ...tagsOf('org_tags', 'org', org),
      ...tagsOf('course_tags', 'course_id', course_id),
    ],
    number: sql`(select count(*) from ${on.source('preferences')} as part
      where part.user_id = ${on.column('users', 'id', 'person')} and part.value is not null)`,
  })
  const records = people.map(({ user, list, number }) => ({
    user,
    preferences: list('preferences').filter(isExactly('preferences', { key: keys })),
    org_tags: list('org_tags').filter(isExactly('org_tags', { key: keys, org })),
    course_tags: list('course_tags').filter(isExactly('course_tags', { key: keys, course_id })),
    preference_count: Number(number),
  }))
  return records.filter(askedFor(on, by))
}
